import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyCheckout, type CheckoutCopy } from '../support/checkout-copy.js';
import { freePort } from '../support/start-host.js';
import { until } from '../support/until.js';

/** The commands of the README as they are typed, in a copy of the checkout, on an empty data folder and servers of their own. */
const WITHIN_MS = 180_000;
let copy: CheckoutCopy;
let env: NodeJS.ProcessEnv;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  copy = copyCheckout();
  const { MONGODB_URI: _mongo, REDIS_URL: _redis, FIRSTHAND_TEST: _test, NODE_ENV: _env, ...rest } = process.env;
  env = { ...rest, PORT: String(await freePort()), FIRSTHAND_BIN_DIR: dirname(process.env.FIRSTHAND_MONGOD ?? ''), npm_config_offline: 'true' };
}, WITHIN_MS);
afterAll(async () => {
  // A test that failed half-way: the scripts stop what they have started.
  await Promise.all([...running].map((child) => new Promise((resolve) => child.once('exit', resolve).kill('SIGTERM'))));
  copy.remove();
}, WITHIN_MS);

interface Run { child: ChildProcess; output(): string; code: Promise<number | null> }

function run(...args: string[]): Run {
  const child = spawn(process.execPath, args, { cwd: copy.root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const code = new Promise<number | null>((resolve) => child.once('exit', (exitCode) => { running.delete(child); resolve(exitCode); }));
  return { child, output: () => output, code };
}

/** Waits until it has said so, and gives all that it has said. */
async function said({ output, child }: Run, text: string): Promise<string> {
  await until(output, (all) => all.includes(text) || child.exitCode !== null, WITHIN_MS);
  expect(output()).toContain(text);
  return output();
}

const READY = 'Stop with Ctrl-C.';
const serverPids = (): number[] => ['host.pid', 'mongodb/pid', 'valkey/pid'].map((file) => Number(readFileSync(join(copy.root, '.firsthand', file), 'utf8').split(' ')[0]));
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

async function stop({ child, code }: Run): Promise<void> {
  const pids = serverPids();
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  child.kill('SIGINT');
  expect(await code).toBe(0);
  expect(pids.map(isAlive)).toEqual([false, false, false]);
}

it('npm start plays the demo on an empty database, says where to go and shows the password; Ctrl-C stops all that it started', async () => {
  const first = run('scripts/start.mjs');
  const output = await said(first, READY);
  for (const path of ['/docs', '/dictionary', '/privacy/main']) {
    expect(output).toContain(`http://127.0.0.1:${env.PORT}${path}\n`);
    expect((await fetch(`http://127.0.0.1:${env.PORT}${path}`)).status).toBe(200);
  }
  expect(output).toMatch(/demo: balance: .* the difference is 0\n/);
  expect(output).toMatch(/Sign in as owner@firsthand\.localhost with the password [\w-]{24}\n/);

  const other = run('scripts/start.mjs');
  expect(await other.code).toBe(1);
  expect(other.output()).toMatch(/^firsthand: Firsthand already runs from this folder \(pid \d+\)\. Stop it first: .*\n$/);
  await stop(first);
}, WITHIN_MS);

it('a second start is ready within 15 s and plays nothing; after a kill the next one clears up what was left', async () => {
  const second = run('scripts/start.mjs');
  const output = await said(second, READY);
  expect(Number(/ready in ([\d.]+) s/.exec(output)?.[1])).toBeLessThan(15);
  expect(output).not.toMatch(/demo:|password/);
  const left = serverPids();
  second.child.kill('SIGKILL');
  await second.code;
  expect(left.map(isAlive)).toEqual([true, true, true]);

  const third = run('scripts/start.mjs');
  expect((await said(third, READY)).match(/that an earlier run left behind/g)).toHaveLength(3);
  expect(left.map(isAlive)).toEqual([false, false, false]);
  await stop(third);
}, WITHIN_MS);

it.each([
  ['an option that there is not', ['scripts/start.mjs', '--port', '1'], {}, 2, /^firsthand: Unknown option '--port'\. Usage: npm start .*\n$/],
  ['a port that is none', ['scripts/start.mjs'], { PORT: 'abc' }, 1, /^firsthand: PORT is "abc", which is no port\. .*\n$/],
  ['a data folder without its key', ['scripts/start.mjs'], {}, 1, /firsthand: .*secrets\.json is not readable as JSON\. Restore it from a backup: .*\n$/],
])('%s is one line and an exit code', async (what, args, changed, code, line) => {
  const secrets = join(copy.root, '.firsthand/secrets.json');
  const kept = readFileSync(secrets, 'utf8');
  if (what.includes('key')) writeFileSync(secrets, '{');
  const saved = env;
  env = { ...env, ...changed };
  const { code: ended, output } = run(...args);
  env = saved;
  expect([await ended, output()]).toEqual([code, expect.stringMatching(line)]);
  writeFileSync(secrets, kept);
}, WITHIN_MS);

it('npm run dev runs a change of the sources a moment later', async () => {
  const dev = run('scripts/dev.mjs');
  await said(dev, READY);
  const [host] = serverPids();
  const source = join(copy.root, 'apps/host/src/boot/tokens.ts');
  writeFileSync(source, `${readFileSync(source, 'utf8')}\nexport const ADDED = 'while it runs';\n`);
  utimesSync(source, new Date(), new Date());
  await said(dev, 'the host runs the new build');
  expect(serverPids()[0]).not.toBe(host);
  expect(readFileSync(join(copy.root, 'apps/host/dist/boot/tokens.js'), 'utf8')).toContain('while it runs');
  await stop(dev);
}, WITHIN_MS);
