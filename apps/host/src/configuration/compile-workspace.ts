import { compileExpectations, compileIdentityRules, compileOwnership, compileTracked, DEFAULT_FLOW_SETTINGS, DEFAULT_REQUEST_SETTINGS, FirsthandError, type AgreementVersion, type Dictionary, type IdentitySettings, type OwnershipSettings, type Purpose } from '@firsthand/domain';
import type { ConfigurationContents } from '@firsthand/persistence';
import { createNoticeIds, type DestinationConnection, type LiveFlow, type SegmentDefinition, type SourceConnection, type WorkspaceConfiguration } from '@firsthand/pipeline';
import type { CompileCache } from './compile-cache.js';
import { compileDictionary } from './compile-dictionary.js';
import { compileDestination } from './compile-destination.js';
import { compileLiveFlow } from './compile-live-flow.js';
import { compilePushLimits, compileSegments } from './compile-segments.js';
import { compileSyncs, systemsOf } from './compile-syncs.js';
import { compileSource, type CompileConnectionContext } from './compile-source.js';
import { compileTrackingPlans } from './compile-tracking-plans.js';
import type { ConfigurationProblem, WriteKeyOwner } from './configuration-snapshot.js';
import { agreementDocument, backfillDocument, connectionDocument, expectationDocument, flowDocument, isDestination, isSource, mappingDocument, purposeDocument, workspaceDocument, type ConnectionDocument, type WorkspaceDocument } from './documents.js';
import { ProblemList } from './problem-list.js';

/** A workspace as this process uses it. */
export interface CompiledWorkspace {
  configuration: WorkspaceConfiguration;
  /** By the hash of each write key. */
  writeKeys: ReadonlyMap<string, WriteKeyOwner>;
  /** When each connection was made, by its id. */
  connections: ReadonlyMap<string, number>;
  problems: readonly ConfigurationProblem[];
}

export interface CompileOptions extends CompileConnectionContext {
  cache: CompileCache;
}

/**
 * Compiles a workspace's stored configuration: mappings, segments and flows, once per version. What cannot be compiled is left out and
 * reported; it never takes anything else along.
 *
 * @example const { configuration, problems } = compileWorkspace(await repository.readAll(workspaceId), { workspaceId, registry, secretKeys, cache });
 */
export function compileWorkspace({ version, kinds }: ConfigurationContents, options: CompileOptions): CompiledWorkspace {
  const { workspaceId, cache } = options;
  const list = new ProblemList(workspaceId);
  const connections = list.read('connections', kinds.connections, connectionDocument);
  const { dictionary, stamp: dictionaryStamp } = compileDictionary(kinds, list, cache);

  const mappings = new Map(list.read('mappings', kinds.mappings, mappingDocument).map(({ id, content: { live } }) => [id, live]));
  // A connection whose own mapping cannot be read must not fall back to the plugin's: that one may take in what this one leaves out.
  const unreadable = new Set(kinds.mappings.map((row) => row.id).filter((id) => !mappings.has(id)));

  const plans = compileTrackingPlans(kinds.trackingPlans, list, cache);
  const sources = new Map<string, SourceConnection>();
  const destinations = new Map<string, DestinationConnection>();
  for (const { id, version: rowVersion, content } of connections) {
    if (isSource(content) && !unreadable.has(id)) {
      const plan = plans.of(content.trackingPlan, id);
      const stamp = `${rowVersion} ${mappings.get(id)?.version ?? 0} ${dictionaryStamp} ${plan.stamp}`;
      const source = list.attempt('connections', id, () => cache.reuse(`source ${id}`, stamp, () => compileSource(id, content, mappings.get(id) ?? undefined, dictionary, plan.compiled, options)));
      if (source !== undefined) sources.set(id, source);
    }
    if (isDestination(content)) {
      const destination = list.attempt('connections', id, () => cache.reuse(`destination ${id}`, String(rowVersion), () => compileDestination(id, content, options)));
      if (destination !== undefined) destinations.set(id, destination);
    }
  }

  const purposes = new Map(list.read('purposes', kinds.purposes, purposeDocument).map(({ id, content }): [string, Purpose] => [id, { key: id, ...content }]));
  const agreements = new Map(list.read('agreements', kinds.agreements, agreementDocument).map(({ id, content }): [string, AgreementVersion[]] => [id, content.versions]));
  const segments = compileSegments(kinds.segments, workspaceId, list);
  const filling = new Set(list.read('backfills', kinds.backfills, backfillDocument).flatMap(({ content: { counters, isFilled } }) => (isFilled ? [] : counters.map(({ key }) => key))));
  const { flows: ofPeople, byVersion, paused } = compileFlows(kinds.flows, destinations, list);
  const { syncs, flows: ofRules, live } = compileSyncs(kinds.syncRules, { systems: systemsOf(connections), destinations }, list);
  const flows = [...ofPeople, ...live];
  const [workspace] = list.read('workspaces', kinds.workspaces, workspaceDocument);
  cache.finish();
  return {
    configuration: {
      workspaceId, version, sources, destinations, purposes, agreements, flows, dictionary, ...(paused.size === 0 ? {} : { pausedFlows: paused }), ...(syncs.rules.length === 0 ? {} : { syncs }),
      sensitivePaths: sensitivePaths(dictionary),
      ...noticeIds(agreements, options),
      // Who "has not bought" by a counter that knows no past would enter and be written to: such a segment waits until it is filled.
      segments: segments.filter(({ condition }) => !condition.activityKeys.some(({ key }) => filling.has(key))),
      pushLimits: compilePushLimits(kinds.segments),
      // What is on its way of a rule follows the rule as it is now; of one that is gone nothing is sent any more.
      flow: (flowId, flowVersion) => ofRules.get(flowId) ?? byVersion.get(`${flowId} ${flowVersion}`),
      awaited: awaitedBy([...byVersion.values()]),
      flowSettings: workspace?.content.flowSettings ?? DEFAULT_FLOW_SETTINGS,
      requestSettings: { ...DEFAULT_REQUEST_SETTINGS, ...workspace?.content.requestSettings },
      tracked: compileTracked([...segments.flatMap(activityKeysOfSegment), ...flows.flatMap(({ compiled }) => compiled.activityKeys)]),
      ...expectationsOf(kinds.expectations, list),
      ...identityRules(workspace?.content.identitySettings),
      ...changeKeeping(workspace?.content),
      ...reconcilingOf(workspace?.content),
      ...ownershipOf(workspace?.content.ownershipSettings, dictionary, channelsOf(connections, options)),
    },
    writeKeys: writeKeysOf(connections, workspaceId),
    connections: new Map(kinds.connections.map(({ id, createdAt }) => [id, createdAt])),
    problems: list.problems,
  };
}

function changeKeeping({ changeSettings }: Partial<Pick<WorkspaceDocument, 'changeSettings'>> = {}): Pick<WorkspaceConfiguration, 'changes'> {
  if (changeSettings?.isKept !== true) return {};
  const { since, startsAfter, keptForDays, feeds } = changeSettings;
  return { changes: { since, startsAfter, keptForDays, feeds } };
}

function reconcilingOf({ reconcileSettings }: Partial<Pick<WorkspaceDocument, 'reconcileSettings'>> = {}): Pick<WorkspaceConfiguration, 'reconciling'> {
  return reconcileSettings?.isNightly === true ? { reconciling: reconcileSettings } : {};
}

/** Rules that name what is no more watch nothing, and harm nothing. */
function expectationsOf(rows: ConfigurationContents['kinds']['expectations'], list: ProblemList): Pick<WorkspaceConfiguration, 'expectations'> {
  const expectations = compileExpectations(list.read('expectations', rows, expectationDocument).map(({ id, content: { expectation } }) => ({ id, expectation })));
  return expectations === undefined ? {} : { expectations };
}

function identityRules(settings: IdentitySettings | undefined): Pick<WorkspaceConfiguration, 'identityRules' | 'matching'> {
  return settings === undefined ? {} : { identityRules: compileIdentityRules(settings), ...(settings.matching === null ? {} : { matching: settings.matching }) };
}

function ownershipOf(settings: OwnershipSettings | undefined, dictionary: Dictionary, channels: ReadonlyMap<string, string>): Pick<WorkspaceConfiguration, 'ownerRank' | 'ownership'> {
  const ownership = compileOwnership(settings, { dictionary, channels });
  return { ownerRank: ownership.rank, ownership };
}

/** By the key that is in use: ids of an older one prove nothing any more. */
function noticeIds(agreements: WorkspaceConfiguration['agreements'], { workspaceId, secretKeys: [key] }: CompileOptions): Pick<WorkspaceConfiguration, 'notices'> {
  return key === undefined ? {} : { notices: createNoticeIds({ secret: key.bytes, workspaceId, agreements }) };
}

/** A delivery's context holds the profile, and all else of a record below its event. */
function sensitivePaths({ fields }: Dictionary): string[] {
  return fields.flatMap(({ entity, path, pii }) => (pii !== 'sensitive' ? [] : [entity === 'profile' ? path : `event.${path}`]));
}

function activityKeysOfSegment({ condition }: SegmentDefinition): SegmentDefinition['condition']['activityKeys'] {
  return condition.activityKeys;
}

function compileFlows(rows: ConfigurationContents['kinds']['flows'], destinations: ReadonlyMap<string, DestinationConnection>, list: ProblemList): { flows: LiveFlow[]; byVersion: Map<string, LiveFlow>; paused: Map<string, LiveFlow | null> } {
  const flows: LiveFlow[] = [];
  const byVersion = new Map<string, LiveFlow>();
  const paused = new Map<string, LiveFlow | null>();
  for (const { id, content: { status, liveVersion, versions } } of list.read('flows', rows, flowDocument)) {
    if (status === 'paused') paused.set(id, null);
    for (const definition of versions) {
      const compiled = list.attempt('flows', id, () => compileLiveFlow(definition, destinations));
      if (compiled === undefined) continue;
      byVersion.set(`${id} ${definition.version}`, compiled.flow);
      if (status === 'paused' && definition.version === liveVersion) paused.set(id, compiled.flow);
      if (status !== 'live' || definition.version !== liveVersion) continue;
      flows.push(compiled.flow);
      const [first] = compiled.places;
      if (first !== undefined) list.add('flows', id, new FirsthandError('INVALID_FLOW', `${first.path}: ${first.message}`, compiled.places));
    }
  }
  return { flows, byVersion, paused };
}

/** Runs wait on versions that are no longer live, too. */
function awaitedBy(flows: readonly LiveFlow[]): WorkspaceConfiguration['awaited'] {
  return { events: new Set(flows.flatMap(({ compiled }) => compiled.awaits.events)), conditions: flows.some(({ compiled }) => compiled.awaits.conditions) };
}

function channelsOf(connections: readonly { id: string; content: ConnectionDocument }[], { registry }: CompileConnectionContext): Map<string, string> {
  const channels = new Map(registry.all().map(({ definition }) => [definition.id, definition.channel]));
  // A plugin that could not be loaded takes nobody's values away: its connections are there, of no channel that anybody knows.
  return new Map(connections.map(({ id, content }) => [id, channels.get(content.pluginId) ?? 'unknown']));
}

function writeKeysOf(connections: readonly { id: string; content: ConnectionDocument }[], workspaceId: string): Map<string, WriteKeyOwner> {
  return new Map(connections.flatMap(({ id, content }) =>
    isSource(content) ? content.writeKeys.map(({ hash, kind }) => [hash, { workspaceId, connectionId: id, kind }] as const) : []));
}
