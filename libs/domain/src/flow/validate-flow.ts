import { FirsthandError, type ErrorPlace } from '../errors/firsthand-error.js';
import type { Mapping } from '../mapping/mapping.js';
import { conditionPlaces } from '../segment/parse-condition.js';
import { pointer } from '../segment/error-pointer.js';
import { conditionReferences, type ConditionEnvironment } from '../segment/condition-references.js';
import type { FlowDefinition, FlowStep } from './flow.js';
import { openFlowSchema } from './flow-schema.js';

/** A field of a destination action, as far as a flow must know it. */
export interface DestinationField {
  isRequired: boolean;
  /** Whether the destination fills it itself when the flow does not. */
  hasDefault: boolean;
}

/** What a flow may refer to in its workspace. */
export interface FlowEnvironment extends ConditionEnvironment {
  /** The actions of a destination connection, each with its fields by name; undefined if there is no such connection. */
  destinationActions(connectionId: string): Readonly<Record<string, Readonly<Record<string, DestinationField>>>> | undefined;
  /** Where a mapping does not compile, paths relative to it; empty if it does. */
  mappingPlaces(mapping: Mapping): readonly ErrorPlace[];
}

/**
 * Reads a flow from outside and checks it against its workspace.
 *
 * @throws FirsthandError INVALID_FLOW, naming every place that is wrong (`/steps/0/connectionId`)
 * @example const definition = parseFlow({ ...body, flowId, version: 1 }, environment);
 */
export function parseFlow(value: unknown, environment: FlowEnvironment): FlowDefinition {
  const result = openFlowSchema.safeParse(value);
  const places = result.success
    ? validateFlow(result.data, environment)
    : result.error.issues.map((issue) => ({ path: pointer(issue.path), message: issue.message }));
  if (!result.success || places.length > 0) throw new FirsthandError('INVALID_FLOW', `${places[0]?.path}: ${places[0]?.message}`, places);
  return result.data;
}

/**
 * All places in a well-formed flow that its workspace does not bear out; none if it can be published. It must deliver something, each
 * step id once, and each delivery needs a purpose, a destination action that exists, a mapping that compiles and its required fields.
 *
 * @example validateFlow(definition, environment) // [{ path: '/steps/0/connectionId', message: 'there is no such connection' }]
 */
export function validateFlow(definition: FlowDefinition, environment: FlowEnvironment): ErrorPlace[] {
  const { steps, trigger } = definition;
  const places: ErrorPlace[] = [];
  if (!environment.hasPurpose(definition.purpose)) places.push({ path: '/purpose', message: 'there is no such purpose' });
  if (trigger.type === 'segment' && !environment.hasSegment(trigger.segmentId)) places.push({ path: '/trigger/segmentId', message: 'there is no such segment' });
  if (!steps.some((step) => step.type === 'deliver')) places.push({ path: '/steps', message: 'must hold at least one step of type deliver' });
  const firstWithId = new Map<string, number>();
  steps.forEach((step, index) => {
    const at = `/steps/${index}`;
    const earlier = firstWithId.get(step.id);
    if (earlier === undefined) firstWithId.set(step.id, index);
    else places.push({ path: `${at}/id`, message: `is the id of step ${earlier} already` });
    places.push(...stepPlaces(step, at, environment));
  });
  return places;
}

function stepPlaces(step: FlowStep, at: string, environment: FlowEnvironment): ErrorPlace[] {
  if (step.type === 'delay') return [];
  if (step.type === 'deliver') return deliveryPlaces(step, at, environment);
  const places = conditionPlaces(step.condition, `${at}/condition`);
  return places.length > 0 ? places : conditionReferences(step.condition, environment, `${at}/condition`);
}

function deliveryPlaces(step: Extract<FlowStep, { type: 'deliver' }>, at: string, environment: FlowEnvironment): ErrorPlace[] {
  const places: ErrorPlace[] = [];
  if (step.purpose !== undefined && !environment.hasPurpose(step.purpose)) places.push({ path: `${at}/purpose`, message: 'there is no such purpose' });
  const wrong = step.mapping === undefined ? [] : environment.mappingPlaces(step.mapping);
  places.push(...wrong.map(({ path, message }) => ({ path: `${at}/mapping${path}`, message })));
  const actions = environment.destinationActions(step.connectionId);
  if (actions === undefined) return [...places, { path: `${at}/connectionId`, message: 'there is no such destination connection' }];
  const fields = Object.hasOwn(actions, step.action) ? actions[step.action] : undefined;
  if (fields === undefined) return [...places, { path: `${at}/action`, message: `must be one of ${Object.keys(actions).join(', ')}` }];
  return [...places, ...fieldPlaces(step.mapping, fields, `${at}/mapping`)];
}

function fieldPlaces(mapping: Mapping | undefined, fields: Readonly<Record<string, DestinationField>>, at: string): ErrorPlace[] {
  const targets = targetsOf(mapping);
  const mapped = new Set(targets.map(({ field }) => field));
  const missing = Object.entries(fields)
    .filter(([name, field]) => field.isRequired && !field.hasDefault && !mapped.has(name))
    .map(([name]) => ({ path: at, message: `the required field \`${name}\` is not mapped` }));
  const unknown = targets
    .filter(({ field }) => !Object.hasOwn(fields, field))
    .map(({ path }) => ({ path: at + path, message: 'the action has no such field' }));
  return [...missing, ...unknown];
}

/** The destination fields that a mapping writes (`address` for `address.city`), each with where it stands. */
function targetsOf(mapping: Mapping | undefined): { field: string; path: string }[] {
  const parts = mapping === undefined ? [] : Array.isArray(mapping) ? mapping.map((part, index) => ({ part, at: `/${index}` })) : [{ part: mapping, at: '' }];
  return parts.flatMap(({ part, at }) =>
    Object.keys(part)
      .filter((target) => target !== '$when')
      .map((target) => ({ field: target.split('.')[0] as string, path: at + pointer([target]) })),
  );
}
