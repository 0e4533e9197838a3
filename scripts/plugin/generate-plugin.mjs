import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pluginNameOf } from './plugin-id.mjs';

/**
 * Copies the template and fills in `__PLUGIN_ID__` and `__PLUGIN_NAME__`, in contents and in file names. A name that ends in
 * `.template` loses that: npm and the compiler would otherwise take the template itself for a package.
 * @param {{ id: string, templateDir: string, targetDir: string }} options
 * @returns {string[]} the paths written, relative to targetDir, sorted
 */
export function generatePlugin({ id, templateDir, targetDir }) {
  const fill = (text) => text.replaceAll('__PLUGIN_ID__', id).replaceAll('__PLUGIN_NAME__', pluginNameOf(id));
  const files = readdirSync(templateDir, { recursive: true }).filter((path) => statSync(join(templateDir, path)).isFile());
  return files.map((path) => {
    const target = fill(path).replace(/\.template$/, '');
    mkdirSync(dirname(join(targetDir, target)), { recursive: true });
    writeFileSync(join(targetDir, target), fill(readFileSync(join(templateDir, path), 'utf8')));
    return target;
  }).sort();
}

/**
 * Adds a plugin to the references of the root tsconfig.json, below the other plugins, and leaves the rest of the text as it is.
 * @param {string} tsconfig the file's text
 * @param {string} id
 * @returns {string}
 */
export function withPluginReference(tsconfig, id) {
  const entry = `{ "path": "plugins/${id}" }`;
  if (tsconfig.includes(entry)) return tsconfig;
  const lines = tsconfig.split('\n');
  const lastPlugin = lines.findLastIndex((line) => line.includes('"path": "plugins/'));
  if (lastPlugin === -1) return tsconfig.replace(/("references":\s*\[)/, `$1\n    ${entry},`);
  const isLastReference = !lines[lastPlugin].trimEnd().endsWith(',');
  if (isLastReference) lines[lastPlugin] += ',';
  lines.splice(lastPlugin + 1, 0, `    ${entry}${isLastReference ? '' : ','}`);
  return lines.join('\n');
}
