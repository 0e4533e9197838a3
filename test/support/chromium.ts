import { accessSync, constants, existsSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { until } from './until.js';

const namesOnPath = ['chromium', 'chromium-browser', 'google-chrome'];

/** A test's browser talks to the host under test and to nothing else. */
const quietArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/**
 * Launches a headless Chromium: the one that `CHROMIUM_PATH` names, else one on the PATH, else the one that comes with `@sparticuz/chromium`.
 *
 * @returns a Playwright browser; the caller closes it
 * @example
 * const browser = await launchChromium();
 * const page = await browser.newPage();
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPath(), headless: true, args: quietArgs });
}

async function chromiumPath(): Promise<string> {
  const installed = process.env.CHROMIUM_PATH || findOnPath();
  if (installed) return installed;
  return unpacked();
}

/**
 * Unpacks the browser of the package, which takes what lies there for whole: of the spec workers one unpacks, and the others wait for it.
 *
 * @throws Error when the one that unpacks has not come to an end within a minute
 */
async function unpacked(): Promise<string> {
  const { default: packaged } = await import('@sparticuz/chromium');
  const [begun, done] = ['begun', 'done'].map((state) => join(tmpdir(), `chromium-${state}`)) as [string, string];
  const isFirst = await open(begun, 'wx').then((file) => file.close().then(() => true), () => false);
  if (isFirst) {
    const path = await packaged.executablePath();
    await writeFile(done, '');
    return path;
  }
  if (!(await until(() => existsSync(done), Boolean, 60_000))) throw new Error(`${begun} is there and ${done} is not: the browser was not unpacked to its end`);
  return packaged.executablePath();
}

function findOnPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return namesOnPath.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
