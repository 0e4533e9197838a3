import { randomUUID } from 'node:crypto';
import {
  activityKeysOf, bumpActivity, compileCondition, compileTracked, encodeStoredKey, PURPOSE_DEFAULTS, type Activity, type AgreementVersion, type CanonicalRecord, type Condition, type ConsentState, type JsonValue, type Profile, type Purpose,
} from '@firsthand/domain';
import { matchingPeople, storeKey, type ConnectedStore } from '@firsthand/persistence';
import { subjectOf } from '@firsthand/pipeline';
import fc from 'fast-check';
import { EVENT_NAMES, NOW, someCondition, someLeaf, someTime, someTrait, TRAITS } from '../support/arbitrary-conditions.js';
import { closeStore, openEmptyStore } from '../support/empty-databases.js';
import { row } from '../support/store-rows.js';

/** The closure for one profile and the query for all are two ways to say one thing: here they are held equal on a real MongoDB. */
let connected: ConnectedStore;

beforeAll(async () => { connected = await openEmptyStore(); });
afterAll(() => closeStore(connected));

const purpose = (key: string, lawfulBasis: Purpose['lawfulBasis'], expiresAfterDays: number | null = null): Purpose => (
  { key, name: {}, description: {}, lawfulBasis, fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: [], expiresAfterDays });
const version = (number: number, isMaterial: boolean, purposes: string[]): AgreementVersion => ({ agreementId: 'a', version: number, isMaterial, purposes, texts: {}, textHashes: {}, publishedAt: 0 });
const purposes: Purpose[] = [
  purpose('marketing', 'consent'), purpose('expiring', 'consent', 3), purpose('legitimate', 'legitimate'), purpose('service', 'contract'),
  { ...purpose('abroad', 'legitimate'), lawfulBasisIn: { CN: 'consent', US: 'legal' } }, { ...purpose('children', 'contract'), separateConsent: ['minor'] },
];
const rules = {
  purposes: new Map(purposes.map((one) => [one.key, one])),
  agreements: new Map([['a', [version(1, true, ['marketing', 'expiring', 'abroad', 'children']), version(2, false, ['marketing']), version(3, true, ['marketing', 'expiring', 'abroad', 'children']), version(4, false, ['marketing', 'abroad'])]]]),
};

interface Facts {
  events: { name: string; at: number; sku: string; amount: number }[];
  traits: Record<string, JsonValue>;
  memberships: Record<string, boolean>;
  lists: string[];
  namespaces: string[];
  standings: Record<string, Record<string, { decision: 'granted' | 'withdrawn' | 'objected'; agreementId: string | null; agreementVersion: number | null; effectiveAt: number }>>;
  law: { country?: string; birthday?: string; age?: number };
}

const facts: fc.Arbitrary<Facts> = fc.record({
  events: fc.array(fc.record({ name: fc.constantFrom(...EVENT_NAMES), at: someTime, sku: fc.constantFrom('shirt', 'shoe'), amount: fc.constantFrom(-1, 0.1, 0.2, 1, 2) }), { maxLength: 8 }),
  traits: fc.dictionary(fc.constantFrom(...TRAITS), someTrait, { noNullPrototype: true }),
  memberships: fc.dictionary(fc.constantFrom('s0', 's1'), fc.boolean(), { noNullPrototype: true }),
  lists: fc.subarray(['l0', 'l1']),
  namespaces: fc.subarray(['email', 'anonymousId', 'gaid', 'openid']),
  standings: fc.dictionary(fc.constantFrom('marketing', 'expiring', 'legitimate', 'service', 'abroad', 'children', '*'), fc.dictionary(fc.constantFrom('own', 'own', 'minor'), fc.record({
    decision: fc.constantFrom('granted', 'granted', 'granted', 'withdrawn', 'objected'), agreementId: fc.constantFrom('a', 'a', 'a', 'b', null), agreementVersion: fc.constantFrom(3, 4, 2, 1, 9, null), effectiveAt: someTime,
  }), { noNullPrototype: true }), { noNullPrototype: true }),
  // A day before and after those who turn 14 at NOW.
  law: fc.record({ country: fc.constantFrom('CN', 'US', 'DE'), birthday: fc.constantFrom('2012-11-22', '2012-11-23', '2012-11-24', '2012-02-29', '1990-01-01'), age: fc.constantFrom(13, 14) }, { requiredKeys: [] }),
});

function recordOf({ name, at, sku, amount }: Facts['events'][number]): CanonicalRecord {
  return row.record({ name, occurredAt: at, properties: { sku, amount }, order: { total: { amountMinor: Math.round(amount * 100), currency: sku === 'shirt' ? 'CNY' : 'USD' } } });
}

function profileOf(condition: Condition, { events, traits, memberships, lists, namespaces, law }: Facts, workspaceId: string, profileId: string): Profile {
  const activity: Record<string, Activity> = {};
  const tracked = compileTracked(compileCondition(condition).activityKeys);
  for (const event of events) bumpActivity(activity, activityKeysOf(recordOf(event), tracked), event.at, NOW);
  return row.profile(profileId, {
    workspaceId, activity, identities: namespaces.map((namespace) => ({ namespace, value: profileId })),
    fields: Object.fromEntries(Object.entries<JsonValue>({ ...traits, ...law }).map(([name, value]) => [encodeStoredKey(name), { value, at: 0, source: 's', origin: 'o', version: 1 }])),
    memberships: Object.fromEntries(Object.entries(memberships).map(([id, isMember]) => [id, { n: isMember ? 1 : 2, isMember, at: 0, segmentVersion: 1 }])),
    ...(lists.length === 0 ? {} : { lists: lists.map((segmentId) => ({ segmentId, at: 0, origin: 'upload' })) }),
  });
}

function stateOf({ standings }: Facts): ConsentState {
  return Object.fromEntries(Object.entries(standings).map(([key, scopes]) => [key, Object.fromEntries(Object.entries(scopes).map(([scope, standing]) => [scope, { recordId: 'r', textHash: null, method: 'api' as const, recordedAt: 0, ...standing }]))]));
}

/** Who matches, asked both ways. */
async function askBoth(condition: Condition, people: readonly Facts[]): Promise<{ byClosure: string[]; byQuery: string[] }> {
  const workspaceId = randomUUID();
  const { profiles, consentStates } = connected.collections;
  const rows = people.map((known, index) => ({ profile: profileOf(condition, known, workspaceId, `p${index}`), consents: stateOf(known) }));
  await profiles.insertMany(rows.map(({ profile }) => ({ _id: storeKey(workspaceId, profile.profileId), schemaVersion: 1, dueAt: null, ...profile })));
  const states = rows.filter(({ consents }) => Object.keys(consents).length > 0);
  if (states.length > 0) await consentStates.insertMany(states.map(({ profile: { profileId }, consents }) => ({ _id: storeKey(workspaceId, profileId), schemaVersion: 1, workspaceId, profileId, state: consents })));
  const { evaluate } = compileCondition(condition);
  const found = await profiles.aggregate<{ profileId: string }>([...matchingPeople({ workspaceId, conditions: [condition], rules, now: NOW }), { $project: { profileId: 1 } }]).toArray();
  return {
    byClosure: rows.filter((one) => evaluate(subjectOf(one, rules), NOW).isMember).map(({ profile: { profileId } }) => profileId),
    byQuery: found.map(({ profileId }) => profileId).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
  };
}

it.each([['each kind of condition', someLeaf, 400], ['trees of conditions', someCondition, 200]] as const)('finds the same people by closure and by query: %s', async (_what, conditions, numRuns) => {
  let [inside, outside] = [0, 0];
  await fc.assert(fc.asyncProperty(conditions, fc.array(facts, { minLength: 4, maxLength: 10 }), async (condition, people) => {
    const { byClosure, byQuery } = await askBoth(condition, people);
    inside += byClosure.length;
    outside += people.length - byClosure.length;
    expect(byQuery).toEqual(byClosure);
  }), { numRuns });
  expect(Math.min(inside, outside)).toBeGreaterThan(numRuns / 2);
});

it('never reads another workspace', async () => {
  const [one, other] = [randomUUID(), randomUUID()];
  await connected.collections.profiles.insertMany([one, other, `${one}x`].map((workspaceId) => ({ _id: storeKey(workspaceId, 'p'), schemaVersion: 1, dueAt: null, ...row.profile('p', { workspaceId }) })));
  const found = await connected.collections.profiles.aggregate(matchingPeople({ workspaceId: one, conditions: [{ all: [] }], rules, now: NOW })).toArray();
  expect(found.map(({ workspaceId }) => workspaceId as string)).toEqual([one]);
});
