import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string | undefined} id
 * @param {string} rootDir
 * @returns {string | undefined} what is wrong with the id, or undefined when a new plugin may have it
 */
export function problemWithPluginId(id, rootDir) {
  if (!id) return 'name the new plugin';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) return `"${id}" is not in kebab-case (lower-case letters, digits and single hyphens, a letter first)`;
  if (existsSync(join(rootDir, 'plugins', id))) return `plugins/${id} exists already`;
  // Packages of plugins are named @firsthand/plugin-<id>, and some libs begin the same way.
  if (existsSync(join(rootDir, 'libs', `plugin-${id}`))) return `"${id}" would take the package name of libs/plugin-${id}`;
  return undefined;
}

/**
 * @param {string} id as `acme-shop`
 * @returns {string} as `Acme Shop`
 */
export function pluginNameOf(id) {
  return id.split('-').map((word) => word[0].toUpperCase() + word.slice(1)).join(' ');
}
