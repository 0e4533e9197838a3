import type { AccessAbility } from '@firsthand/access';
import { coversField, type DictionaryField } from '@firsthand/domain';
import type { SourceConnection, WorkspaceConfiguration } from '@firsthand/pipeline';
import type { DictionaryLineage, FieldLineage } from '@firsthand/templating';
import { conditionsUse, dictionaryPath, flowUse, type DictionaryUse, type Named } from './find-uses.js';

type Configuration = Pick<WorkspaceConfiguration, 'sources' | 'segments' | 'flows' | 'purposes' | 'dictionary'>;

/**
 * Where each field and event comes from and goes to, by what is in force at this moment: the mappings of all source connections, live segments and flows with what their deliveries
 * read, and the purposes that cover it. Worked out, never typed. What the caller may not read is left out.
 *
 * @param uses what names what in stored documents: mappings may name events
 * @example dictionaryLineage(configuration, ability, await findUses(repository, workspaceId)).fields.get('profile.email')?.fedBy
 */
export function dictionaryLineage(configuration: Configuration, ability: Pick<AccessAbility, 'can'>, uses: readonly DictionaryUse[]): DictionaryLineage {
  const { dictionary } = configuration;
  const may = { mappings: ability.can('read', 'mapping'), segments: ability.can('read', 'segment'), flows: ability.can('read', 'flow'), purposes: ability.can('read', 'purpose') };
  const sources = may.mappings ? [...configuration.sources.values()] : [];
  const segments = may.segments ? configuration.segments.map(({ segmentId, condition }) => ({ id: segmentId, ...conditionsUse([condition]) })) : [];
  const flows = may.flows ? configuration.flows.map(({ compiled: { definition } }) => ({ id: definition.flowId, ...flowUse(definition) })) : [];
  const deliveries = may.flows ? deliveriesOf(configuration) : [];
  const idsOf = (users: readonly (Named & { id: string })[], names: (use: Named) => boolean): string[] => [...new Set(users.filter(names).map(({ id }) => id))];
  return {
    fields: new Map(dictionary.fields.map((field): [string, FieldLineage] => {
      const destinations = deliveries.filter(({ paths }) => readsField(paths, field)).map(({ paths: _, ...delivery }) => delivery);
      return [field.path, {
        fedBy: sources.flatMap((source) => feedOf(source, field)), segments: idsOf(segments, ({ paths }) => readsField(paths, field)),
        // What a destination's own suggestions read stands in no flow's definition.
        flows: [...new Set([...idsOf(flows, ({ paths }) => readsField(paths, field)), ...destinations.map(({ flow }) => flow)])].sort(), destinations,
        purposes: may.purposes ? [...configuration.purposes.values()].filter((purpose) => coversField(purpose, purposePath(field))).map(({ key }) => key) : [],
      }];
    })),
    events: new Map(dictionary.events.map(({ name, isCustom }) => [name, {
      fedBy: sources.filter((source) => source.source.emits.includes(name) || isNamed(source, name, uses) || (isCustom && takesAnyName(source))).map(({ connectionId }) => connectionId),
      segments: idsOf(segments, ({ events }) => events.has(name)), flows: idsOf(flows, ({ events }) => events.has(name)),
    }])),
  };
}

function isNamed({ connectionId }: SourceConnection, event: string, uses: readonly DictionaryUse[]): boolean {
  return uses.some(({ by, id, events }) => by === 'mapping' && id === connectionId && events.has(event));
}

/** Whether the name of an event comes from the raw record, so that it can be any. */
function takesAnyName({ mapping }: SourceConnection): boolean {
  return (mapping.reads.get('name') ?? []).length > 0;
}

interface Delivery { connectionId: string; action: string; flow: string; field: string; paths: ReadonlySet<string> }

/** What each delivery of a live flow reads for each field of its destination. */
function deliveriesOf({ flows }: Configuration): Delivery[] {
  return flows.flatMap(({ compiled: { definition }, mappings }) => definition.steps.flatMap((step) => {
    if (step.type !== 'deliver' && step.type !== 'call') return [];
    return [...(mappings.get(step.id)?.reads ?? [])].map(([field, reads]): Delivery => ({ connectionId: step.connectionId, action: step.action, flow: definition.flowId, field, paths: new Set(reads.map(dictionaryPath)) }));
  }));
}

/** The paths of the raw record from which a connection's mapping fills a field; none where it fills it with nothing. */
function feedOf({ connectionId, mappingVersion, mapping }: SourceConnection, field: DictionaryField): FieldLineage['fedBy'] {
  const targets = [...mapping.reads.keys()];
  const feeding = targets.filter((target) => target === field.path || (isBelow(target, field.path) && !isObject(field)) || (isBelow(field.path, target) && !targets.some((other) => isBelow(other, target))));
  return feeding.length === 0 ? [] : [{ connectionId, mappingVersion, from: [...new Set(feeding.flatMap((target) => mapping.reads.get(target) ?? []))] }];
}

/** Whether paths name a field, a part of it, or the whole that it is in. */
function readsField(paths: ReadonlySet<string>, field: DictionaryField): boolean {
  for (const path of paths) {
    if (path === field.path || path === '*' || isBelow(field.path, path) || (isBelow(path, field.path) && !isObject(field))) return true;
    if (path === 'event' && field.entity !== 'profile' && field.entity !== 'identity' && field.entity !== 'consent') return true;
  }
  return false;
}

function isObject({ type }: DictionaryField): boolean {
  return type === 'object' || type === 'objects';
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above}.`);
}

/** Purposes name what lies in an event below `event`. */
function purposePath({ entity, path }: DictionaryField): string {
  return entity === 'profile' || entity === 'identity' || entity === 'consent' ? path : `event.${path}`;
}

