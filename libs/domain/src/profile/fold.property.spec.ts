import fc from 'fast-check';
import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { foldRecord, type FoldContext } from './fold-record.js';
import { mergeProfiles } from './merge-profiles.js';
import { newProfile } from './new-profile.js';
import { unmergeProfiles } from './unmerge-profiles.js';
import type { Profile } from './profile.js';
import { DAY_MS } from './utc-day.js';

const NOW = Date.UTC(2026, 10, 24, 12);
const RANKS: Record<string, number> = { crm: 0, store: 1, web: 1, app: Infinity };
const ownerRank = (field: string, source: string) => (field === 'city' || field === 'email' ? (RANKS[source] ?? 9) : 0);

interface Incoming {
  record: CanonicalRecord;
  source: string;
  isVerified: boolean;
}

/** Few times, ids and values, so that every kind of tie occurs often. */
const incoming: fc.Arbitrary<Incoming> = fc.record({
  source: fc.constantFrom('crm', 'store', 'web', 'app'),
  isVerified: fc.boolean(),
  record: fc.record({
    type: fc.constantFrom('track' as const, 'identify' as const),
    name: fc.constantFrom('Order Completed', 'a.b', 'constructor'),
    messageId: fc.constantFrom('m1', 'm2', 'm10'),
    occurredAt: fc.oneof(fc.constantFrom(NOW, NOW - 1), fc.integer({ min: 0, max: 900 }).map((days) => NOW - days * DAY_MS), fc.constantFrom(399, 400, 401).map((days) => NOW - days * DAY_MS)),
    identities: fc.array(fc.record({ namespace: fc.constantFrom('email', 'phone'), value: fc.constantFrom('1', '2', '3') }), { minLength: 1, maxLength: 3 }),
    profile: fc.dictionary(fc.constantFrom('city', 'email', 'custom.size', '$odd'), fc.constantFrom(null, 1, 2, 'x', { a: 1, b: 2 }, { b: 2, a: 1 }, ['x']), { maxKeys: 3, noNullPrototype: true }),
    properties: fc.constant({}), consents: fc.constant({}), context: fc.constant({}), flags: fc.constant([]),
  }),
});

function fold(profile: Profile, batch: readonly Incoming[], version: number): Profile {
  for (const { record, source, isVerified } of batch) {
    const context: FoldContext = { now: NOW, version, source, isVerified, foreignKeys: new Set(), ownerRank, activityKeysOf: ({ type, name }) => (type === 'track' ? [name, '*', { key: `${name}#sum`, amount: name.length }, { key: '*#times', isTimed: true }] : []) };
    foldRecord(profile, record, context);
  }
  return profile;
}

function start(first: Incoming, profileId = 'p'): Profile {
  return newProfile({ workspaceId: 'w', profileId, subjectKey: profileId, seenAt: first.record.occurredAt, now: NOW });
}

/** All but what names the rows or tells in which batch something came. */
function contentOf(profile: Profile): unknown {
  const { profileId: _id, subjectKey: _key, version: _version, mergedFrom: _from, fields, ...rest } = profile;
  return { ...rest, fields: Object.fromEntries(Object.entries(fields).map(([key, { version: _set, ...field }]) => [key, field])) };
}

const batches = fc.array(incoming, { minLength: 2, maxLength: 10 }).chain((records) =>
  fc.record({
    records: fc.constant(records),
    shuffled: fc.shuffledSubarray(records, { minLength: records.length, maxLength: records.length }),
    cut: fc.integer({ min: 1, max: records.length - 1 }),
  }),
);

/** Half a second earlier, and with identities of their own. */
function asAnother({ record, ...rest }: Incoming): Incoming {
  return { ...rest, record: { ...record, occurredAt: record.occurredAt - 500, identities: record.identities.map(({ namespace, value }) => ({ namespace, value: `other-${value}` })) } };
}

describe('the fold of records', () => {
  it('leaves both as they were when a merge is taken back', () => {
    fc.assert(
      fc.property(batches, ({ shuffled, cut }) => {
        const winner = fold(start(shuffled[0] as Incoming, 'one'), shuffled.slice(0, cut), 1);
        const loser = fold(start(asAnother(shuffled[cut] as Incoming), 'other'), shuffled.slice(cut).map(asAnother), 1);
        const merged = mergeProfiles(winner, loser, { now: NOW, version: 2, ownerRank });
        const apart = unmergeProfiles(merged, { before: structuredClone({ winner, loser }), isLosers: (key) => key.includes('other-'), cameToLoser: () => false });
        const own = ({ identities, fields, activity, verifiedKeys, mergedFrom }: Profile): unknown => ({ identities, fields, activity, verifiedKeys, mergedFrom });
        expect([own(apart.winner), own(apart.loser)]).toEqual([own(winner), own(loser)]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('ends the same in any order and in any batches', () => {
    fc.assert(
      fc.property(batches, ({ records, shuffled, cut }) => {
        const once = fold(start(records[0] as Incoming), records, 1);
        const inBatches = fold(fold(start(shuffled[0] as Incoming), shuffled.slice(0, cut), 1), shuffled.slice(cut), 2);
        expect(contentOf(inBatches)).toEqual(contentOf(once));
      }),
      { numRuns: 1_000 },
    );
  });

  it('ends the same when two halves were two people until they merged', () => {
    fc.assert(
      fc.property(batches, ({ records, shuffled, cut }) => {
        const whole = fold(start(records[0] as Incoming), records, 1);
        const one = fold(start(shuffled[0] as Incoming, 'one'), shuffled.slice(0, cut), 1);
        const other = fold(start(shuffled[cut] as Incoming, 'other'), shuffled.slice(cut), 1);
        const untouched = structuredClone([one, other]);
        const context = { now: NOW, version: 2, ownerRank };
        expect(contentOf(mergeProfiles(one, other, context))).toEqual(contentOf(whole));
        expect(contentOf(mergeProfiles(other, one, context))).toEqual(contentOf(whole));
        expect([one, other]).toEqual(untouched);
      }),
      { numRuns: 1_000 },
    );
  });
});
