import type { RecipientKind } from '../consent/consent.js';
import { FirsthandError, type ErrorPlace } from '../errors/firsthand-error.js';
import { DEFAULT_SYNC_MODE, type SyncMode } from '../audience/sync-mode.js';
import type { Mapping } from '../mapping/mapping.js';
import { conditionPlaces } from '../segment/parse-condition.js';
import { pointer } from '../json-pointer.js';
import { conditionReferences, wherePlaces, type ConditionEnvironment } from '../segment/condition-references.js';
import { isIdentityField } from '../profile/identity-field.js';
import type { Condition } from '../segment/condition.js';
import type { Awaited, CallStep, DeliverStep, FlowDefinition, FlowStep, FlowTrigger } from './flow.js';
import { graphPlaces, sharesOf } from './flow-graph.js';
import { openFlowSchema } from './flow-schema.js';
import { cronMistake, isTimeZone } from './local-time.js';
import { keyTemplatePlaces, templatePlaces } from './template-places.js';

/** A field of a destination action, as far as a flow must know it. */
export interface DestinationField {
  isRequired: boolean;
  /** Whether the destination fills it itself when the flow does not. */
  hasDefault: boolean;
}

/** What a flow may refer to in its workspace. */
export interface FlowEnvironment extends ConditionEnvironment {
  /** Why nothing can lie at a path of a canonical record, e.g. `profile.emial`; null where something can. */
  fieldMistake(path: string): string | null;
  /** What makes the name of an event doubtful; null where it is known. */
  eventDoubt(name: string): string | null;
  /** The actions of a destination connection, each with its fields by name; undefined if there is no such connection. */
  destinationActions(connectionId: string): Readonly<Record<string, Readonly<Record<string, DestinationField>>>> | undefined;
  /** The sync modes that an action can do; none where it keeps no members. */
  syncModes(connectionId: string, action: string): readonly SyncMode[];
  /** Who a destination connection is, and which of its actions give an answer; undefined if there is no such connection. */
  asks(connectionId: string): { recipient: RecipientKind; actions: readonly string[] } | undefined;
  /** Whom a purpose may reach: its channels and the destination connections that it lists, null for all; undefined if there is no such purpose. */
  reachOf(purpose: string): { channels: readonly string[]; recipients: readonly string[] | null } | undefined;
  /** Where a mapping does not compile, paths relative to it; empty if it does. */
  mappingPlaces(mapping: Mapping): readonly ErrorPlace[];
}

/** Steps that do something. */
const ACTING: ReadonlySet<FlowStep['type']> = new Set(['deliver', 'call', 'setField', 'addToList', 'removeFromList'] as const);

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
 * All places in a well-formed flow that its workspace does not bear out; none if it can be published. It must do something, its steps must hang together
 * without a circle, each step id once, and each delivery needs a purpose, a destination action that exists, a mapping that compiles and its required fields.
 *
 * @example validateFlow(definition, environment) // [{ path: '/steps/0/connectionId', message: 'there is no such connection' }]
 */
export function validateFlow(definition: FlowDefinition, workspace: FlowEnvironment): ErrorPlace[] {
  const { steps, trigger } = definition;
  const calls = new Set(steps.flatMap(({ id, type }) => (type === 'call' ? [id] : [])));
  const environment: FlowEnvironment = { ...workspace, hasAnswer: (stepId) => calls.has(stepId) };
  const read = { fieldMistake: workspace.fieldMistake, calls };
  const places: ErrorPlace[] = [];
  if (!environment.hasPurpose(definition.purpose)) places.push({ path: '/purpose', message: 'there is no such purpose' });
  places.push(...triggerPlaces(trigger, workspace), ...keyPlaces(definition, environment), ...keyTemplatePlaces(definition, read));
  for (const end of ['goal', 'exit'] as const) if (definition[end] !== undefined) places.push(...awaitedPlaces(definition[end], `/${end}`, definition, environment));
  if (!steps.some(({ type }) => ACTING.has(type))) places.push({ path: '/steps', message: `must hold at least one step of type ${[...ACTING].join(', ')}` });
  const firstWithId = new Map<string, number>();
  steps.forEach((step, index) => {
    const at = `/steps/${index}`;
    const earlier = firstWithId.get(step.id);
    if (earlier === undefined) firstWithId.set(step.id, index);
    else places.push({ path: `${at}/id`, message: `is the id of step ${earlier} already` });
    // The fields of a sync rule are told of by their own places.
    places.push(...stepPlaces(step, at, definition, environment), ...(trigger.type === 'sync' ? [] : templatePlaces(step, at, definition, read)), ...reachPlaces(step, at, definition, environment));
  });
  return [...places, ...graphPlaces(steps)];
}

function triggerPlaces(trigger: FlowTrigger, environment: FlowEnvironment): ErrorPlace[] {
  const places = trigger.condition === undefined ? [] : checkCondition(trigger.condition, '/trigger/condition', environment);
  if (trigger.type === 'event') places.push(...wherePlaces(trigger.where, environment, '/trigger/where'));
  if (trigger.type === 'segment' && !environment.hasSegment(trigger.segmentId)) places.push({ path: '/trigger/segmentId', message: 'there is no such segment' });
  if (trigger.type === 'consent' && !environment.hasPurpose(trigger.purpose)) places.push({ path: '/trigger/purpose', message: 'there is no such purpose' });
  for (const [index, field] of (trigger.type === 'profile' ? trigger.fields ?? [] : []).entries()) {
    if (!environment.hasTrait(field)) places.push({ path: `/trigger/fields/${index}`, message: 'the dictionary has no such profile field' });
  }
  if (trigger.type !== 'schedule') return places;
  const mistake = cronMistake(trigger.cron);
  if (mistake !== null) places.push({ path: '/trigger/cron', message: mistake });
  if (trigger.timeZone !== undefined && !isTimeZone(trigger.timeZone)) places.push({ path: '/trigger/timeZone', message: 'is no IANA time zone' });
  if (trigger.condition === undefined && trigger.anniversaryOf === undefined) places.push({ path: '/trigger', message: 'a schedule needs a condition, or anniversaryOf, that says for whom' });
  if (trigger.anniversaryOf !== undefined && !environment.hasTrait(trigger.anniversaryOf)) places.push({ path: '/trigger/anniversaryOf', message: 'the dictionary has no such profile field' });
  return places;
}

function keyPlaces({ key, trigger }: FlowDefinition, environment: FlowEnvironment): ErrorPlace[] {
  if (key === undefined) return [];
  const places = environment.mappingPlaces({ key }).map(({ message }) => ({ path: '/key', message }));
  return trigger.type === 'event' || trigger.type === 'api' ? places : [...places, { path: '/key', message: 'only the event of a trigger of type event or api can give a key' }];
}

function stepPlaces(step: FlowStep, at: string, definition: FlowDefinition, environment: FlowEnvironment): ErrorPlace[] {
  switch (step.type) {
    case 'filter': return checkCondition(step.condition, `${at}/condition`, environment);
    case 'branch': return step.branches.flatMap(({ condition }, index) => checkCondition(condition, `${at}/branches/${index}/condition`, environment));
    case 'split': return sharesOf(step) > 100 ? [{ path: `${at}/branches`, message: 'the percentages are more than 100 together' }] : [];
    case 'waitUntil': return awaitedPlaces(step, at, definition, environment);
    case 'window': return step.timeZone === undefined || isTimeZone(step.timeZone) ? [] : [{ path: `${at}/timeZone`, message: 'is no IANA time zone' }];
    case 'setField': return fieldPlacesOf(step, at, environment);
    case 'addToList':
    case 'removeFromList': return listPlaces(step, at, environment);
    case 'deliver': return deliveryPlaces(step, at, environment);
    case 'call': return [...deliveryPlaces(step, at, environment), ...callPlaces(step, at, environment)];
    default: return [];
  }
}

function checkCondition(condition: Condition, path: string, environment: FlowEnvironment): ErrorPlace[] {
  const places = conditionPlaces(condition, path);
  return places.length > 0 ? places : conditionReferences(condition, environment, path);
}

function awaitedPlaces({ event, condition }: Awaited, at: string, { key }: FlowDefinition, environment: FlowEnvironment): ErrorPlace[] {
  if (event === undefined && condition === undefined) return [{ path: at, message: 'must name an event or a condition to wait for' }];
  return [
    ...sameKeyPlaces(event?.sameKey, `${at}/event/sameKey`, key, environment),
    ...wherePlaces(event?.where, environment, `${at}/event/where`),
    ...(condition === undefined ? [] : checkCondition(condition, `${at}/condition`, environment)),
  ];
}

function sameKeyPlaces(sameKey: string | boolean | undefined, path: string, key: string | undefined, { fieldMistake }: FlowEnvironment): ErrorPlace[] {
  if (sameKey === undefined || sameKey === false) return [];
  if (key === undefined) return [{ path, message: 'the flow has no key' }];
  const message = typeof sameKey === 'string' ? fieldMistake(sameKey) : null;
  return message === null ? [] : [{ path, message }];
}

function fieldPlacesOf({ field, value }: Extract<FlowStep, { type: 'setField' }>, at: string, environment: FlowEnvironment): ErrorPlace[] {
  const places = environment.mappingPlaces({ value }).map(({ message }) => ({ path: `${at}/value`, message }));
  if (!environment.hasTrait(field)) return [...places, { path: `${at}/field`, message: 'the dictionary has no such profile field' }];
  // What consented deliveries are sent to is set by who proves it, never by a rule.
  return isIdentityField(field) ? [...places, { path: `${at}/field`, message: 'names an identity, which no flow may set' }] : places;
}

function listPlaces({ segmentId }: Extract<FlowStep, { type: 'addToList' | 'removeFromList' }>, at: string, environment: FlowEnvironment): ErrorPlace[] {
  if (environment.hasList?.(segmentId) === true) return [];
  const message = environment.hasSegment(segmentId) ? 'is a segment with a condition: only a static list can be changed' : 'there is no such static list';
  return [{ path: `${at}/segmentId`, message }];
}

/** What the gate would refuse every time is said beforehand. */
function reachPlaces(step: FlowStep, at: string, { purpose }: FlowDefinition, environment: FlowEnvironment): ErrorPlace[] {
  const reach = step.type === 'deliver' || step.type === 'call' ? environment.reachOf(step.purpose ?? purpose) : undefined;
  if (reach === undefined || (step.type !== 'deliver' && step.type !== 'call')) return [];
  const channel = step.type === 'deliver' ? step.channel : undefined;
  return [
    ...(reach.recipients === null || reach.recipients.includes(step.connectionId) ? [] : [{ path: `${at}/connectionId`, message: 'is no recipient of the purpose' }]),
    ...(channel === undefined || reach.channels.includes(channel) ? [] : [{ path: `${at}/channel`, message: 'is no channel of the purpose' }]),
  ];
}

/** Its answer comes in: it may be had of the brand itself and of who works for it, never of an independent company. */
function callPlaces({ connectionId, action }: CallStep, at: string, environment: FlowEnvironment): ErrorPlace[] {
  const asked = environment.asks(connectionId);
  if (asked === undefined || environment.destinationActions(connectionId)?.[action] === undefined) return [];
  return [
    ...(asked.recipient === 'third-party' ? [{ path: `${at}/connectionId`, message: 'is a third party: what an independent company answers has no way in' }] : []),
    ...(asked.actions.includes(action) ? [] : [{ path: `${at}/action`, message: `gives no answer${asked.actions.length > 0 ? `; ${asked.actions.join(', ')} does` : ''}` }]),
  ];
}

function deliveryPlaces(step: DeliverStep | CallStep, at: string, environment: FlowEnvironment): ErrorPlace[] {
  const places: ErrorPlace[] = [];
  if (step.purpose !== undefined && !environment.hasPurpose(step.purpose)) places.push({ path: `${at}/purpose`, message: 'there is no such purpose' });
  const wrong = step.mapping === undefined ? [] : environment.mappingPlaces(step.mapping);
  places.push(...wrong.map(({ path, message }) => ({ path: `${at}/mapping${path}`, message })));
  const actions = environment.destinationActions(step.connectionId);
  if (actions === undefined) return [...places, { path: `${at}/connectionId`, message: 'there is no such destination connection' }];
  const fields = Object.hasOwn(actions, step.action) ? actions[step.action] : undefined;
  if (fields === undefined) return [...places, { path: `${at}/action`, message: `must be one of ${Object.keys(actions).join(', ')}` }];
  return [...places, ...fieldPlaces(step.mapping, fields, `${at}/mapping`), ...(step.type === 'deliver' ? syncPlaces(step, at, environment) : [])];
}

/** An action that cannot take out cannot mirror either, which it would if the step said nothing. */
function syncPlaces({ connectionId, action, sync }: DeliverStep, at: string, environment: FlowEnvironment): ErrorPlace[] {
  const modes = environment.syncModes(connectionId, action);
  if (modes.length === 0) return sync === undefined ? [] : [{ path: `${at}/sync`, message: 'the action keeps no members' }];
  return modes.includes(sync ?? DEFAULT_SYNC_MODE) ? [] : [{ path: `${at}/sync`, message: `must be one of ${modes.join(', ')}` }];
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
