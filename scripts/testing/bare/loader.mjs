import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packages } from './packages.mjs';
import transpiler from './transpile.cjs';

const rootDir = join(import.meta.dirname, '../../..');

const sources = new Map([...packages].map(([name, path]) => [name, pathToFileURL(join(rootDir, path)).href]));
sources.set('@jest/globals', new URL('./globals.mjs', import.meta.url).href);

/** Node's hook: packages of this checkout and `.js` imports between sources lead to TypeScript. */
export function resolve(specifier, context, next) {
  const source = sources.get(specifier);
  if (source !== undefined) return { url: source, shortCircuit: true };
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.split('?')[0].endsWith('.ts')) {
    const url = new URL(`${specifier.slice(0, -3)}.ts`, context.parentURL);
    if (existsSync(url)) return { url: url.href, shortCircuit: true };
  }
  return next(specifier, context);
}

/** Node's hook: TypeScript is transpiled. */
export function load(url, context, next) {
  const [file] = url.split('?');
  if (!file.startsWith('file:') || !file.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: transpiler.transpile(fileURLToPath(file)).code, shortCircuit: true };
}
