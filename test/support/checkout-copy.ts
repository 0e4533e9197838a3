import { spawn } from 'node:child_process';
import { constants, copyFileSync, cpSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = ['apps', 'libs', 'plugins', 'scripts', 'templates', 'test', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.base.json', 'jest.config.mjs', '.npmrc'];
/** npm writes it anew, in place. */
const WRITTEN_BY_NPM = '.package-lock.json';

/** The checkout, built and installed as it is, in a temporary folder where a test may change it. */
export interface CheckoutCopy {
  root: string;
  /** Runs a program in it and gives all that it has written. npm stays offline. */
  run(command: string, args: readonly string[]): Promise<{ code: number | null; output: string }>;
  remove(): void;
}

/** Copies the checkout. What npm has installed is linked file by file, not copied: hundreds of megabytes that nobody writes to. */
export function copyCheckout(): CheckoutCopy {
  const root = mkdtempSync(join(process.env.FIRSTHAND_TEST_DIR ?? tmpdir(), 'checkout-'));
  const installed = [join(ROOT, 'node_modules')];
  const isSource = (path: string): boolean => {
    if (basename(path) !== 'node_modules') return true;
    installed.push(path);
    return false;
  };
  for (const name of COPIED) cpSync(join(ROOT, name), join(root, name), { recursive: true, preserveTimestamps: true, filter: isSource });
  for (const folder of installed) linkTree(folder, join(root, relative(ROOT, folder)));
  return {
    root,
    run: (command, args) => new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: root, env: { ...process.env, npm_config_offline: 'true' }, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      const collect = (chunk: Buffer): void => void (output += chunk.toString());
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
      child.once('error', reject).once('close', (code) => resolve({ code, output }));
    }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function linkTree(from: string, to: string): void {
  mkdirSync(to);
  // Caches are nobody's dependency.
  for (const entry of readdirSync(from, { withFileTypes: true }).filter(({ name }) => name !== '.cache')) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.name === WRITTEN_BY_NPM || !hasLinked(source, target)) copyFileSync(source, target, constants.COPYFILE_FICLONE);
  }
}

/** False where the temporary folder is on another disk. */
function hasLinked(source: string, target: string): boolean {
  try {
    linkSync(source, target);
    return lstatSync(target).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false;
    throw error;
  }
}
