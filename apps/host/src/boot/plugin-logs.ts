import type { Logger } from '@firsthand/platform';
import { createPluginLog } from '@firsthand/plugin-host';
import { secretNames, type PluginDefinition, type PluginLog } from '@firsthand/plugin-sdk';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';

/**
 * Gives each plugin its log, with the secrets of all its connections cut out of whatever it writes.
 *
 * @example const pluginLog = pluginLogs({ configuration, plugins, logger }); pluginLog('hubspot').info('connected');
 */
export function pluginLogs({ configuration, plugins, logger }: { configuration: ConfigurationSnapshot; plugins: readonly PluginDefinition[]; logger: Logger }): (pluginId: string) => PluginLog {
  const namesOf = new Map(plugins.map(({ id, settings }) => [id, secretNames(settings)]));
  let logs = new Map<string, PluginLog>();
  configuration.onChange(() => (logs = new Map()));

  const secretsOf = (pluginId: string): string[] => {
    const connections = configuration.workspaceIds().flatMap((id) => {
      const { sources, destinations } = configuration.workspace(id);
      return [...sources.values(), ...destinations.values()].filter((connection) => connection.pluginId === pluginId);
    });
    return connections.flatMap(({ settings }) => (namesOf.get(pluginId) ?? []).map((name) => settings[name])).filter((value) => typeof value === 'string');
  };
  return (pluginId) => {
    let log = logs.get(pluginId);
    if (log === undefined) logs.set(pluginId, (log = createPluginLog(logger.child({ pluginId }), secretsOf(pluginId))));
    return log;
  };
}
