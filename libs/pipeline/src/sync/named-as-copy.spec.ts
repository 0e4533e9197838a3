import { newProfile, UNKNOWN_COPY, type Profile } from '@firsthand/domain';
import type { SyncStateRow } from '../ports/sync-states.js';
import { newPersonWork } from '../person/person-work.js';
import { namedAsCopy } from './named-as-copy.js';
import { SyncBook } from './sync-book.js';
import { syncDigest } from './sync-digest.js';

const copyOf = (profileId: string, ...names: string[]): SyncStateRow => ({ ...UNKNOWN_COPY, workspaceId: 'w', connectionId: 'shop', profileId, names: names.map((name) => syncDigest(profileId, name)) });
const A = copyOf('a', '1', 'a@example.com', '+4930111');
const B = copyOf('b', '2', 'b@example.com', '+4930222');

/** Two who are one, by the values that stand: the ids in their order. */
async function idsOf(email: string | null, phone: string | null, copies: readonly SyncStateRow[]): Promise<string[]> {
  const field = (value: string) => ({ value, at: 1, source: 's', origin: 'o', version: 1 });
  const fields: Profile['fields'] = { ...(email === null ? {} : { email: field(email) }), ...(phone === null ? {} : { phone: field(phone) }) };
  const identities = [['customerId', '1'], ['customerId', '2'], ['email', 'a@example.com'], ['email', 'b@example.com']].map(([namespace = '', value = '']) => ({ namespace, value }));
  const person = newPersonWork({ ...newProfile({ workspaceId: 'w', profileId: 'a', subjectKey: 's', seenAt: 0, now: 0 }), mergedFrom: ['b'], identities, fields }, {}, false);
  const tx = { findSyncStates: () => Promise.resolve(copies), findSalts: () => Promise.resolve(new Map([['a', 'a'], ['b', 'b']])), insertSalts: () => Promise.resolve() };
  return namedAsCopy(await SyncBook.open(tx as never, 'w', ['shop'], [person]), 'shop', person).identities.map(({ value }) => value);
}

const [ASIS, AS_B] = [['1', '2', 'a@example.com', 'b@example.com'], ['2', 'b@example.com', '1', 'a@example.com']];
const AS_A = ['1', 'a@example.com', '2', 'b@example.com'];

it.each([
  ['the one that has the address', 'b@example.com', null, [A, B], AS_B], ['the address counts for more than the phone', 'a@example.com', '+4930222', [A, B], AS_A], ['the one that has the phone, where neither has the address', 'c@example.com', '+4930222', [A, B], AS_B],
  ['as it is, where neither has either', 'c@example.com', null, [A, B], ASIS], ['as it is, where there is nothing', null, null, [A, B], ASIS], ['as it is, where there is one', 'b@example.com', null, [B], ASIS],
  ['the one that is left, where the other was deleted', 'b@example.com', null, [A, { ...B, deleted: { saidAt: 1, at: 1 } }], AS_A], ['the one that is left, whatever it has', 'a@example.com', null, [{ ...A, names: [], deleted: { saidAt: 1, at: 1 } }, B], AS_B],
  ['as it is, where both were deleted', 'b@example.com', null, [A, B].map((copy) => ({ ...copy, deleted: { saidAt: 1, at: 1 } })), ASIS],
])('names a person who has two copies as %s', async (_, email, phone, copies, expected) => {
  expect(await idsOf(email, phone, copies)).toEqual(expected);
});
