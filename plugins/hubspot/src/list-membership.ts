import { defineDestination, email, InvalidPayload, RetryableError, text, type JsonValue, type SendResult } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';
import { eraseContacts } from './erase-contacts.js';
import { isObject } from './is-object.js';
import { MAX_INPUTS, readContacts } from './read-contacts.js';
import { settings } from './settings.js';
import { listEmails } from './list-emails.js';
import { writeContacts } from './write-contacts.js';

interface Member {
  payload: { email?: string; listId?: string };
}

/** Mirrors a segment in a static list. Takes MANUAL and SNAPSHOT lists; HubSpot itself decides who is in a dynamic one. */
export const listMembership = defineDestination(settings, {
  label: 'List membership',
  description: 'Adds people to a static list and takes them out. Someone HubSpot does not know is made a contact that has an email alone.',
  accepts: 'membership',
  suggests: { purpose: 'marketing', recipient: 'processor' },
  idempotency: 'natural',
  fields: {
    email: email('Email', { required: true, from: '{{default profile.email identities.email}}' }),
    listId: text('List ID', { required: true, pattern: '^\\d{1,20}$', example: '2043', description: 'The ILS list ID, shown in the details of the list.' }),
  },
  // A removal must know the list that the person was put on.
  identifiers: ['email', 'listId'],
  audience: ['listId'],
  maxBatchSize: MAX_INPUTS,
  addMembers: ({ items, ...context }) => perList(items, (listId, emails) => add(context, listId, emails)),
  removeMembers: ({ items, ...context }) => perList(items, (listId, emails) => remove(context, listId, emails)),
  listMembers: ({ audience: { listId }, cursor, ...context }) => listEmails(context, listId, cursor),
  erase: eraseContacts,
});

/** Runs `change` once per list, and gives the results in the order of the items. A failure of one list is not one of another. */
async function perList(items: readonly Member[], change: (listId: string, emails: string[]) => Promise<SendResult[]>): Promise<SendResult[]> {
  const results: SendResult[] = items.map(() => ({ ok: false, error: new InvalidPayload('A membership needs an email and a list.') }));
  const lists = new Map<string, { at: number; email: string }[]>();
  items.forEach(({ payload: { email: address, listId } }, at) => {
    if (address !== undefined && listId !== undefined) lists.set(listId, [...(lists.get(listId) ?? []), { at, email: address.toLowerCase() }]);
  });
  for (const [listId, members] of lists) {
    const outcomes = await settle(members.length, () => change(listId, members.map((member) => member.email)));
    members.forEach(({ at }, index) => {
      results[at] = outcomes[index] ?? { ok: false, error: new RetryableError('HubSpot gave no result.') };
    });
  }
  return results;
}

async function settle(count: number, change: () => Promise<SendResult[]>): Promise<SendResult[]> {
  try {
    return await change();
  } catch (error) {
    const failure = error instanceof Error ? error : new RetryableError('The list could not be changed.');
    return Array.from({ length: count }, () => ({ ok: false, error: failure }));
  }
}

async function add(context: HubspotContext, listId: string, emails: readonly string[]): Promise<SendResult[]> {
  const known = await readContacts(context, emails, { by: 'email', properties: [] });
  const unknown = [...new Set(emails)].filter((address) => !known.has(address));
  const made = unknown.length === 0 ? [] : await writeContacts(context, unknown.map((address) => ({ email: address, properties: {} })));
  const failures = new Map(made.flatMap((result, index) => (result.ok ? [] : [[unknown[index], result.error]])));
  const contacts = unknown.length === 0 ? known : new Map([...known, ...(await readContacts(context, unknown, { by: 'email', properties: [] }))]);
  const missing = await changeMembers(context, listId, 'add', emails.flatMap((address) => contacts.get(address)?.id ?? []));
  return emails.map((address) => {
    const failure = failures.get(address);
    if (failure !== undefined) return { ok: false, error: failure };
    const contact = contacts.get(address);
    // A contact made a moment ago may not be found, or not be known to the lists, yet.
    return contact === undefined || missing.has(contact.id) ? { ok: false, error: new RetryableError('HubSpot does not find the contact yet.') } : { ok: true };
  });
}

/** Someone HubSpot does not have is on no list. */
async function remove(context: HubspotContext, listId: string, emails: readonly string[]): Promise<SendResult[]> {
  const known = await readContacts(context, emails, { by: 'email', properties: [] });
  await changeMembers(context, listId, 'remove', emails.flatMap((address) => known.get(address)?.id ?? []));
  return emails.map(() => ({ ok: true }));
}

async function changeMembers(context: HubspotContext, listId: string, change: 'add' | 'remove', ids: readonly string[]): Promise<Set<JsonValue>> {
  if (ids.length === 0) return new Set();
  const response = await callHubspot(context, 'PUT', `/crm/v3/lists/${encodeURIComponent(listId)}/memberships/${change}`, [...new Set(ids)]);
  const answer = response.json();
  return new Set(isObject(answer) && Array.isArray(answer.recordIdsMissing) ? answer.recordIdsMissing : []);
}
