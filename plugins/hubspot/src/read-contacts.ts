import { RetryableError, type HttpResponse, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';
import { isObject } from './is-object.js';

/** A contact as HubSpot gives it; properties that are not set are null. */
export interface HubspotContact extends JsonObject {
  id: string;
  properties: JsonObject;
}

/** What to read of each contact. */
export interface ContactReading {
  by: 'id' | 'email';
  properties: readonly string[];
  /** Properties whose history is wanted too, in `propertiesWithHistory`. */
  history?: readonly string[];
}

/** Inputs per batch request (HubSpot's limit). */
export const MAX_INPUTS = 100;
/** Inputs per batch request that asks for histories (HubSpot's limit). */
const MAX_INPUTS_WITH_HISTORY = 50;
const KEPT_BYTES = 1_000_000;

/**
 * Reads contacts by record id or by email, 100 in a request, 50 where their history is wanted. Gives a map from each id or email that was asked for (emails in lower case) to its
 * contact; what HubSpot does not have is left out. A merged record is found by each of its former ids, a contact by its further emails.
 *
 * @throws what {@link callHubspot} throws.
 */
export async function readContacts(context: HubspotContext, keys: readonly string[], reading: ContactReading): Promise<Map<string, HubspotContact>> {
  const [primary, former] = reading.by === 'email' ? ['email', 'hs_additional_emails'] : ['hs_object_id', 'hs_merged_object_ids'];
  const wanted = [...new Set(keys)];
  const size = reading.history === undefined ? MAX_INPUTS : MAX_INPUTS_WITH_HISTORY;
  const found = new Map<string, HubspotContact>();
  for (let at = 0; at < wanted.length; at += size) {
    for (const contact of await readBatch(context, wanted.slice(at, at + size), { ...reading, properties: [...new Set([...reading.properties, primary, former])] })) {
      const names = [contact.id, contact.properties[primary], ...textOf(contact.properties[former]).split(';')];
      for (const name of names) if (typeof name === 'string' && name !== '') found.set(name.trim().toLowerCase(), contact);
    }
  }
  return found;
}

/** An answer with long histories may be longer than what the host keeps of it: halves are asked for then, and of one contact alone its state without them. */
async function readBatch(context: HubspotContext, keys: readonly string[], reading: ContactReading): Promise<HubspotContact[]> {
  const { by, properties, history } = reading;
  const response = await callHubspot(context, 'POST', '/crm/v3/objects/contacts/batch/read', {
    inputs: keys.map((id) => ({ id })),
    properties: [...properties],
    ...(history === undefined ? {} : { propertiesWithHistory: [...history] }),
    ...(by === 'email' ? { idProperty: 'email' } : {}),
  });
  if (history === undefined || !isCutOff(response)) return contactsIn(response.json());
  if (keys.length === 1) return readBatch(context, keys, { by, properties });
  const middle = Math.ceil(keys.length / 2);
  return [...(await readBatch(context, keys.slice(0, middle), reading)), ...(await readBatch(context, keys.slice(middle), reading))];
}

/** The host keeps 1 MB of an answer. */
function isCutOff({ text }: HttpResponse): boolean {
  return Buffer.byteLength(text) >= KEPT_BYTES;
}

/**
 * The contacts in the `results` of an answer.
 *
 * @throws RetryableError when the answer is not what HubSpot documents.
 */
export function contactsIn(answer: JsonValue): HubspotContact[] {
  const results = isObject(answer) ? answer.results : undefined;
  if (!Array.isArray(results) || !results.every(isContact)) throw new RetryableError('HubSpot gave an answer without contacts.');
  return results;
}

function isContact(value: JsonValue): value is HubspotContact {
  return isObject(value) && typeof value.id === 'string' && isObject(value.properties);
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
