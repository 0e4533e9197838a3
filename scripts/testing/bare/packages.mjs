import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const rootDir = join(import.meta.dirname, '../../..');

/**
 * The packages of libs and plugins by name, each with the source that specs run on, from the root of the checkout. A lib wins over a plugin: `@firsthand/plugin-sdk` is a lib, `@firsthand/plugin-web` is a plugin.
 * @type {Map<string, string>}
 */
export const packages = new Map(['plugins', 'libs'].flatMap((group) => readdirSync(join(rootDir, group)).map((name) => [
  group === 'plugins' ? `@firsthand/plugin-${name}` : `@firsthand/${name}`, `${group}/${name}/src/index.ts`,
])));
