import { defineSource, poll, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';
import { changeRecords, readModifiedAt } from './contact-history.js';
import { contactIdentities, contactProfile } from './contact-mapping.js';
import { CONTACT_PROPERTIES, TOLD_PROPERTIES } from './contact-properties.js';
import { isObject } from './is-object.js';
import { originOfChange } from './origin-of-change.js';
import { contactsIn, readContacts, type HubspotContact } from './read-contacts.js';
import { settings } from './settings.js';

const PAGE = 200;
/** A change may show up in the search some moments late ("CRM search"): the last minute is read again, and what is known is a duplicate. */
const INDEX_LAG_MS = 60_000;

/** Where reading goes on: contacts changed at `since` (epoch ms) or later; with `afterId`, only those of that very moment with a greater id. */
interface Cursor {
  since: number;
  afterId?: string;
}

/**
 * All contacts at first, then those that changed, oldest change first. HubSpot's own page numbers are not used: a contact that changes while
 * pages are read moves to the end, all behind it move up by one, and one would be skipped; and they end at 10,000 results. Every page is a query of its
 * own instead, from the moment where the last one ended. The search names contacts only; each is then read with the history of its properties, so that every property is said
 * as of the time at which it became what it is, and not as of the contact's last change.
 */
export const contacts = defineSource(settings, {
  label: 'Contacts',
  description: 'Reads all contacts, then every five minutes those that changed.',
  emits: ['Profile Updated'],
  trigger: poll({
    everySeconds: 300,
    async poll({ cursor: stored, ...context }) {
      const cursor = readCursor(stored);
      const response = await callHubspot(context, 'POST', '/crm/v3/objects/contacts/search', { ...query(cursor), limit: PAGE, properties: ['lastmodifieddate'] });
      const found = contactsIn(response.json());
      return { records: await readChanges(context, found.map(({ id }) => id)), ...advance(cursor, found, context.now) };
    },
  }),
  mapping: {
    type: { $const: 'identify' },
    name: { $const: 'Profile Updated' },
    messageId: '{{concat id "-" (default changedAt properties.lastmodifieddate)}}',
    occurredAt: '{{date (default changedAt properties.lastmodifieddate)}}',
    ...contactIdentities(''),
    ...contactProfile(''),
    ...originOfChange,
  },
  sample: {
    id: '512',
    properties: {
      email: 'ana@example.com', firstname: 'Ana', lastname: 'Lima', phone: '+8613912345678', city: 'Shanghai', country: 'China', lifecyclestage: 'customer',
      hs_email_optout: null, hs_object_id: '512', createdate: '2026-03-01T08:00:00.000Z', lastmodifieddate: '2026-11-24T08:00:00.000Z',
    },
    createdAt: '2026-03-01T08:00:00.000Z',
    updatedAt: '2026-11-24T08:00:00.000Z',
    archived: false,
    changedAt: '2026-11-24T08:00:00.000Z',
    changed: ';phone;city;',
    changeSource: 'CRM_UI',
  },
});

/** One that is gone by now is left out; one that was merged away is read as what it has become. */
async function readChanges(context: HubspotContext, ids: readonly string[]): Promise<JsonObject[]> {
  if (ids.length === 0) return [];
  const further = context.settings.contactProperties ?? [];
  const told = [...new Set([...TOLD_PROPERTIES, ...further])];
  const known = await readContacts(context, ids, { by: 'id', properties: [...CONTACT_PROPERTIES, ...further], history: told });
  const contacts = new Set(ids.flatMap((id) => known.get(id) ?? []));
  return [...contacts].flatMap((contact) => changeRecords(contact, told));
}

function readCursor(stored: JsonValue | undefined): Cursor {
  if (!isObject(stored) || typeof stored.since !== 'number') return { since: 0 };
  return typeof stored.afterId === 'string' ? { since: stored.since, afterId: stored.afterId } : { since: stored.since };
}

function query({ since, afterId }: Cursor): Record<string, JsonValue> {
  const from = { propertyName: 'lastmodifieddate', operator: 'GTE', value: String(since) };
  if (afterId === undefined) return { filterGroups: [{ filters: [from] }], sorts: [{ propertyName: 'lastmodifieddate', direction: 'ASCENDING' }] };
  const filters = [from, { ...from, operator: 'LTE' }, { propertyName: 'hs_object_id', operator: 'GT', value: afterId }];
  return { filterGroups: [{ filters }], sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }] };
}

function advance({ since, afterId }: Cursor, records: readonly HubspotContact[], now: number): { cursor: JsonValue; hasMore: boolean } {
  const last = records.at(-1);
  const isFull = records.length >= PAGE;
  if (afterId !== undefined) return { cursor: isFull && last !== undefined ? { since, afterId: last.id } : { since: since + 1 }, hasMore: true };
  if (last === undefined) return { cursor: { since }, hasMore: false };
  const reached = readModifiedAt(last);
  if (!isFull) return { cursor: { since: Math.max(since, Math.min(reached + 1, now - INDEX_LAG_MS)) }, hasMore: false };
  // A page of one single moment (an import) would give itself again: that moment is read by id.
  return { cursor: reached > since ? { since: reached } : { since, afterId: '0' }, hasMore: true };
}
