import { changeStanding, compileCondition, compileTracked, createDictionary, DEFAULT_FLOW_SETTINGS, DEFAULT_REQUEST_SETTINGS, foldRecord, activityKeysOf, mergeProfiles, newProfile, PURPOSE_DEFAULTS, type CanonicalRecord, type Condition, type ConsentRecord, type ConsentState, type JsonValue, type Profile, type Purpose } from '@firsthand/domain';
import fc from 'fast-check';
import { EVENT_NAMES, NOW, someCondition, someTrait, TRAITS } from '../../../../test/support/arbitrary-conditions.js';
import { foldIntoPerson } from '../consent/fold-into-person.js';
import type { SegmentDefinition, WorkspaceConfiguration } from '../ports/configuration.js';
import { moveSegments } from './move-segments.js';
import { newPersonWork, noteFold, type PersonWork } from './person-work.js';

/** One thing that happens, `after` so long. */
type Step = { after: number } & (
  | { kind: 'event'; name: string; sku: string; amount: number; late: number; identity: string | null; traits: Record<string, JsonValue> }
  | { kind: 'consent'; purpose: string; decision: 'granted' | 'withdrawn' }
  | { kind: 'time' }
  | { kind: 'publish'; segment: number; condition: Condition }
  | { kind: 'merge'; other: Omit<Step & { kind: 'event' }, 'after'> }
  | { kind: 'list'; list: string; isListed: boolean }
  | { kind: 'purpose'; expiresAfterDays: number | null }
);

const HOUR_MS = 3_600_000;
const happening = {
  kind: fc.constant('event' as const), name: fc.constantFrom(...EVENT_NAMES), sku: fc.constantFrom('shirt', 'shoe'), amount: fc.constantFrom(-1, 0.1, 1, 2), late: fc.constantFrom(0, 0, HOUR_MS, 30 * HOUR_MS),
  identity: fc.option(fc.constantFrom('email', 'gaid', 'openid')), traits: fc.dictionary(fc.constantFrom(...TRAITS), someTrait, { maxKeys: 2, noNullPrototype: true }),
};
const after = fc.oneof(fc.constantFrom(0, 1, HOUR_MS, 24 * HOUR_MS), fc.integer({ min: 0, max: 3 * 24 * HOUR_MS }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ after, ...happening }) },
  { weight: 2, arbitrary: fc.record({ after, kind: fc.constant('consent' as const), purpose: fc.constantFrom('marketing', 'expiring', 'legitimate'), decision: fc.constantFrom('granted' as const, 'withdrawn' as const) }) },
  { weight: 3, arbitrary: fc.record({ after, kind: fc.constant('time' as const) }) },
  { weight: 2, arbitrary: fc.record({ after, kind: fc.constant('list' as const), list: fc.constantFrom('l0', 'l1'), isListed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ after, kind: fc.constant('publish' as const), segment: fc.integer({ min: 0, max: 5 }), condition: someCondition }) },
  { weight: 1, arbitrary: fc.record({ after, kind: fc.constant('merge' as const), other: fc.record(happening) }) },
  { weight: 1, arbitrary: fc.record({ after, kind: fc.constant('purpose' as const), expiresAfterDays: fc.constantFrom(null, 1, 3) }) },
);

const purpose = (key: string, lawfulBasis: Purpose['lawfulBasis'], expiresAfterDays: number | null = null): Purpose => (
  { key, name: {}, description: {}, lawfulBasis, fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: [], expiresAfterDays });
const PURPOSES = ['service', 'marketing', 'service', 'expiring', 'service', 'service'];

const DICTIONARY = createDictionary();

function configurationOf(conditions: readonly Condition[], versions: readonly number[], expiresAfterDays: number | null): WorkspaceConfiguration {
  const segments = conditions.map((condition, place): SegmentDefinition => (
    { segmentId: `s${place}`, workspaceId: 'w', version: versions[place] as number, name: '', purpose: PURPOSES[place] as string, condition: compileCondition(condition) }));
  return {
    workspaceId: 'w', version: 1, sources: new Map(), destinations: new Map(), flows: [], flow: () => undefined, awaited: { events: new Set(), conditions: false }, flowSettings: DEFAULT_FLOW_SETTINGS, requestSettings: DEFAULT_REQUEST_SETTINGS, dictionary: DICTIONARY, sensitivePaths: [], ownerRank: () => 0,
    purposes: new Map([purpose('marketing', 'consent'), purpose('expiring', 'consent', expiresAfterDays), purpose('legitimate', 'legitimate'), purpose('service', 'contract')].map((one) => [one.key, one])),
    agreements: new Map([['a', [{ agreementId: 'a', version: 1, isMaterial: true, purposes: ['marketing', 'expiring'], texts: {}, textHashes: {}, publishedAt: 0 }]]]),
    segments, tracked: compileTracked(segments.flatMap(({ condition }) => condition.activityKeys)),
  };
}

/** A person over the steps of one history, evaluated by one of the two ways. */
class Life {
  evaluations = 0;
  private profile: Profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 'k', seenAt: NOW, now: NOW });
  private consents: ConsentState = {};
  private dueAt: number | null = null;

  constructor(private readonly isSelective: boolean) {}

  /** What somebody outside can see. */
  run(given: Step, at: number, number: number, configuration: WorkspaceConfiguration): unknown {
    if (!this.isSelective) delete this.profile.evaluated;
    const person = newPersonWork(structuredClone(this.profile), structuredClone(this.consents), false);
    this.change(person, given, at, number, configuration);
    const changes = moveSegments(person, { ...configuration, segments: configuration.segments.map((segment) => this.counted(segment)) }, at);
    this.profile = person.profile;
    this.consents = person.consents;
    this.dueAt = person.dueAt;
    return { changes: changes.map(({ changeId, on }) => [changeId, on]), memberships: person.profile.memberships, dueAt: this.dueAt };
  }

  private counted(segment: SegmentDefinition): SegmentDefinition {
    return { ...segment, condition: { ...segment.condition, evaluate: (subject, now) => { this.evaluations += 1; return segment.condition.evaluate(subject, now); } } };
  }

  private change(person: PersonWork, given: Step, at: number, number: number, configuration: WorkspaceConfiguration): void {
    if (given.kind === 'event') this.fold(person, given, at, number, configuration);
    if (given.kind === 'consent') foldIntoPerson(person, { recordId: `r${number}`, workspaceId: 'w', identityKey: 'email|1', purpose: given.purpose, decision: given.decision, recipients: ['own'], agreementId: 'a', agreementVersion: 1, textHash: null, method: 'api', sourceConnectionId: null, isVerified: true, effectiveAt: at, recordedAt: at } satisfies ConsentRecord);
    if (given.kind === 'list' && changeStanding(person.profile, given.list, given.isListed, { at, origin: 'upload' })) person.changedLists.add(given.list);
    if (given.kind !== 'merge') return;
    const other = newPersonWork(newProfile({ workspaceId: 'w', profileId: `o${number}`, subjectKey: 'k', seenAt: at, now: at }), {}, true);
    this.fold(other, given.other, at, number, configuration);
    person.profile = mergeProfiles(person.profile, other.profile, { now: at, version: person.storedVersion + 1, ownerRank: () => 0 });
  }

  private fold(person: PersonWork, { name, sku, amount, late, identity, traits }: Omit<Step & { kind: 'event' }, 'after'>, at: number, number: number, { tracked }: WorkspaceConfiguration): void {
    const record: CanonicalRecord = {
      type: 'track', name, messageId: `m${number}`, occurredAt: at - late, identities: identity === null ? [] : [{ namespace: identity, value: '1' }], profile: traits, properties: { sku, amount },
      order: { total: { amountMinor: Math.round(amount * 100), currency: 'CNY' } }, consents: {}, context: {}, flags: [],
    };
    noteFold(person, foldRecord(person.profile, record, { now: at, version: person.storedVersion + 1, source: 's', isVerified: true, foreignKeys: new Set(), ownerRank: () => 0, activityKeysOf: (folded) => activityKeysOf(folded, tracked) }), { by: 'record', source: 's' });
  }
}

it('ends where evaluating every segment each time ends, over any history, and evaluates fewer', () => {
  let [few, all, moves] = [0, 0, 0];
  // Each may read those before it: `none` and later ones are not live, and hold for nobody.
  const conditions = fc.array(someCondition, { minLength: 6, maxLength: 6 });
  fc.assert(fc.property(conditions, fc.array(step, { minLength: 2, maxLength: 14 }), (trees, steps) => {
    const live = trees.map((tree, place) => (place < 2 ? withoutSegments(tree) : tree));
    const versions = live.map(() => 1);
    const [selective, full] = [new Life(true), new Life(false)];
    let [at, expiresAfterDays] = [NOW, 3 as number | null];
    let configuration = configurationOf(live, versions, expiresAfterDays);
    for (const [number, given] of steps.entries()) {
      at += given.after;
      if (given.kind === 'publish') {
        live[given.segment] = given.segment < 2 ? withoutSegments(given.condition) : given.condition;
        versions[given.segment] = (versions[given.segment] as number) + 1;
      }
      if (given.kind === 'purpose') expiresAfterDays = given.expiresAfterDays;
      if (given.kind === 'publish' || given.kind === 'purpose') configuration = configurationOf(live, versions, expiresAfterDays);
      const [seen, expected] = [selective, full].map((life) => life.run(given, at, number, configuration)) as { changes: unknown[] }[];
      moves += expected?.changes.length ?? 0;
      expect(withoutDue(seen)).toEqual(withoutDue(expected));
      expectNoLater(seen, expected);
    }
    few += selective.evaluations;
    all += full.evaluations;
  }), { numRuns: 600 });
  expect(moves).toBeGreaterThan(500);
  expect(few).toBeLessThan(all * 0.8);
}, 60_000);

function withoutDue(seen: unknown): unknown {
  const { dueAt: _dueAt, ...rest } = seen as { dueAt: number | null };
  return rest;
}

/** A due time may be early, and an older evaluation may have given an earlier one: it must never be missed. */
function expectNoLater(seen: unknown, expected: unknown): void {
  const [own, full] = [seen, expected].map((one) => (one as { dueAt: number | null }).dueAt ?? Infinity) as [number, number];
  expect(own).toBeLessThanOrEqual(full);
}

/** The first two are read by the others, so that they read none. */
function withoutSegments(tree: Condition): Condition {
  if ('all' in tree) return { all: tree.all.map(withoutSegments) };
  if ('any' in tree) return { any: tree.any.map(withoutSegments) };
  if ('not' in tree) return { not: withoutSegments(tree.not) };
  return 'segment' in tree ? { all: [] } : tree;
}
