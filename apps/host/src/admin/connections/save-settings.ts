import { FirsthandError, type JsonObject, type JsonValue } from '@firsthand/domain';
import { assertPublicUrl, sealSecrets } from '@firsthand/plugin-host';
import { fieldsValidator, secretNames, type PluginDefinition } from '@firsthand/plugin-sdk';
import type { AdminContext } from '../admin-context.js';
import { SECRET_MASK } from './connection-view.js';

/** Settings as a connection stores them. */
export interface SavedSettings {
  settings: Record<string, JsonValue>;
  sealedSecrets: string | null;
}

/** What a connection has so far. */
export interface KnownSettings {
  settings: Record<string, JsonValue>;
  secrets: Record<string, string>;
}

/**
 * Checks settings against the plugin and seals the secret ones. A secret that is not given, or comes back masked, is taken from `known`; null or
 * an empty text takes it away. With another address the secrets are to be entered again: who may change the one is not told the other by having
 * it sent there.
 *
 * @throws FirsthandError `INVALID_SETTINGS`, `DESTINATION_ADDRESS_FORBIDDEN`
 */
export async function saveSettings(
  { secretKey, allowPrivateDestinations }: AdminContext, plugin: PluginDefinition, owner: { workspaceId: string; connectionId: string },
  given: Record<string, unknown>, known: KnownSettings,
): Promise<SavedSettings> {
  const names = secretNames(plugin.settings);
  const kept = Object.fromEntries(names.flatMap((name) => (known.secrets[name] !== undefined && (given[name] === undefined || given[name] === SECRET_MASK) ? [[name, known.secrets[name]]] : [])));
  const isMoved = Object.entries(plugin.settings).some(([name, { kind }]) => kind === 'url' && (known.settings[name] ?? null) !== (given[name] ?? null));
  if (isMoved && Object.keys(kept).length > 0) {
    throw new FirsthandError('INVALID_SETTINGS', undefined, Object.keys(kept).map((name) => ({ path: `/settings/${name}`, message: 'is to be entered again when an address changes' })));
  }
  const result = fieldsValidator(plugin.settings)({ ...given, ...kept } as JsonObject);
  if (!result.ok) throw new FirsthandError('INVALID_SETTINGS', undefined, result.places.map(({ path, message }) => ({ path: `/settings${path}`, message })));
  const values = result.values as Record<string, JsonValue>;
  for (const [name, field] of Object.entries(plugin.settings)) {
    const value = values[name];
    if (field.kind === 'url' && typeof value === 'string') await assertPublicUrl(value, { allowPrivate: allowPrivateDestinations });
  }
  const isSecret = ([name]: [string, JsonValue]): boolean => names.includes(name);
  const secrets = Object.entries(values).filter(isSecret) as [string, string][];
  return {
    settings: Object.fromEntries(Object.entries(values).filter((entry) => !isSecret(entry))),
    sealedSecrets: secrets.length === 0 ? null : sealSecrets(Object.fromEntries(secrets), secretKey, owner),
  };
}
