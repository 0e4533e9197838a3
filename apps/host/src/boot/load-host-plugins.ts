import { fileURLToPath } from 'node:url';
import { compileMapping, createDictionary } from '@firsthand/domain';
import type { Logger } from '@firsthand/platform';
import { loadPlugins, type LoadedPlugin, type PluginChecks, type RejectedPlugin } from '@firsthand/plugin-host';
import { isFieldOf } from '../configuration/compile-live-flow.js';

export interface HostPlugins {
  plugins: readonly LoadedPlugin[];
  rejected: readonly RejectedPlugin[];
}

/** Where the plugins that come along lie, from the built file and from its source alike. */
const FOLDER = fileURLToPath(new URL('../../../../plugins', import.meta.url));

/** What plugins are checked against: the built-in dictionary; a plugin knows no workspace. */
export function hostPluginChecks(): PluginChecks {
  const dictionary = createDictionary();
  return {
    compileSourceMapping: (mapping) => compileMapping(mapping, { targets: dictionary.isTarget }),
    compileDestinationMapping: (mapping, fieldNames) => compileMapping(mapping, { targets: (target) => isFieldOf(target, fieldNames) }),
  };
}

/**
 * Loads the plugins that come along and those that the operator names. One that is bad is logged and left out.
 *
 * @param packages npm package names, as in FIRSTHAND_PLUGINS
 */
export async function loadHostPlugins(packages: readonly string[], logger: Logger): Promise<HostPlugins> {
  const loaded = await loadPlugins({ folders: [FOLDER], packages, checks: hostPluginChecks() });
  for (const { origin, reasons } of loaded.rejected) logger.error({ origin, reasons }, 'A plugin was left out.');
  return loaded;
}
