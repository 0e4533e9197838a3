import { compileMapping, ruleIdOf, SYNC_STEP, type CompiledMapping, type SyncRule } from '@firsthand/domain';
import type { DestinationDefinition, RecordListing } from '@firsthand/plugin-sdk';
import type { DestinationConnection, LiveFlow, SourceConnection, WorkspaceConfiguration } from '../ports/configuration.js';

/** Where a rule's copies lie, and how they are read. */
export interface ReconcilePlace {
  rule: SyncRule;
  flow: LiveFlow;
  connection: DestinationConnection;
  destination: DestinationDefinition;
  listing: RecordListing;
  /** Through which the system's records come in; undefined where none is set up, and nothing of theirs can be taken. */
  source: SourceConnection | undefined;
  mapping: CompiledMapping;
  /** Canonical names of the rule's fields that the mapping reads, and of those that it does not. */
  fields: string[];
  unread: string[];
}

/**
 * The place of a rule whose system can be compared; undefined for one that is not there, does not run, or whose action lists nothing.
 *
 * @example reconcilePlaceOf(configuration, 'crm')?.fields // ['phone', 'custom.food']
 */
export function reconcilePlaceOf(configuration: WorkspaceConfiguration, ruleId: string): ReconcilePlace | undefined {
  const rule = configuration.syncs?.rules.find((one) => one.ruleId === ruleId);
  if (rule === undefined) return undefined;
  const flow = configuration.flows.find(({ compiled: { definition } }) => ruleIdOf(definition.flowId) === ruleId && definition.trigger.type === 'sync');
  const connection = configuration.destinations.get(rule.connectionId);
  const destination = connection?.destinations[rule.action];
  if (flow === undefined || connection === undefined || destination?.listRecords === undefined) return undefined;
  const source = sourceOf(configuration, rule, connection, destination.listRecords);
  const mapping = source?.mapping ?? mappingOf(connection, destination.listRecords, configuration);
  if (mapping === undefined) return undefined;
  const fields = rule.fields.map(({ field }) => field.slice('profile.'.length));
  const isRead = (field: string): boolean => mapping.reads.has(`profile.${field}`) || mapping.reads.has(`identities.${field}`);
  return { rule, flow, connection, destination, listing: destination.listRecords, source, mapping, fields: fields.filter(isRead), unread: fields.filter((field) => !isRead(field)) };
}

/** The step of a rule's flow that writes. */
export const stepOf = ({ rule: { connectionId, action, purpose } }: Pick<ReconcilePlace, 'rule'>) => ({ stepId: SYNC_STEP, connectionId, action, purpose });

/** That of the same system and capability; one that is enabled before one that is not. */
function sourceOf({ sources, syncs }: WorkspaceConfiguration, { ruleId }: SyncRule, { pluginId }: DestinationConnection, { source }: RecordListing): SourceConnection | undefined {
  const own = [...sources.values()].filter((one) => one.pluginId === pluginId && one.capability === source && syncs?.ofSource(one.connectionId).some((rule) => rule.ruleId === ruleId) === true);
  return own.find(({ status }) => status === 'enabled') ?? own[0];
}

/** The plugin's own, where no connection has another. */
function mappingOf({ sources }: DestinationConnection, { source }: RecordListing, { dictionary }: WorkspaceConfiguration): CompiledMapping | undefined {
  const found = sources?.[source];
  return found === undefined ? undefined : compileMapping(found.mapping, { targets: dictionary.isTarget });
}
