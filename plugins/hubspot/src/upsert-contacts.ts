import { InvalidPayload, isolateFailures, RateLimited, RetryableError, type JsonObject, type JsonValue, type SendResult } from '@firsthand/plugin-sdk';
import { callHubspot, isCode, type HubspotContext } from './call-hubspot.js';
import { isObject } from './is-object.js';
import { contactsIn } from './read-contacts.js';

/** One contact to make or change, known by its email. Null clears a property; a property that is not there stays as it is. */
export interface ContactInput {
  email: string;
  properties: Record<string, JsonValue | undefined>;
}

/** Categories that say the record itself is wrong; any other failure may pass. */
const REFUSALS = new Set(['VALIDATION_ERROR', 'CONFLICT', 'OBJECT_NOT_FOUND', 'OBJECT_ALREADY_EXISTS', 'BAD_REQUEST']);

/**
 * Makes or changes up to 100 contacts. Every input has a trace id: HubSpot then takes the good ones and names the bad ones (207). Where it refuses
 * the whole batch all the same, the halves are sent again. One result per input, in order.
 *
 * @throws what {@link callHubspot} throws, when it concerns all.
 */
export async function upsertContacts(context: HubspotContext, inputs: readonly ContactInput[]): Promise<SendResult[]> {
  return isolateFailures(inputs, async (some) => {
    const body = { inputs: some.map((input, index) => toInput(input, String(index))) };
    const response = await callHubspot(context, 'POST', '/crm/v3/objects/contacts/batch/upsert', body);
    return readResults(response.json(), some.length);
  });
}

function toInput({ email, properties }: ContactInput, traceId: string): JsonObject {
  const values = Object.entries(properties).flatMap(([name, value]) => (value === undefined || name === 'email' ? [] : [[name, toText(name, value)]]));
  return { id: email, idProperty: 'email', objectWriteTraceId: traceId, properties: { email, ...Object.fromEntries(values) as JsonObject } };
}

/** HubSpot takes texts: an empty one clears the property, several choices are divided by semicolons. */
function toText(name: string, value: JsonValue): string {
  if (value === null) return '';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(';');
  if (typeof value === 'object') throw new InvalidPayload(`HubSpot takes no object as a property (${/^\w{1,100}$/.test(name) ? name : 'unnamed'}).`);
  return String(value);
}

function readResults(answer: JsonValue, count: number): SendResult[] {
  const contacts = contactsIn(answer);
  const errors = isObject(answer) && Array.isArray(answer.errors) ? answer.errors.filter(isObject) : [];
  const refused = new Map(errors.flatMap((error) => tracesOf(error).map((trace) => [trace, toError(error)])));
  const done = new Set(contacts.map(({ objectWriteTraceId }) => objectWriteTraceId));
  // An error without a trace leaves open whom it meant: only those that HubSpot names as done are done.
  const isAttributed = errors.every((error) => tracesOf(error).length > 0) && contacts.length + refused.size >= count;
  return Array.from({ length: count }, (_, index) => {
    const trace = String(index);
    const error = refused.get(trace);
    if (error !== undefined) return { ok: false, error };
    return isAttributed || done.has(trace) ? { ok: true } : { ok: false, error: new RetryableError('HubSpot did not say whether it took the contact.') };
  });
}

function tracesOf({ context }: JsonObject): string[] {
  const traces = isObject(context) ? context.objectWriteTraceId : undefined;
  return Array.isArray(traces) ? traces.filter((trace) => typeof trace === 'string') : [];
}

function toError({ category }: JsonObject): Error {
  const name = isCode(category) ? category : 'an error';
  if (category === 'RATE_LIMITS') return new RateLimited(undefined, 'HubSpot took a part of the batch only.');
  return REFUSALS.has(name) ? new InvalidPayload(`HubSpot refused the contact: ${name}.`) : new RetryableError(`HubSpot failed for the contact: ${name}.`);
}
