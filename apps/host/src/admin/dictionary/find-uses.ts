import { compileCondition, compileFlow, compileMapping, fieldOfRule, FirsthandError, plannedPaths, type CompiledCondition, type Condition, type CustomEvent, type Expectation, type FlowDefinition, type Mapping, type MappingValue, type SyncRuleContent, type TrackingPlan } from '@firsthand/domain';
import type { ConfigurationRepository } from '@firsthand/persistence';
import type { ExpectationDocument, PurposeDocument, SegmentDocument, SyncRuleDocument, TrackingPlanDocument, WorkspaceDocument } from '../../configuration/documents.js';
import type { FlowContent, MappingContent } from '../documents.js';

/** Something of the configuration that names parts of the dictionary. */
export interface DictionaryUse {
  by: 'mapping' | 'segment' | 'flow' | 'purpose' | 'event' | 'tracking-plan' | 'expectation' | 'ownership-setting' | 'sync-rule';
  id: string;
  /** Of a flow the published version, null for the draft; it may have runs that wait. */
  version?: number | null;
  /** Dictionary paths that it names, and paths above them where it takes a whole. */
  paths: ReadonlySet<string>;
  /** Events that it names. */
  events: ReadonlySet<string>;
}

/**
 * Everything of a workspace's configuration that names fields or events, drafts and earlier versions of flows included. What does not compile names nothing: it runs nowhere.
 *
 * @example (await findUses(repository, workspaceId)).filter(({ paths }) => paths.has('profile.custom.shoeSize'))
 */
export async function findUses(repository: ConfigurationRepository, workspaceId: string): Promise<DictionaryUse[]> {
  const [mappings, segments, flows, purposes, events, plans, expectations, workspaces, rules] = await Promise.all([
    repository.list<MappingContent>('mappings', workspaceId), repository.list<SegmentDocument>('segments', workspaceId), repository.list<FlowContent>('flows', workspaceId),
    repository.list<PurposeDocument>('purposes', workspaceId), repository.list<CustomEvent>('customEvents', workspaceId), repository.list<TrackingPlanDocument>('trackingPlans', workspaceId),
    repository.list<ExpectationDocument>('expectations', workspaceId), repository.list<WorkspaceDocument>('workspaces', workspaceId),
    repository.list<SyncRuleDocument>('syncRules', workspaceId),
  ]);
  return [
    ...mappings.flatMap(({ id, content: { draft, live } }): DictionaryUse[] => [draft, live].flatMap((one) => (one === null ? [] : [{ by: 'mapping', id, ...mappingUse(one.mapping) }]))),
    ...segments.flatMap(({ id, content }): DictionaryUse[] => [content.condition, content.published?.condition].flatMap((condition) => (condition === undefined ? [] : [{ by: 'segment', id, ...conditionUse([condition]) }]))),
    ...flows.flatMap(({ id, content: { draft, versions } }): DictionaryUse[] => [
      { by: 'flow', id, version: null, ...flowUse({ flowId: id, version: 1, ...draft }) }, ...versions.map((definition): DictionaryUse => ({ by: 'flow', id, version: definition.version, ...flowUse(definition) }))]),
    ...purposes.map(({ id, content: { fields } }): DictionaryUse => ({ by: 'purpose', id, paths: new Set(fields.map(dictionaryPath)), events: new Set() })),
    ...plans.flatMap(({ id, content: { draft, live } }): DictionaryUse[] => [draft, live?.plan].flatMap((plan) => (plan === undefined ? [] : [{ by: 'tracking-plan', id, ...planUse(plan) }]))),
    ...expectations.map(({ id, content: { expectation } }): DictionaryUse => ({ by: 'expectation', id, ...expectationUse(expectation) })),
    ...workspaces.flatMap(({ content: { ownershipSettings } }): DictionaryUse[] => (ownershipSettings?.fields ?? []).map(({ field }) => ({ by: 'ownership-setting', id: field, paths: new Set([field]), events: new Set() }))),
    ...rules.map(({ id, content: { rule } }): DictionaryUse => ({ by: 'sync-rule', id, ...ruleUse(rule) })),
    ...events.map(({ id, content: { fields = [] } }): DictionaryUse => ({ by: 'event', id, paths: new Set(fields), events: new Set() })),
  ];
}

/** The parts of the dictionary that something names. */
export type Named = Pick<DictionaryUse, 'paths' | 'events'>;

/** What purposes, conditions and templates write before the path of a part of an event. */
export function dictionaryPath(path: string): string {
  return path.replace(/^event\./, '').replace(/\.\*$/, '');
}

function mappingUse(mapping: Mapping): Named {
  return { paths: new Set(attempt(() => [...compileMapping(mapping).reads.keys()]) ?? []), events: new Set(textsOf(mapping)) };
}

function ruleUse({ fields, condition }: SyncRuleContent): Named {
  const { paths, events } = conditionUse(condition === undefined ? [] : [condition]);
  return { paths: new Set([...paths, ...fields.map(({ field }) => field)]), events };
}

function planUse({ events }: TrackingPlan): Named {
  return { paths: new Set(events.flatMap(plannedPaths)), events: new Set(events.map(({ name }) => name)) };
}

function expectationUse({ scope, rule }: Expectation): Named {
  const [field, right, to] = [fieldOfRule(rule), rule.kind === 'crossField' ? rule.right : null, rule.kind === 'reference' ? rule.to : null];
  return { paths: new Set([field, right, to?.field].filter((path) => typeof path === 'string')), events: new Set([scope.event, to?.event].filter((name) => typeof name === 'string')) };
}

/** Every text of a tree: a mapping may give an event's name as a literal or within a template. */
function textsOf(tree: unknown): string[] {
  if (typeof tree === 'string') return [tree, ...[...tree.matchAll(/"([^"]+)"|'([^']+)'/g)].map(([, double, single]) => double ?? single ?? '')];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(textsOf) : [];
}

function conditionUse(conditions: readonly Condition[]): Named {
  return conditionsUse(conditions.flatMap((condition) => attempt(() => compileCondition(condition)) ?? []));
}

/** The fields and events that conditions read. */
export function conditionsUse(conditions: readonly Pick<CompiledCondition, 'traits' | 'activityKeys'>[]): Named {
  const keys = conditions.flatMap(({ activityKeys }) => activityKeys);
  return {
    paths: new Set([...conditions.flatMap(({ traits }) => traits.map((trait) => `profile.${trait}`)), ...keys.flatMap(({ where, sum }) => [...where.map(({ path }) => path), ...(sum === undefined ? [] : [sum])]).map(dictionaryPath)]),
    events: new Set(keys.map(({ name }) => name)),
  };
}

/** The fields and events that a version of a flow names. */
export function flowUse(definition: FlowDefinition): Named {
  const compiled = attempt(() => compileFlow(definition));
  if (compiled === undefined) return { paths: new Set(), events: new Set() };
  const { trigger, steps, key, goal, exit } = definition;
  const ofConditions = conditionsUse(compiled.conditions);
  const awaited = [...steps.flatMap((step) => (step.type === 'waitUntil' ? [step] : [])), ...[goal, exit].filter((one) => one !== undefined)].flatMap(({ event }) => event ?? []);
  const occurrences = [...(trigger.type === 'event' ? [trigger] : []), ...awaited];
  const values: MappingValue[] = [...(key === undefined ? [] : [key]), ...steps.flatMap((step) => (step.type === 'setField' ? [step.value] : []))];
  const mappings: Mapping[] = steps.flatMap((step) => ((step.type === 'deliver' || step.type === 'call') && step.mapping !== undefined ? [step.mapping] : []));
  return {
    paths: new Set([
      ...ofConditions.paths, ...occurrences.flatMap(({ where = [] }) => where.map(({ path }) => dictionaryPath(path))), ...awaited.flatMap(({ sameKey }) => (typeof sameKey === 'string' ? [dictionaryPath(sameKey)] : [])),
      ...(trigger.type === 'profile' ? (trigger.fields ?? []).map((field) => `profile.${field}`) : []), ...(trigger.type === 'schedule' && trigger.anniversaryOf !== undefined ? [`profile.${trigger.anniversaryOf}`] : []),
      ...steps.flatMap((step) => (step.type === 'setField' ? [`profile.${step.field}`] : [])), ...[...mappings, ...values.map((value) => ({ value }))].flatMap(readsOf),
    ]),
    events: new Set([...ofConditions.events, ...occurrences.map(({ name }) => name)]),
  };
}

/** The dictionary paths that the templates of a mapping read. */
function readsOf(mapping: Mapping): string[] {
  return [...(attempt(() => compileMapping(mapping))?.reads.values() ?? [])].flat().map(dictionaryPath);
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof FirsthandError) return undefined;
    throw error;
  }
}
