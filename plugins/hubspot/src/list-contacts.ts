import type { RecordPage } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';
import { CONTACT_FIELDS, NAMING_PROPERTIES } from './contact-properties.js';
import { isObject } from './is-object.js';
import { contactsIn, MAX_INPUTS } from './read-contacts.js';

const FURTHER = 'properties.';
const BY_FIELD = new Map(CONTACT_FIELDS.map(({ field, property }) => [field, property]));

/**
 * One page of all contacts as they are now, in the shape of the source `contacts`, with the properties behind these fields of the destination: HubSpot's list endpoint, in the order of
 * their ids (API docs, "Contacts", "Retrieve contacts"). It skips nobody when contacts change meanwhile, as a search by the time of change would.
 *
 * @throws what {@link callHubspot} throws; RetryableError when the answer is not what HubSpot documents.
 */
export async function listContacts({ cursor, fields, ...context }: HubspotContext & { cursor: string | null; fields: readonly string[] }): Promise<RecordPage> {
  const query = new URLSearchParams({ limit: String(MAX_INPUTS), properties: propertiesOf(fields, context.settings.contactProperties ?? []).join(','), ...(cursor === null ? {} : { after: cursor }) });
  const answer = (await callHubspot(context, 'GET', `/crm/v3/objects/contacts?${query.toString()}`)).json();
  const next = isObject(answer) && isObject(answer.paging) && isObject(answer.paging.next) && typeof answer.paging.next.after === 'string' ? answer.paging.next.after : null;
  return { records: contactsIn(answer), next };
}

/** A phone is read by the country it is of; `properties` as a whole are those that the connection names. */
function propertiesOf(fields: readonly string[], further: readonly string[]): string[] {
  const asked = fields.flatMap((field) => {
    if (field === 'properties') return further;
    if (field.startsWith(FURTHER)) return [field.slice(FURTHER.length)];
    return BY_FIELD.get(field) ?? [];
  });
  return [...new Set([...asked, ...(fields.includes('phone') ? ['country'] : []), ...NAMING_PROPERTIES])];
}
