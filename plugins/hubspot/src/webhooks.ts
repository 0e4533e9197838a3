import { defineSource, jsonRecords, webhook, type JsonObject } from '@firsthand/plugin-sdk';
import { changedProperty, contactIdentities, contactProfile } from './contact-mapping.js';
import { fetchContacts } from './fetch-contacts.js';
import { isObject } from './is-object.js';
import { originOfChange } from './origin-of-change.js';
import { crmIds } from './record-id.js';
import { settings } from './settings.js';
import { verifyWebhook } from './verify-webhook.js';

const KINDS = new Set(['creation', 'propertyChange', 'restore', 'merge', 'deletion', 'privacyDeletion']);
const CONTACTS = '0-1';
const IS_DELETION = 'and (or (eq subscriptionType "contact.deletion") (eq subscriptionType "contact.privacyDeletion")) (not contact)';
const IS_CHANGE = '(eq subscriptionType "contact.propertyChange")';

/**
 * Changes of contacts as they happen. A creation, restoration or merge carries an id only, and the contact is read; a changed property is taken from
 * the event, so that its time is the time of the change, and the contact is read for who it is. Of contacts that are merged HubSpot says that each but one was deleted: who is
 * still there under another id was not.
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
  fetch: fetchContacts,
  mapping: [
    {
      // HubSpot does not promise that eventId is unique. A repeated attempt differs in attemptNumber only.
      messageId: '{{concat subscriptionType "-" eventId "-" objectId "-" propertyName "-" occurredAt}}',
      occurredAt: '{{date occurredAt}}',
    },
    {
      $when: `{{not (${IS_DELETION})}}`,
      type: { $const: 'identify' },
      name: { $const: 'Profile Updated' },
      // Both ids of a merge are the person's, and the one under which the contact was known before.
      ...contactIdentities('contact.', ['objectId', 'primaryObjectId', '(join mergedObjectIds ";")', 'newObjectId']),
    },
    { $when: `{{not (or (${IS_DELETION}) ${IS_CHANGE})}}`, ...contactProfile('contact.') },
    ...changedProperty(IS_CHANGE),
    {
      $when: `{{${IS_DELETION}}}`,
      type: { $const: 'delete' },
      name: { $const: 'Profile Deleted' },
      'identities.crmId': crmIds('(split objectId ";")'),
      'properties.reason': '{{map subscriptionType "contact.privacyDeletion" "privacy-request" "deleted-in-crm"}}',
    },
    originOfChange,
  ],
  sample: {
    eventId: 1, subscriptionId: 12345, portalId: 62515, appId: 54321, occurredAt: 1795478400000, subscriptionType: 'contact.propertyChange', attemptNumber: 0, objectId: 123,
    propertyName: 'city', propertyValue: 'Hangzhou', changeSource: 'CRM_UI', sourceId: 'userId:882761034',
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
