import { FirsthandError } from '@firsthand/domain';
import type { DestinationDefinition, PluginDefinition, SourceDefinition } from '@firsthand/plugin-sdk';
import type { LoadedPlugin } from './load-plugins.js';

/** A source with the plugin it belongs to. `id` is `<plugin>.<source>`. */
export interface SourceCapability {
  id: string;
  plugin: PluginDefinition;
  source: SourceDefinition;
}

/** A destination with the plugin it belongs to. `id` is `<plugin>.<destination>`. */
export interface DestinationCapability {
  id: string;
  plugin: PluginDefinition;
  destination: DestinationDefinition;
}

/** What is loaded, by id. Each look-up of an id that is not loaded throws FirsthandError `UNKNOWN_PLUGIN`. */
export interface PluginRegistry {
  all(): readonly LoadedPlugin[];
  plugin(id: string): PluginDefinition;
  source(capabilityId: string): SourceCapability;
  destination(capabilityId: string): DestinationCapability;
}

/**
 * Makes the registry of the loaded plugins.
 *
 * @example createPluginRegistry(plugins).destination('hubspot.upsert-contact').destination.accepts // 'profile'
 */
export function createPluginRegistry(loaded: readonly LoadedPlugin[]): PluginRegistry {
  const plugins = new Map<string, PluginDefinition>();
  const sources = new Map<string, SourceCapability>();
  const destinations = new Map<string, DestinationCapability>();
  for (const { definition: plugin } of loaded) {
    plugins.set(plugin.id, plugin);
    for (const [name, source] of Object.entries(plugin.sources ?? {})) sources.set(`${plugin.id}.${name}`, { id: `${plugin.id}.${name}`, plugin, source });
    for (const [name, destination] of Object.entries(plugin.destinations ?? {})) {
      destinations.set(`${plugin.id}.${name}`, { id: `${plugin.id}.${name}`, plugin, destination });
    }
  }
  return {
    all: () => loaded,
    plugin: (id) => found(plugins, id, 'plugin'),
    source: (id) => found(sources, id, 'source'),
    destination: (id) => found(destinations, id, 'destination'),
  };
}

function found<T>(map: ReadonlyMap<string, T>, id: string, what: string): T {
  const value = map.get(id);
  if (value === undefined) throw new FirsthandError('UNKNOWN_PLUGIN', `No ${what} "${id}" is loaded.`);
  return value;
}
