import { defineSource, jsonRecords, webhook, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { changedProperty, contactIdentities, contactProfile } from './contact-mapping.js';
import { CONTACT_PROPERTIES } from './contact-properties.js';
import { isObject } from './is-object.js';
import { readContacts } from './read-contacts.js';
import { settings } from './settings.js';
import { verifyWebhook } from './verify-webhook.js';

const KINDS = new Set(['creation', 'propertyChange', 'restore', 'merge', 'deletion', 'privacyDeletion']);
const CONTACTS = '0-1';
const IS_DELETION = 'or (eq subscriptionType "contact.deletion") (eq subscriptionType "contact.privacyDeletion")';
const IS_CHANGE = '(eq subscriptionType "contact.propertyChange")';

/**
 * Changes of contacts as they happen. A creation, restoration or merge carries an id only, and the contact is read; a changed property is taken from
 * the event, so that its time is the time of the change, and the contact is read for who it is.
 */
export const webhooks = defineSource(settings, {
  label: 'Contact webhooks',
  description: 'Contacts made, changed, merged or deleted in HubSpot.',
  emits: ['Profile Updated', 'Profile Deleted'],
  trigger: webhook({ verify: verifyWebhook }),
  *records({ body }) {
    for (const event of jsonRecords(body)) {
      const subscriptionType = isObject(event) ? contactEvent(event) : undefined;
      if (subscriptionType !== undefined) yield { ...(event as JsonObject), subscriptionType };
    }
  },
  async fetch({ records, ...context }) {
    const ids = records.flatMap((record) => (isDeletion(record) ? [] : [contactId(record)]));
    const properties = [...CONTACT_PROPERTIES, ...(context.settings.contactProperties ?? [])];
    const contacts = ids.length === 0 ? new Map<string, JsonObject>() : await readContacts(context, 'id', ids, properties);
    return records.map((record) => {
      if (isDeletion(record) || !isObject(record)) return record;
      const contact = contacts.get(contactId(record));
      return contact === undefined ? null : { ...record, contact };
    });
  },
  mapping: [
    {
      // HubSpot does not promise that eventId is unique. A repeated attempt differs in attemptNumber only.
      messageId: '{{concat subscriptionType "-" eventId "-" objectId "-" propertyName "-" occurredAt}}',
      occurredAt: '{{date occurredAt}}',
    },
    { $when: `{{not (${IS_DELETION})}}`, type: { $const: 'identify' }, name: { $const: 'Profile Updated' }, ...contactIdentities('contact.') },
    { $when: `{{not (or (${IS_DELETION}) ${IS_CHANGE})}}`, ...contactProfile('contact.') },
    ...changedProperty(IS_CHANGE),
    {
      $when: `{{${IS_DELETION}}}`,
      type: { $const: 'delete' },
      name: { $const: 'Profile Deleted' },
      'identities.crmId': '{{objectId}}',
      'properties.reason': '{{map subscriptionType "contact.privacyDeletion" "privacy-request" "deleted-in-crm"}}',
    },
  ],
  sample: {
    eventId: 1, subscriptionId: 12345, portalId: 62515, appId: 54321, occurredAt: 1795478400000, subscriptionType: 'contact.propertyChange', attemptNumber: 0, objectId: 123,
    propertyName: 'city', propertyValue: 'Hangzhou', changeSource: 'CRM',
    contact: { id: '123', properties: { email: 'ana@example.com', firstname: 'Ana', city: 'Hangzhou', lastmodifieddate: '2026-11-24T00:00:00.000Z' } },
  },
});

/**
 * The kind of an event of a contact, e.g. `contact.creation`; undefined for events of other objects. Apps on the newer developer platform say
 * `object.creation` with the type of the object, `0-1` for contacts.
 */
function contactEvent({ subscriptionType, objectTypeId }: JsonObject): string | undefined {
  const [object, kind = ''] = typeof subscriptionType === 'string' ? subscriptionType.split('.') : [];
  const isContact = object === 'contact' || (object === 'object' && objectTypeId === CONTACTS);
  return isContact && KINDS.has(kind) ? `contact.${kind}` : undefined;
}

function isDeletion(record: JsonValue): boolean {
  return isObject(record) && (record.subscriptionType === 'contact.deletion' || record.subscriptionType === 'contact.privacyDeletion');
}

/** After a merge the contact lives on under a new id. */
function contactId(record: JsonValue): string {
  return isObject(record) ? String(record.newObjectId ?? record.objectId) : '';
}
