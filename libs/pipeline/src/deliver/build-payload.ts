import { profileView, stripUncovered, isJsonObject, type ConsentStanding, type JsonObject, type JsonValue, type Profile, type Purpose } from '@firsthand/domain';
import { fieldsValidator, type DestinationDefinition } from '@firsthand/plugin-sdk';
import type { DestinationConnection, LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, EventRow, RunRow } from '../ports/rows.js';
import { identitiesFor } from './identities-for.js';

/**
 * A payload that may go, and the canonical fields that are in it; or why there is none. `disclosed` names each field of the person one by one, also where the mapping takes
 * all of them.
 */
export type BuiltPayload = { payload: JsonObject; fields: string[]; disclosed: string[] } | { error: string };

/** What a payload is made for, and under which purpose. */
export interface PayloadGround {
  connection: Pick<DestinationConnection, 'connectionId' | 'settings'>;
  destination: DestinationDefinition;
  flow: LiveFlow;
  purpose: Purpose;
  /** Whether sensitive fields may go. */
  coversSensitive: boolean;
  /** The consent that allows it, where one does: a recipient that keeps consents is told of when it is. */
  standing?: Pick<ConsentStanding, 'decision' | 'effectiveAt'> | null;
}

const validators = new WeakMap<DestinationDefinition, ReturnType<typeof fieldsValidator>>();

/**
 * Makes the payload of a data delivery from the person as they are now and the event that caused it. What the purpose does not cover, and what is
 * sensitive without a consent of its own, is taken out before the mapping sees it.
 */
export function buildPayload(
  row: Pick<DeliveryRow, 'stepId' | 'segmentId'>, { connection, destination, flow, purpose, coversSensitive, standing }: PayloadGround, profile: Profile, event: EventRow | undefined, run: RunRow | undefined, configuration: WorkspaceConfiguration,
): BuiltPayload {
  const mapping = flow.mappings.get(row.stepId ?? '');
  if (mapping === undefined) return { error: 'mapping-missing' };
  const context = { ...stripUncovered(purpose, contextOf(row, profile, identitiesFor(profile, { connection, destination, identityRules: configuration.identityRules }), event, run, configuration), coversSensitive ? [] : configuration.sensitivePaths), ...consentView(standing) };
  const mapped = mapping.apply(context, {});
  const result = validatorOf(destination)(mapped);
  if (!result.ok) return { error: `invalid-payload:${result.places.map(({ path }) => path.slice(1)).join(',')}` };
  const fields = new Set<string>();
  for (const [target, paths] of mapping.reads) if (Object.hasOwn(mapped, target.split('.', 1)[0] as string)) for (const path of paths) fields.add(path);
  return { payload: result.values as JsonObject, fields: [...fields].sort(), disclosed: [...new Set([...fields].flatMap((path) => partsOf(path, context)))].sort() };
}

/** What has parts that the dictionary names. An event is told as a whole: what lies in its properties has no bounds. */
const DIVIDED: ReadonlySet<string> = new Set(['profile', 'identities', 'profile.custom']);

function partsOf(path: string, context: JsonObject): string[] {
  if (!DIVIDED.has(path)) return [path];
  const value = path.split('.').reduce<JsonValue | undefined>((found, key) => (isJsonObject(found) ? found[key] : undefined), context);
  return isJsonObject(value) ? Object.keys(value).flatMap((key) => partsOf(`${path}.${key}`, context)) : [];
}

/** What a destination mapping can read. */
function contextOf(row: Pick<DeliveryRow, 'segmentId'>, profile: Profile, identities: JsonObject, event: EventRow | undefined, run: RunRow | undefined, configuration: WorkspaceConfiguration): JsonObject {
  const context: JsonObject = { profile: profileView(profile) as JsonObject, identities };
  if (event !== undefined) context.event = eventView(event);
  if (run?.answers !== undefined) context.answers = JSON.parse(run.answers) as JsonObject;
  const segment = configuration.segments.find(({ segmentId }) => segmentId === row.segmentId);
  if (segment !== undefined) context.segment = { id: segment.segmentId, name: segment.name, isMember: profile.memberships[segment.segmentId]?.isMember ?? false };
  return context;
}

/** No field of the person that a purpose could cover, but what permits the delivery. */
function consentView(standing: PayloadGround['standing']): JsonObject {
  return standing?.decision === 'granted' ? { consent: { decidedAt: new Date(standing.effectiveAt).toISOString() } } : {};
}

const EVENT_FIELDS = ['name', 'type', 'messageId', 'occurredAt', 'properties', 'order', 'product', 'store', 'context'] as const;

function eventView({ record }: EventRow): JsonObject {
  const view: JsonObject = {};
  for (const field of EVENT_FIELDS) {
    const value = field === 'occurredAt' ? new Date(record.occurredAt).toISOString() : record[field];
    if (value !== undefined) view[field] = value;
  }
  return view;
}

function validatorOf(destination: DestinationDefinition): ReturnType<typeof fieldsValidator> {
  let validator = validators.get(destination);
  if (validator === undefined) validators.set(destination, (validator = fieldsValidator(destination.fields)));
  return validator;
}
