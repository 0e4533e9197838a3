import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runCommand } from '../run/run-command.mjs';
import { SourceUnavailable } from './source-unavailable.mjs';

/** How long the download site may stay silent, at first and in between, before the next source gets its turn. */
const silenceMs = 15_000;

/**
 * Downloads MongoDB's own build for this machine. Which one that is, mongodb-memory-server knows; the download itself is done
 * here, because its own one goes on without checking the site's certificate and the file's hash.
 * @param {{ target: string, signal?: AbortSignal, log: (line: string) => void, silenceLimitMs?: number }} options target: where mongod goes
 * @returns {Promise<string>} target
 * @throws {SourceUnavailable} with the reason
 */
export async function fetchOfficialMongod({ target, signal, log, silenceLimitMs = silenceMs }) {
  mkdirSync(dirname(target), { recursive: true });
  // Beside the target, so that the last step is one atomic rename.
  const workDir = mkdtempSync(join(dirname(target), 'download-'));
  try {
    const url = await downloadUrl();
    log(`downloading MongoDB from ${new URL(url).host}`);
    const archive = join(workDir, basename(new URL(url).pathname));
    const expectedHash = (await download(`${url}.sha256`, undefined, { signal, silenceLimitMs })).trim().split(/\s/)[0];
    const actualHash = await download(url, archive, { signal, silenceLimitMs });
    if (actualHash !== expectedHash) throw new SourceUnavailable('the downloaded file is broken (its SHA-256 is not the published one)');
    renameSync(await unpackMongod(archive, workDir, signal), target);
    return target;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SourceUnavailable) throw error;
    throw new SourceUnavailable(`MongoDB's own download failed: ${error.cause?.message ?? error.message}`);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function downloadUrl() {
  const { default: { DryMongoBinary } } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js');
  const { default: { MongoBinaryDownloadUrl } } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
  const options = await DryMongoBinary.generateOptions({});
  return new MongoBinaryDownloadUrl({ ...options, platform: process.platform }).getDownloadUrl();
}

/**
 * @param {string | undefined} file where the body goes; without it the body itself is returned
 * @returns {Promise<string>} the body's text, or the SHA-256 of the file
 */
async function download(url, file, { signal, silenceLimitMs }) {
  const silence = new AbortController();
  const tooQuiet = () => silence.abort(new SourceUnavailable(`${new URL(url).host} did not answer within ${silenceLimitMs / 1000} s`));
  let timer = setTimeout(tooQuiet, silenceLimitMs);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal });
    if (!response.ok) throw new SourceUnavailable(`${new URL(url).host} answered ${response.status}`);
    if (!file) return await response.text();
    const hash = createHash('sha256');
    const watch = new Transform({
      transform(chunk, _encoding, done) {
        clearTimeout(timer);
        timer = setTimeout(tooQuiet, silenceLimitMs);
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(response.body, watch, createWriteStream(file));
    return hash.digest('hex');
  } finally {
    clearTimeout(timer);
  }
}

/** Every platform that MongoDB is built for has a `tar`, and the one of Windows and macOS reads .zip as well. */
async function unpackMongod(archive, workDir, signal) {
  const { exitCode, output } = await runCommand('tar', ['-xf', archive, '-C', workDir], { capture: true, signal });
  if (exitCode !== 0) throw new SourceUnavailable(`the downloaded file could not be unpacked: ${output.trim().split('\n')[0]}`);
  const found = readdirSync(workDir, { recursive: true }).find((path) => /[/\\]bin[/\\]mongod(\.exe)?$/.test(path));
  if (!found) throw new SourceUnavailable('the downloaded file holds no mongod');
  return join(workDir, found);
}
