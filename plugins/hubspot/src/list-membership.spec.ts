import type { SendResult } from '@firsthand/plugin-sdk';
import { startFakeHubspot, type FakeHubspot } from '../../../test/support/fake-hubspot.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { listMembership } from './list-membership.js';

const log = { info: () => undefined, warn: () => undefined };
let hubspot: FakeHubspot;

beforeEach(async () => {
  hubspot = await startFakeHubspot();
  hubspot.addList('7');
  hubspot.addList('8');
});
afterEach(() => hubspot.close());

async function change(how: 'addMembers' | 'removeMembers', ...payloads: { email: string; listId: string }[]): Promise<SendResult[]> {
  const items = payloads.map((payload, at) => ({ payload, idempotencyKey: `k${at}` }));
  return (await listMembership[how]?.({ settings: hubspot.settings, http: fetchHttpClient(), log, signal: new AbortController().signal, now: 0, items })) ?? [];
}

const members = (listId: string): string[] => [...(hubspot.lists.get(listId)?.members ?? [])];

describe('list-membership', () => {
  it('adds contacts that are there, and makes those that are not, with an email alone', async () => {
    const { id } = hubspot.addContact({ email: 'ana@example.com', firstname: 'Ana' });
    await expect(change('addMembers', { email: 'Ana@example.com', listId: '7' }, { email: 'bo@example.com', listId: '7' })).resolves.toEqual([{ ok: true }, { ok: true }]);
    expect(members('7')).toEqual([id, hubspot.contacts.get('bo@example.com')?.id]);
    const made = hubspot.requests.filter(({ path }) => path.endsWith('/upsert')).map(({ text }) => JSON.parse(text) as { inputs: { id: string }[] });
    expect(made.flatMap(({ inputs }) => inputs.map((input) => input.id))).toEqual(['bo@example.com']);
    expect(hubspot.contacts.get('bo@example.com')?.properties).not.toHaveProperty('firstname');
  });

  it('ends the same when it is repeated', async () => {
    for (let times = 0; times < 2; times += 1) await change('addMembers', { email: 'ana@example.com', listId: '7' });
    expect(members('7')).toHaveLength(1);
    for (let times = 0; times < 2; times += 1) await expect(change('removeMembers', { email: 'ana@example.com', listId: '7' })).resolves.toEqual([{ ok: true }]);
    expect(members('7')).toEqual([]);
  });

  it('keeps lists apart, with the results in order', async () => {
    const results = await change('addMembers', { email: 'a@example.com', listId: '7' }, { email: 'b@example.com', listId: '404' }, { email: 'c@example.com', listId: '8' }, { email: 'd@example.com', listId: '7' });
    expect(results.map((result) => result.ok)).toEqual([true, false, true, true]);
    expect(members('7')).toHaveLength(2);
    expect(members('8')).toHaveLength(1);
  });

  it('fails an email that HubSpot does not take, and adds the others', async () => {
    const results = await change('addMembers', { email: 'a@example.com', listId: '7' }, { email: 'b@example', listId: '7' });
    expect(results).toMatchObject([{ ok: true }, { ok: false, error: { name: 'InvalidPayload' } }]);
    expect(members('7')).toHaveLength(1);
  });

  it('has nothing to take out for someone HubSpot does not have', async () => {
    await expect(change('removeMembers', { email: 'nobody@example.com', listId: '7' })).resolves.toEqual([{ ok: true }]);
    expect(hubspot.contacts.size).toBe(0);
    expect(hubspot.requests.map(({ path }) => path)).toEqual(['/crm/v3/objects/contacts/batch/read']);
  });

  it('asks again for a contact that the list does not know yet', async () => {
    hubspot.script({ path: /memberships/, answer: { status: 200, json: { recordsIdsAdded: [], recordIdsMissing: ['101'] } } });
    await expect(change('addMembers', { email: 'new@example.com', listId: '7' })).resolves.toMatchObject([{ ok: false, error: { name: 'RetryableError' } }]);
  });

  it('lists every address of who is on it, page by page', async () => {
    for (let number = 0; number < 101; number += 1) hubspot.lists.get('7')?.members.add(hubspot.addContact({ email: `P${number}@example.com` }).id);
    const context = { settings: hubspot.settings, http: fetchHttpClient(), log, signal: new AbortController().signal, now: 0, audience: { listId: '7' } };
    const first = await listMembership.listMembers?.({ ...context, cursor: null });
    expect([first?.members.length, first?.members[0]]).toEqual([100, { email: 'p0@example.com' }]);
    expect(await listMembership.listMembers?.({ ...context, cursor: first?.next ?? '' })).toEqual({ members: [{ email: 'p100@example.com' }], next: null });
    await expect(listMembership.listMembers?.({ ...context, audience: { listId: '404' }, cursor: null })).rejects.toMatchObject({ name: 'InvalidPayload' });
  });

  it('refuses a dynamic list, and passes on that HubSpot asks to wait', async () => {
    hubspot.addList('9', 'DYNAMIC');
    await expect(change('addMembers', { email: 'a@example.com', listId: '9' })).resolves.toMatchObject([{ ok: false, error: { name: 'InvalidPayload' } }]);
    hubspot.rateLimit({ retryAfterSeconds: 2 });
    await expect(change('addMembers', { email: 'a@example.com', listId: '7' })).resolves.toMatchObject([{ ok: false, error: { name: 'RateLimited', retryAfterMs: 2000 } }]);
  });
});
