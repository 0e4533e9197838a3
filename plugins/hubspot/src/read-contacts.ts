import { RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';
import { isObject } from './is-object.js';

/** A contact as HubSpot gives it; properties that are not set are null. */
export interface HubspotContact extends JsonObject {
  id: string;
  properties: JsonObject;
}

/** Inputs per batch request (HubSpot's limit). */
export const MAX_INPUTS = 100;

/**
 * Reads contacts by record id or by email, 100 in a request. Gives a map from each id or email that was asked for (emails in lower case) to its
 * contact; what HubSpot does not have is left out. A merged record is found by each of its former ids, a contact by its further emails.
 *
 * @throws what {@link callHubspot} throws.
 */
export async function readContacts(context: HubspotContext, by: 'id' | 'email', keys: readonly string[], properties: readonly string[]): Promise<Map<string, HubspotContact>> {
  const [primary, former] = by === 'email' ? ['email', 'hs_additional_emails'] : ['hs_object_id', 'hs_merged_object_ids'];
  const wanted = [...new Set(keys)];
  const found = new Map<string, HubspotContact>();
  for (let at = 0; at < wanted.length; at += MAX_INPUTS) {
    const response = await callHubspot(context, 'POST', '/crm/v3/objects/contacts/batch/read', {
      inputs: wanted.slice(at, at + MAX_INPUTS).map((id) => ({ id })),
      properties: [...new Set([...properties, primary, former])],
      ...(by === 'email' ? { idProperty: 'email' } : {}),
    });
    for (const contact of contactsIn(response.json())) {
      const names = [contact.id, contact.properties[primary], ...textOf(contact.properties[former]).split(';')];
      for (const name of names) if (typeof name === 'string' && name !== '') found.set(name.trim().toLowerCase(), contact);
    }
  }
  return found;
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
