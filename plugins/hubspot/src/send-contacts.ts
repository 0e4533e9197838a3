import { InvalidPayload, isolateFailures, RateLimited, RetryableError, type JsonObject, type JsonValue, type SendResult } from '@firsthand/plugin-sdk';
import { callHubspot, HubspotRefusal, isCode, type HubspotContext } from './call-hubspot.js';
import { isObject } from './is-object.js';
import { contactsIn } from './read-contacts.js';

/** One contact to make or change. Null clears a property; a property that is not there stays as it is. */
export interface ContactInput {
  /** HubSpot's record id, or one of its former ones. */
  id?: string;
  email?: string;
  properties: Record<string, JsonValue | undefined>;
}

/** Categories that say the record itself is wrong; any other failure may pass. */
const REFUSALS = new Set(['VALIDATION_ERROR', 'CONFLICT', 'OBJECT_NOT_FOUND', 'OBJECT_ALREADY_EXISTS', 'BAD_REQUEST']);

/**
 * Sends up to 100 contacts in one request: an `update` by id, an `upsert` by email. Every input has a trace id, by which HubSpot names the bad ones (207); of records that are gone
 * it names the id. Where it refuses the whole batch all the same, the halves are sent again. One result per input, in order.
 *
 * @throws what {@link callHubspot} throws, when it concerns all.
 */
export async function sendContacts(context: HubspotContext, kind: 'update' | 'upsert', inputs: readonly ContactInput[]): Promise<SendResult[]> {
  return isolateFailures(inputs, async (some) => {
    const bodies = some.map((input, index) => (kind === 'update' ? toUpdate : toUpsert)(input, String(index)));
    const response = await callHubspot(context, 'POST', `/crm/v3/objects/contacts/batch/${kind}`, { inputs: bodies });
    return readResults(response.json(), bodies.map(({ id }) => id));
  });
}

type Body = JsonObject & { id: string };

function toUpdate({ id = '', email, properties }: ContactInput, objectWriteTraceId: string): Body {
  return { id, objectWriteTraceId, properties: toTexts({ ...properties, email }) };
}

function toUpsert({ email = '', properties }: ContactInput, objectWriteTraceId: string): Body {
  return { id: email, idProperty: 'email', objectWriteTraceId, properties: toTexts({ ...properties, email }) };
}

function toTexts(properties: ContactInput['properties']): JsonObject {
  return Object.fromEntries(Object.entries(properties).flatMap(([name, value]) => (value === undefined ? [] : [[name, toText(name, value)]])));
}

/** HubSpot takes texts: an empty one clears the property, several choices are divided by semicolons. */
function toText(name: string, value: JsonValue): string {
  if (value === null) return '';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(';');
  if (typeof value === 'object') throw new InvalidPayload(`HubSpot takes no object as a property (${/^\w{1,100}$/.test(name) ? name : 'unnamed'}).`);
  return String(value);
}

function readResults(answer: JsonValue, ids: readonly string[]): SendResult[] {
  const contacts = contactsIn(answer);
  const errors = isObject(answer) && Array.isArray(answer.errors) ? answer.errors.filter(isObject) : [];
  const refused = new Map(errors.flatMap((error) => placesOf(error, ids).map((place) => [place, toError(error)])));
  const done = new Set(contacts.flatMap(({ objectWriteTraceId, id }) => (typeof objectWriteTraceId === 'string' ? [Number(objectWriteTraceId)] : [ids.indexOf(id)])));
  // An error that names nobody leaves open whom it meant: only those that HubSpot names as done are done.
  const isAttributed = errors.every((error) => placesOf(error, ids).length > 0) && contacts.length + refused.size >= ids.length;
  return ids.map((_, place) => {
    const error = refused.get(place);
    if (error !== undefined) return { ok: false, error };
    return isAttributed || done.has(place) ? { ok: true } : { ok: false, error: new RetryableError('HubSpot did not say whether it took the contact.') };
  });
}

/** The inputs that an error is of, by their trace ids or by the ids of records. */
function placesOf({ context }: JsonObject, ids: readonly string[]): number[] {
  if (!isObject(context)) return [];
  const traces = textsIn(context.objectWriteTraceId).map(Number);
  return [...traces, ...textsIn(context.ids).map((id) => ids.indexOf(id))].filter((place) => place >= 0 && place < ids.length);
}

function textsIn(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function toError({ category }: JsonObject): Error {
  const name = isCode(category) ? category : 'an error';
  if (category === 'RATE_LIMITS') return new RateLimited(undefined, 'HubSpot took a part of the batch only.');
  return REFUSALS.has(name) ? new HubspotRefusal(`HubSpot refused the contact: ${name}.`, name) : new RetryableError(`HubSpot failed for the contact: ${name}.`);
}
