import type { JsonObject, JsonValue } from '@firsthand/plugin-sdk';
import type { HubspotContext } from './call-hubspot.js';
import { changeList, propertyStates } from './contact-history.js';
import { CONTACT_PROPERTIES, TOLD_PROPERTIES } from './contact-properties.js';
import { isObject } from './is-object.js';
import { readContacts, type HubspotContact } from './read-contacts.js';

/** A property that changed with a merge or a restoration bears its time, or one shortly before. */
const TOGETHER_MS = 60_000;

/** These say that a contact is there with all that it has, of which most was so before. */
const WHOLE_CONTACTS = new Set<JsonValue | undefined>(['contact.merge', 'contact.restore', 'contact.deletion']);

/**
 * Gives each event of a webhook its contact; null where that is gone by now. A merge or a restoration says no more than what came with it (`changed`): the rest is older than the event.
 * A deletion gets a contact only where the deleted one lives on in another.
 *
 * @throws what {@link readContacts} throws.
 */
export async function fetchContacts({ records, ...context }: HubspotContext & { records: JsonValue[] }): Promise<(JsonValue | null)[]> {
  const events = records.map((record) => (isObject(record) && record.subscriptionType !== 'contact.privacyDeletion' ? record : undefined));
  const further = context.settings.contactProperties ?? [];
  const told = [...new Set([...TOLD_PROPERTIES, ...further])];
  const properties = [...CONTACT_PROPERTIES, ...further];
  const read = async (isWhole: boolean): Promise<Map<string, HubspotContact>> => {
    const ids = events.flatMap((event) => (event !== undefined && WHOLE_CONTACTS.has(event.subscriptionType) === isWhole ? [contactId(event)] : []));
    return ids.length === 0 ? new Map() : readContacts(context, ids, { by: 'id', properties, ...(isWhole ? { history: told } : {}) });
  };
  const [plain, whole] = [await read(false), await read(true)];
  return records.map((record, index) => {
    const event = events[index];
    if (event === undefined) return record;
    if (!WHOLE_CONTACTS.has(event.subscriptionType)) return withContact(event, plain.get(contactId(event)));
    const contact = whole.get(contactId(event));
    if (event.subscriptionType !== 'contact.deletion') return contact === undefined ? null : { ...event, ...asOf(event, contact, told) };
    // Under its own id it is there again, or not gone yet: of a restoration HubSpot tells.
    return contact === undefined || contact.id === contactId(event) ? event : { ...event, ...asOf(event, contact, told) };
  });
}

function withContact(event: JsonObject, contact: HubspotContact | undefined): JsonObject | null {
  return contact === undefined ? null : { ...event, contact };
}

/** The contact, and which of its properties are so since the event. */
function asOf({ occurredAt }: JsonObject, contact: HubspotContact, names: readonly string[]): JsonObject {
  const since = typeof occurredAt === 'number' ? occurredAt - TOGETHER_MS : 0;
  const changed = propertyStates(contact, names).filter(({ at, isBroughtBack }) => at === undefined || isBroughtBack || at >= since);
  const now = Object.fromEntries(Object.entries(contact).filter(([name]) => name !== 'propertiesWithHistory'));
  return { contact: now, changed: changeList(changed.map(({ property }) => property)) };
}

/** After a merge the contact lives on under a new id. */
function contactId(event: JsonObject): string {
  return String(event.newObjectId ?? event.primaryObjectId ?? event.objectId);
}
