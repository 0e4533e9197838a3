import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { callWithTimeout, RetryableError, type PluginDefinition } from '@firsthand/plugin-sdk';
import { checkPlugin, isPlugin } from './check-plugin.js';
import { isObject } from './fault-list.js';
import type { PluginChecks } from './plugin-checks.js';

const IMPORT_TIMEOUT_MS = 10_000;

export interface LoadPluginsOptions {
  /** Folders that hold one plugin package per subfolder, built: `<folder>/<plugin>/dist/index.js`. */
  folders: readonly string[];
  /** npm packages by name, installed where the host can import them. */
  packages: readonly string[];
  checks: PluginChecks;
}

/** A plugin that passed every check. */
export interface LoadedPlugin {
  definition: PluginDefinition;
  /** Where it came from: a path or a package name. */
  origin: string;
}

/** A plugin that was left out, and why. */
export interface RejectedPlugin {
  id?: string;
  origin: string;
  reasons: string[];
}

/**
 * Finds, imports and checks plugins. One that is bad is reported and left out; this never throws. Of two with one id the first stays: folders before
 * packages, each in its order, subfolders by name.
 *
 * @example const { plugins, rejected } = await loadPlugins({ folders: ['plugins'], packages: [], checks });
 */
export async function loadPlugins({ folders, packages, checks }: LoadPluginsOptions): Promise<{ plugins: LoadedPlugin[]; rejected: RejectedPlugin[] }> {
  const found = (await Promise.all(folders.map(findIn))).flat();
  const candidates = [...found, ...packages.map((name) => ({ origin: name, specifier: name }))];
  const imported = await Promise.all(candidates.map(importOne));

  const plugins: LoadedPlugin[] = [];
  const rejected: RejectedPlugin[] = [];
  for (const { origin, definition, reason } of imported) {
    const reasons = reason === undefined ? checkPlugin(definition, checks) : [reason];
    const id = isObject(definition) && typeof definition.id === 'string' ? definition.id : undefined;
    const twin = plugins.find((plugin) => plugin.definition.id === id);
    if (twin !== undefined) reasons.push(`The id "${id}" is taken by ${twin.origin}.`);
    if (isPlugin(definition, reasons)) plugins.push({ definition, origin });
    else rejected.push({ id, origin, reasons });
  }
  return { plugins, rejected };
}

interface Candidate {
  origin: string;
  /** What to import; undefined when there is nothing built. */
  specifier: string | undefined;
}

async function findIn(folder: string): Promise<Candidate[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => join(folder, name)).sort();
  const candidates = await Promise.all(paths.map(async (path) => {
    if (!(await isFile(join(path, 'package.json')))) return [];
    const entry = join(path, 'dist', 'index.js');
    return [{ origin: path, specifier: (await isFile(entry)) ? pathToFileURL(entry).href : undefined }];
  }));
  return candidates.flat();
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isFile(), () => false);
}

async function importOne({ origin, specifier }: Candidate): Promise<{ origin: string; definition?: unknown; reason?: string }> {
  if (specifier === undefined) return { origin, reason: 'dist/index.js is missing: build the plugin.' };
  try {
    const module: unknown = await callWithTimeout(() => import(specifier), IMPORT_TIMEOUT_MS);
    return { origin, definition: isObject(module) ? module.default : undefined };
  } catch (error) {
    const reason = error instanceof RetryableError ? `its import took more than ${IMPORT_TIMEOUT_MS} ms` : error instanceof Error ? error.message : 'it threw';
    return { origin, reason: `The package cannot be imported: ${reason}.` };
  }
}
