import fc from 'fast-check';
import type { ConsentDecision, ConsentMethod, ConsentRecord } from './consent.js';
import { foldLedger } from './fold-ledger.js';
import type { ConsentHistory, ConsentMoment } from './ledger-history.js';

/** People are profiles `a` to `d`, each with an account and a browser, and a tablet that is a's by name and that others are known on; one purpose, told apart by kinds of recipients. */
const PEOPLE = ['a', 'b', 'c', 'd'];
const keysOf = (person: string): string[] => [`userId|${person}`, `anonymousId|${person}`];

const TABLET = 'anonymousId|tablet';

interface Story extends ConsentHistory {
  asked: string;
  /** Who is known on the tablet besides its owner. */
  visitors: readonly string[];
}

const decisionOf = (keys: readonly string[]) => fc.record({
  key: fc.constantFrom(...keys), decision: fc.constantFrom<ConsentDecision>('granted', 'granted', 'denied', 'withdrawn'), method: fc.constantFrom<ConsentMethod>('toggle', 'gpc', 'event', 'tcf', 'import'),
  recipients: fc.subarray(['own', 'processor'], { minLength: 0 }), isVerified: fc.boolean(), isUnproven: fc.boolean(), effectiveAt: fc.integer({ min: 1, max: 12 }), late: fc.integer({ min: 0, max: 6 }),
});
const merge = fc.record({ winner: fc.constantFrom(...PEOPLE), loser: fc.constantFrom(...PEOPLE), at: fc.integer({ min: 1, max: 14 }), undone: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 3 }) });
const storyOf = (keys: readonly string[]) => fc.record({
  decisions: fc.array(decisionOf(keys), { maxLength: 14 }), merges: fc.array(merge, { maxLength: 5 }), proven: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 14 })), asked: fc.constantFrom(...PEOPLE), visitors: fc.subarray(['b', 'c', 'd']),
}).map(({ decisions, merges, proven, asked, visitors }): Story => ({
  asked, visitors, moves: [], owners: new Map([...PEOPLE.flatMap((person) => keysOf(person).map((key) => [key, person] as const)), [TABLET, 'a'] as const]), shared: sharedNow(possible(merges, visitors), visitors), provenAt: new Map(Object.entries(proven).map(([person, at]) => [`anonymousId|${person}`, at])),
  records: decisions.map(({ key, late, isUnproven, ...told }, index): ConsentRecord => ({
    recordId: `r${String(index).padStart(2, '0')}`, workspaceId: 'w', identityKey: key, purpose: 'marketing', agreementId: 'terms', agreementVersion: 1, textHash: null, sourceConnectionId: null,
    recordedAt: told.effectiveAt + late, ...(isUnproven && told.method === 'import' ? { isUnproven: true as const } : {}), ...told,
  })),
  joins: possible(merges, visitors),
}));

const story = storyOf([...PEOPLE.flatMap(keysOf), TABLET, TABLET]);
/** What is said there, and by their accounts. */
const atTablet = storyOf([...PEOPLE.map((person) => `userId|${person}`), TABLET, TABLET]);

/** Only what can happen: nobody merges into themselves, nor is anybody merged away twice at a time. */
function possible(merges: readonly { winner: string; loser: string; at: number; undone: number | null }[], visitors: readonly string[]): Story['joins'] {
  const joins: Story['joins'][number][] = [];
  for (const { winner, loser, at, undone } of [...merges].sort((one, other) => one.at - other.at)) {
    const away = (person: string): boolean => joins.some((join) => join.loser === person && (join.undoneAt === null || join.undoneAt > at));
    if (winner === loser || away(winner) || away(loser)) continue;
    const standing = joins.filter(({ undoneAt }) => undoneAt === null || undoneAt > at);
    joins.push({ winner, loser, at, undoneAt: undone === null ? null : at + undone, shared: { winner: sharedBy(winner, standing, visitors), loser: sharedBy(loser, standing, visitors) } });
  }
  return joins;
}

/** As it is noted of a person with all who were merged into them. */
function sharedBy(person: string, joins: Story['joins'], visitors: readonly string[]): string[] {
  const members = new Set([person]);
  for (let size = 0; size < members.size;) {
    size = members.size;
    for (const { winner, loser } of joins) if (members.has(winner)) members.add(loser);
  }
  return visitors.some((one) => members.has(one)) ? [TABLET] : [];
}

/** Of who has not been merged away. */
function sharedNow(joins: Story['joins'], visitors: readonly string[]): Story['shared'] {
  const standing = joins.filter(({ undoneAt }) => undoneAt === null);
  return new Map(PEOPLE.filter((person) => !standing.some(({ loser }) => loser === person)).map((person) => [person, sharedBy(person, standing, visitors)]));
}

const WEAK: readonly string[] = ['event', 'tcf', 'import'];

/**
 * The same by another way: no tree and no recursion. For each scope it walks the instants of time, and keeps for each profile by itself what is said of it; at the instant of a merge the
 * two groups get one answer. Written from the rules, not from the code.
 */
function model({ records, joins, provenAt, asked, visitors }: Story, { effectiveAt, knownAt }: ConsentMoment): Record<string, string> {
  const active = joins.filter((join) => join.at <= knownAt && !(join.undoneAt !== null && join.undoneAt <= knownAt));
  const answer: Record<string, string> = {};
  for (const scope of ['own', 'processor', 'third-party']) {
    const group = new Map(PEOPLE.map((person) => [person, new Set([person])]));
    const stands = new Map<string, ConsentRecord | undefined>(PEOPLE.map((person) => [person, undefined]));
    const setAll = (members: ReadonlySet<string>, record: ConsentRecord | undefined): void => members.forEach((member) => stands.set(member, record));
    for (let instant = 0; instant <= 40; instant += 1) {
      const ofNow = records.filter((record) => record.effectiveAt === instant && record.effectiveAt <= effectiveAt && record.recordedAt <= knownAt && concerns(record, scope) && hasEffect(record, provenAt, knownAt));
      // Yes first, so that no wins a tie; of the same, what is said by an act after what is repeated.
      const order = (record: ConsentRecord): string => `${record.decision === 'granted' ? 0 : 1}${WEAK.includes(record.method) ? 0 : 1}${record.recordId}`;
      for (const record of ofNow.sort((one, other) => (order(one) < order(other) ? -1 : 1))) {
        for (const person of record.identityKey === TABLET ? ['a', ...visitors] : [record.identityKey.split('|')[1] as string]) {
          const members = group.get(person) as Set<string>;
          const now = stands.get([...members][0] as string);
          const isHeld = now !== undefined && now.decision !== 'granted' && !WEAK.includes(now.method);
          if (!isHeld || !WEAK.includes(record.method)) setAll(members, record);
        }
      }
      for (const { winner, loser, at } of active) {
        if (at !== instant) continue;
        const [ours, theirs] = [group.get(winner) as Set<string>, group.get(loser) as Set<string>];
        const both = new Set([...ours, ...theirs]);
        const stricter = strictest([stands.get(winner), stands.get(loser)]);
        both.forEach((member) => group.set(member, both));
        setAll(both, stricter);
      }
    }
    const standing = stands.get(asked);
    if (standing !== undefined) answer[scope] = standing.recordId;
  }
  return answer;
}

function concerns({ decision: said, recipients }: ConsentRecord, scope: string): boolean {
  return said !== 'granted' && recipients.length === 0 ? true : recipients.includes(scope);
}

function hasEffect({ decision: said, isUnproven, isVerified, identityKey }: ConsentRecord, provenAt: Story['provenAt'], knownAt: number): boolean {
  if (said !== 'granted') return true;
  if (isUnproven === true) return false;
  const at = provenAt.get(identityKey);
  return isVerified || (at !== undefined && at <= knownAt);
}

function strictest(records: readonly (ConsentRecord | undefined)[]): ConsentRecord | undefined {
  const weight = (record: ConsentRecord): string => {
    const no = record.decision === 'granted' ? 0 : 1;
    const act = WEAK.includes(record.method) ? 0 : 1;
    return `${no}${no === 1 ? act : 0}${String(record.effectiveAt).padStart(3, '0')}${act}${record.recordId}`;
  };
  return records.flatMap((record) => record ?? []).sort((one, other) => (weight(one) < weight(other) ? -1 : 1)).at(-1);
}

function folded(history: Story, moment: ConsentMoment): Record<string, string> {
  const ofPurpose = foldLedger(history, history.asked, moment).marketing ?? {};
  return Object.fromEntries(['own', 'processor', 'third-party'].flatMap((scope) => (ofPurpose[scope] === undefined ? [] : [[scope, ofPurpose[scope].recordId]])));
}

const moment = fc.record({ effectiveAt: fc.integer({ min: 0, max: 20 }), knownAt: fc.integer({ min: 0, max: 20 }) });

describe('foldLedger', () => {
  it('equals a model that walks through time, at any moment of either clock', () => {
    fc.assert(fc.property(story, moment, (history, when) => { expect(folded(history, when)).toEqual(model(history, when)); }), { numRuns: 1_500 });
  });

  it('equals it also where most of it is of a device that several are known on', () => {
    fc.assert(fc.property(atTablet, moment, (history, when) => { expect(folded(history, when)).toEqual(model(history, when)); }), { numRuns: 3_000 });
  });

  it('gives the same in whatever order records and merges came', () => {
    const shuffled = story.chain((history) => fc.record({
      history: fc.constant(history), records: fc.shuffledSubarray([...history.records], { minLength: history.records.length }), joins: fc.shuffledSubarray([...history.joins], { minLength: history.joins.length }),
    }));
    fc.assert(fc.property(shuffled, ({ history, records, joins }) => { expect(foldLedger({ ...history, records, joins }, history.asked)).toEqual(foldLedger(history, history.asked)); }), { numRuns: 400 });
  });

  it('lets no older record that comes late beat a newer one', () => {
    fc.assert(fc.property(story, (history) => {
      const alone = { ...history, joins: [] };
      const before = foldLedger(alone, history.asked).marketing?.own;
      const late: ConsentRecord = {
        recordId: 'late', workspaceId: 'w', identityKey: `userId|${history.asked}`, purpose: 'marketing', decision: 'granted', recipients: ['own'], agreementId: 'terms', agreementVersion: 1, textHash: null,
        method: 'toggle', sourceConnectionId: null, isVerified: true, effectiveAt: 0, recordedAt: 99,
      };
      const after = foldLedger({ ...alone, records: [...history.records, late] }, history.asked).marketing?.own;
      expect(after).toEqual(before ?? expect.objectContaining({ recordId: 'late' }));
    }), { numRuns: 500 });
  });
});
