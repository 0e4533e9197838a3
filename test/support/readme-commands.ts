import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BEGIN = '<!-- tour:begin -->';
const END = '<!-- tour:end -->';
const PROGRAMS = { bash: '--version', curl: '--version', openssl: 'version' };

/** What one block of commands has printed, stdout and stderr together, and how its last command ended. */
export interface BlockResult {
  lines: string[];
  exitCode: number;
}

/** The fenced `sh` blocks of a page, in order; those in a list without their indent. */
export function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^( *)```sh\n([^]*?)^\1```$/gm)].map(([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

/** The fenced `json` blocks of a page of the documentation, read, in order. */
export function documentsIn(page: string): unknown[] {
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^( *)```json\n([^]*?)^\1```$/gm)].map(([, , block = '']) => JSON.parse(block) as unknown);
}

/** The names of all that a document has, such as `data.changes[].kind`, sorted: by these an example and what it is of are alike. */
export function placesOf(document: unknown, at = ''): string[] {
  const inner = Array.isArray(document) ? document.flatMap((item) => placesOf(item, `${at}[]`))
    : typeof document === 'object' && document !== null ? Object.entries(document).flatMap(([name, value]) => placesOf(value, at === '' ? name : `${at}.${name}`)) : [];
  return inner.length === 0 ? [at] : [...new Set(inner)].sort();
}

/** What stands between the two comments that mark the tour. */
export function tourOf(markdown: string): string {
  const [begin, end] = [markdown.indexOf(BEGIN), markdown.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`The page has no tour: it stands between ${BEGIN} and ${END}.`);
  return markdown.slice(begin, end);
}

/** The blocks without their comments, which a translation translates. */
export function withoutComments(blocks: readonly string[]): string[] {
  return blocks.map((block) => block.replaceAll(/\s+# .*$/gm, ''));
}

/**
 * Runs blocks of commands one after the other in one bash, as somebody who pastes them does, in the root of the checkout or in `cwd`. Programs left in the
 * background are ended with it. Of the environment of the tests the shell sees the PATH alone.
 *
 * @example const [first] = await runBlocks(shellBlocks(page), { env: { HOST: host.url }, withinMs: 60_000 });
 */
export async function runBlocks(blocks: readonly string[], { env, withinMs, cwd = ROOT }: { env: Record<string, string>; withinMs: number; cwd?: string }): Promise<BlockResult[]> {
  for (const [program, argument] of Object.entries(PROGRAMS)) {
    if (spawnSync(program, [argument]).error) throw new Error(`The commands need ${program}, which is not on the PATH.`);
  }
  const endOfBlock = '--- end of block ';
  const script = ['exec 2>&1', ...blocks.map((block) => `${block}\nprintf '\\n${endOfBlock}%s\\n' "$?"`)].join('\n');
  const shell = spawn('bash', ['--noprofile', '--norc', '-c', script], {
    cwd, detached: true, stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env.PATH ?? '', NO_PROXY: '*', ...env },
  });
  let output = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const ended = new Promise((resolve) => shell.once('exit', resolve));
  const tooLate = setTimeout(() => endGroup(shell.pid), withinMs);
  await ended;
  clearTimeout(tooLate);
  endGroup(shell.pid);
  const results = output.split(endOfBlock);
  if (results.length !== blocks.length + 1) throw new Error(`Of ${blocks.length} blocks ${results.length - 1} ended within ${withinMs / 1000} s. They printed:\n${output}`);
  // Each part after the first begins with the exit code of the block before it.
  return blocks.map((_, at) => ({ lines: linesOf(results[at] ?? '', at > 0), exitCode: Number.parseInt(results[at + 1] ?? '', 10) }));
}

function linesOf(text: string, hasCode: boolean): string[] {
  return text.split('\n').slice(hasCode ? 1 : 0).filter((line) => line !== '');
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}
