import { InvalidPayload, RetryableError, type MemberPage } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';
import { isObject } from './is-object.js';
import { MAX_INPUTS, readContacts } from './read-contacts.js';

/**
 * One page of a list's members: each address that HubSpot has of a contact, once. A contact without an address is left out.
 *
 * @throws what {@link callHubspot} throws; RetryableError when the answer is not what HubSpot documents ("Lists", "Get list memberships ordered by ID").
 */
export async function listEmails(context: HubspotContext, listId: string | undefined, cursor: string | null): Promise<MemberPage<{ email?: string; listId?: string }>> {
  if (listId === undefined) throw new InvalidPayload('A list is needed.');
  const query = new URLSearchParams({ limit: String(MAX_INPUTS), ...(cursor === null ? {} : { after: cursor }) });
  const answer = (await callHubspot(context, 'GET', `/crm/v3/lists/${encodeURIComponent(listId)}/memberships?${query.toString()}`)).json();
  const results = isObject(answer) ? answer.results : undefined;
  if (!isObject(answer) || !Array.isArray(results)) throw new RetryableError('HubSpot gave an answer without memberships.');
  const ids = results.flatMap((result) => (isObject(result) && typeof result.recordId === 'string' ? [result.recordId] : []));
  const contacts = ids.length === 0 ? [] : [...(await readContacts(context, ids, { by: 'id', properties: ['email', 'hs_additional_emails'] })).values()];
  const emails = contacts.flatMap(({ properties: { email, hs_additional_emails: further } }) => [email, ...(typeof further === 'string' ? further.split(';') : [])]);
  const next = isObject(answer.paging) && isObject(answer.paging.next) && typeof answer.paging.next.after === 'string' ? answer.paging.next.after : null;
  return { members: [...new Set(emails.flatMap((email) => (typeof email === 'string' && email !== '' ? [email.trim().toLowerCase()] : [])))].map((email) => ({ email })), next };
}
