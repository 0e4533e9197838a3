import { compileFlow, compileMapping, FirsthandError, type CompiledMapping, type ErrorPlace, type FlowDefinition, type FlowStep, type Mapping } from '@firsthand/domain';
import type { DestinationConnection, LiveFlow } from '@firsthand/pipeline';
import { defaultMapping, type DestinationDefinition, type MappingPart } from '@firsthand/plugin-sdk';

/** A compiled flow version, and its deliver steps that cannot be compiled: their deliveries wait or end as dead, the others go on. */
export interface CompiledLiveFlow {
  flow: LiveFlow;
  places: ErrorPlace[];
}

/**
 * Compiles one published version of a flow with the mappings of its deliver steps.
 *
 * @throws FirsthandError `INVALID_SEGMENT` when a filter is not valid
 */
export function compileLiveFlow(definition: FlowDefinition, destinations: ReadonlyMap<string, DestinationConnection>): CompiledLiveFlow {
  // A rule writes its own fields: of what an action suggests beyond, only that by which it knows whom it concerns.
  const isRule = definition.trigger.type === 'sync';
  const mappings = new Map<string, CompiledMapping>();
  const places: ErrorPlace[] = [];
  definition.steps.forEach((step, index) => {
    if (step.type !== 'deliver' && step.type !== 'call') return;
    const path = `/steps/${index}`;
    try {
      mappings.set(step.id, compileStep(step, destinations.get(step.connectionId), isRule));
    } catch (error) {
      if (!(error instanceof FirsthandError)) throw error;
      places.push({ path, message: error.message });
    }
  });
  return { flow: { compiled: compileFlow(definition), mappings }, places };
}

type DeliverStep = Extract<FlowStep, { type: 'deliver' | 'call' }>;

function compileStep(step: DeliverStep, connection: DestinationConnection | undefined, isRule: boolean): CompiledMapping {
  const destination = connection === undefined || !Object.hasOwn(connection.destinations, step.action) ? undefined : connection.destinations[step.action];
  if (destination === undefined) throw new FirsthandError('INVALID_FLOW', `There is no usable action "${step.action}" at connection ${step.connectionId}.`);
  return compileDeliveryMapping(destination, step.mapping, isRule ? neededMapping(destination, [step.mapping ?? []].flat().flatMap((part) => Object.keys(part))) : defaultMapping(destination.fields));
}

/**
 * What an action's fields suggest for those that it cannot do without: its identifiers, and what it requires. None where something is mapped into the field already.
 *
 * @example neededMapping(destination, ['phone']) // { email: '{{profile.email}}' }
 */
export function neededMapping({ fields, identifiers }: Pick<DestinationDefinition, 'fields' | 'identifiers'>, mapped: readonly string[] = []): MappingPart {
  const own = new Set(mapped.map((target) => target.split('.', 1)[0]));
  return Object.fromEntries(Object.entries(defaultMapping(fields)).filter(([name]) => !own.has(name) && (identifiers.includes(name) || fields[name]?.required === true)));
}

/**
 * Compiles what a deliver step maps on top of what the destination's fields suggest.
 *
 * @throws FirsthandError `INVALID_MAPPING`
 * @example compileDeliveryMapping(destination, { email: '{{identities.email}}' })
 */
export function compileDeliveryMapping(destination: Pick<DestinationDefinition, 'fields'>, mapping: Mapping = [], defaults: MappingPart = defaultMapping(destination.fields)): CompiledMapping {
  return compileMapping([defaults, ...[mapping].flat()], { targets: (target) => isFieldOf(target, Object.keys(destination.fields)) });
}

/** Whether a target of a destination mapping is one of the fields, or within one. */
export function isFieldOf(target: string, fieldNames: readonly string[]): boolean {
  return fieldNames.includes(target.split('.', 1)[0] ?? '');
}
