import fc from 'fast-check';
import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { JsonValue } from '../json.js';
import { canonicalJson } from './canonical-json.js';
import { fieldOf } from './field-of.js';
import { foldRecord, type FoldContext } from './fold-record.js';
import { mergeProfiles } from './merge-profiles.js';
import { newProfile } from './new-profile.js';
import { redecideFields } from './redecide-fields.js';
import { unmergeProfiles } from './unmerge-profiles.js';
import type { Profile, ProfileField } from './profile.js';
import { DAY_MS } from './utc-day.js';
import { MAY_NOT_WRITE, type OwnerRank } from './winning-field.js';

const NOW = Date.UTC(2026, 10, 24, 12);
/** The app may not write two of the fields; of two of one rank and time the store comes before the web. */
const RANKS: Record<string, number> = { crm: 0, store: 1, web: 1, app: MAY_NOT_WRITE };
const PRIORITIES: Record<string, number> = { store: 0, web: 1 };
const ownerRank: OwnerRank = Object.assign((field: string, source: string) => (field === 'city' || field === 'email' ? (RANKS[source] ?? 9) : 0), { refusesSome: true, priorityOf: (_: string, source: string) => PRIORITIES[source] ?? 2 });

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

function fold(profile: Profile, batch: readonly Incoming[], version: number, rules = ownerRank): Profile {
  for (const { record, source, isVerified } of batch) {
    const context: FoldContext = { now: NOW, version, source, isVerified, foreignKeys: new Set(), ownerRank: rules, activityKeysOf: ({ type, name }) => (type === 'track' ? [name, '*', { key: `${name}#sum`, amount: name.length }, { key: '*#times', isTimed: true }] : []) };
    foldRecord(profile, record, context);
  }
  return profile;
}

function start(first: Incoming, profileId = 'p'): Profile {
  return newProfile({ workspaceId: 'w', profileId, subjectKey: profileId, seenAt: first.record.occurredAt, now: NOW });
}

/** All but what names the rows or tells in which batch something came. */
function contentOf(profile: Profile): unknown {
  const { profileId: _id, subjectKey: _key, version: _version, mergedFrom: _from, fields, candidates, ...rest } = profile;
  return { ...rest, ...saidIn({ fields, ...(candidates === undefined ? {} : { candidates }) }) };
}

/** What is said of fields, whoever's version it came with. */
function saidIn({ fields, candidates = {} }: Pick<Profile, 'fields' | 'candidates'>): object {
  const unversioned = ({ version: _set, ...field }: ProfileField): object => field;
  return { fields: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, unversioned(field)])), candidates: Object.fromEntries(Object.entries(candidates).map(([key, others]) => [key, others.map(unversioned)])) };
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
        const apart = unmergeProfiles(merged, { before: structuredClone({ winner, loser }), isLosers: (key) => key.includes('other-'), cameToLoser: () => false, ownerRank });
        const own = ({ identities, fields, candidates, activity, verifiedKeys, mergedFrom }: Profile): unknown => ({ identities, fields, candidates, activity, verifiedKeys, mergedFrom });
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

  const someRules: fc.Arbitrary<OwnerRank> = fc.record({ ranks: fc.dictionary(fc.constantFrom('crm', 'store', 'web', 'app'), fc.constantFrom(0, 1, 2, MAY_NOT_WRITE), { noNullPrototype: true }), priorities: fc.dictionary(fc.constantFrom('crm', 'store', 'web', 'app'), fc.constantFrom(0, 1, 2), { noNullPrototype: true }) })
    .map(({ ranks, priorities }) => Object.assign((_: string, source: string) => ranks[source] ?? 0, { refusesSome: Object.values(ranks).includes(MAY_NOT_WRITE), priorityOf: (_: string, source: string) => priorities[source] ?? 9 }));

  it('comes to what other rules would have made of the same records once they are the rules, with no record at hand, and stays there', () => {
    fc.assert(
      fc.property(batches, someRules, someRules, ({ records, shuffled, cut }, before, after) => {
        const folded = fold(fold(start(shuffled[0] as Incoming), shuffled.slice(0, cut), 1, before), shuffled.slice(cut), 2, before);
        const untouched = structuredClone(folded);
        const { profile, fields } = redecideFields(folded, after);
        expect(folded).toEqual(untouched);
        expect(contentOf(profile)).toEqual(contentOf(fold(start(records[0] as Incoming), records, 1, after)));
        const names = ['city', 'email', 'custom.size', '$odd'];
        const valueOf = (of: Profile, name: string): unknown => fieldOf(of, name)?.value ?? null;
        expect([...fields].sort()).toEqual(names.filter((name) => canonicalJson(valueOf(profile, name) as JsonValue) !== canonicalJson(valueOf(folded, name) as JsonValue)).sort());
        expect(redecideFields(profile, after).profile).toBe(profile);
      }),
      { numRuns: 1_000 },
    );
  });

  it('merges candidates in any order, in any grouping and however often', () => {
    fc.assert(
      fc.property(batches, fc.array(incoming, { minLength: 1, maxLength: 4 }), ({ shuffled, cut }, more) => {
        const one = fold(start(shuffled[0] as Incoming, 'one'), shuffled.slice(0, cut), 1);
        const other = fold(start(shuffled[cut] as Incoming, 'other'), shuffled.slice(cut), 1);
        const third = fold(start(more[0] as Incoming, 'third'), more, 1);
        const merge = (winner: Profile, loser: Profile): Profile => mergeProfiles(winner, loser, { now: NOW, version: 2, ownerRank });
        const merged = saidIn(merge(merge(one, other), third));
        expect(saidIn(merge(one, merge(third, other)))).toEqual(merged);
        expect(saidIn(merge(merge(merge(third, one), other), one))).toEqual(merged);
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
