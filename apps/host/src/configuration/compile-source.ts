import { compileMapping, compileSignals, FirsthandError, type CompiledTrackingPlan, type Dictionary } from '@firsthand/domain';
import { ownIdsOf, type SourceConnection } from '@firsthand/pipeline';
import { openSecrets, type PluginRegistry, type SecretKey } from '@firsthand/plugin-host';
import { fieldsValidator, secretNames, type Fields, type JsonObject, type Mapping } from '@firsthand/plugin-sdk';
import type { ConnectionDocument, SourceConnectionDocument } from './documents.js';

/** What connections are compiled with. */
export interface CompileConnectionContext {
  workspaceId: string;
  registry: PluginRegistry;
  secretKeys: readonly SecretKey[];
}

/**
 * Compiles a source connection: its plugin's source, its settings with the secrets joined in, and its mapping.
 *
 * @throws FirsthandError `UNKNOWN_PLUGIN`, `SECRET_UNREADABLE`, `INVALID_SETTINGS`, `INVALID_MAPPING`
 */
export function compileSource(
  connectionId: string,
  document: SourceConnectionDocument,
  stored: { version: number; mapping: Mapping } | undefined,
  dictionary: Dictionary,
  trackingPlan: CompiledTrackingPlan | undefined,
  context: CompileConnectionContext,
): SourceConnection {
  const { name, pluginId, capability, status, provenance, agreementId, collectionPurpose, withoutBasis, consentCategories, consentSignals, unknownEvents, defaultCountry, profilePurpose, userTokenKeys } = document;
  const { plugin, source } = context.registry.source(`${pluginId}.${capability}`);
  const settings = joinSettings(connectionId, document, plugin.settings, context);
  const secret = new Set(secretNames(plugin.settings));
  return {
    connectionId, workspaceId: context.workspaceId, name, pluginId, capability, status, settings,
    publicSettings: Object.fromEntries(Object.entries(settings).filter(([key]) => !secret.has(key))),
    provenance, agreementId, collectionPurpose, withoutBasis, consentCategories, unknownEvents, defaultCountry, profilePurpose, userTokenKeys: userTokenKeys.map(({ id }) => id),
    ...(consentSignals.length === 0 ? {} : { readSignals: compileSignals(consentSignals), signalPurposes: [...new Set(consentSignals.map(({ purpose }) => purpose))] }),
    ...(trackingPlan === undefined ? {} : { trackingPlan }),
    ...(document.kind === 'both' ? { pollLane: `${connectionId}.poll` } : {}),
    ownIds: ownIdsOf(plugin.destinations, settings),
    mappingVersion: stored?.version ?? 0,
    mapping: compileMapping(stored?.mapping ?? source.mapping, { targets: dictionary.isTarget }),
    source,
  };
}

/** The settings as a plugin gets them: secrets joined in, defaults filled in, what an older version of the plugin stored dropped. */
export function joinSettings(connectionId: string, { settings, sealedSecrets }: ConnectionDocument, fields: Fields, { workspaceId, secretKeys }: CompileConnectionContext): SourceConnection['settings'] {
  const secrets = sealedSecrets === null ? {} : openSecrets(sealedSecrets, secretKeys, { workspaceId, connectionId });
  const result = fieldsValidator(fields, { unknownKeys: 'drop' })({ ...settings, ...secrets });
  if (!result.ok) throw new FirsthandError('INVALID_SETTINGS', result.places.map(({ path }) => path).join(', '), result.places);
  return result.values as JsonObject;
}
