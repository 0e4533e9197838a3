import { parseIdentityKey } from '../identity/identity-key.js';
import { NAMESPACES } from '../identity/namespaces.js';
import { waitingScope, type ConsentRecord, type ConsentScope, type ConsentStanding, type ConsentState } from './consent.js';
import { isRefusal, isRepeatedByEvents, isWaiting, scopesOf } from './consent-terms.js';
import { lineageAt, type ConsentHistory, type ConsentLineage, type ConsentMoment } from './ledger-history.js';

/** The last act of a person for one scope, and the last that events repeat. */
interface Said {
  act?: ConsentStanding;
  repeated?: ConsentStanding;
}

const NOW: ConsentMoment = { effectiveAt: Infinity, knownAt: Infinity };

/**
 * The state of the person that a profile belonged to, folded from the ledger: a pure function of what is in it, in whatever order it came.
 * - The newer `effectiveAt` wins; on a tie the refusal, then the clearer act.
 * - What events merely repeat never lifts a refusal made by a clearer act (the privacy page, REST, a Global Privacy Control), nor takes its place: a stale cookie is
 *   not a change of mind (GDPR art. 4(11): a clear affirmative action).
 * - A refusal is for what it names; one that names nothing is for every kind of recipient, and takes back the separate consents too.
 * - A grant over a public key counts only when it is of a device on which the person has been verified; a refusal always counts.
 * - A grant without proof, and one that waits to be confirmed, counts nowhere; it is kept aside so that a decision can say so. A refusal of the same moment or later ends the
 *   waiting: who says no before they confirm has not agreed.
 * - Of two people who turn out to be one, the most restrictive decision of before the merge counts, per purpose and scope; no record is no decision. What either decides
 *   afterwards is folded on top. When the merge is taken back, each has the records of their own identities.
 *
 * @param profileId any profile of the person
 * @param moment all that is known, when left out
 * @example foldLedger(history, profileId, { effectiveAt: sentAt, knownAt: sentAt }).marketing?.processor?.decision
 */
export function foldLedger(history: ConsentHistory, profileId: string, { effectiveAt, knownAt }: ConsentMoment = NOW): ConsentState {
  const known = history.records.filter((record) => record.recordedAt <= knownAt && Math.min(record.effectiveAt, record.recordedAt) <= effectiveAt);
  const isProven = (key: string): boolean => {
    const at = history.provenAt.get(key);
    return at !== undefined && at <= knownAt && isDeviceKey(key);
  };
  const lineage = lineageAt(history, profileId, knownAt);
  const keys = keysOf(lineage);
  const state: ConsentState = {};
  for (const purpose of new Set(known.map((record) => record.purpose))) {
    const ofPurpose = known.filter((record) => record.purpose === purpose);
    const standings: Partial<Record<ConsentScope, ConsentStanding>> = {};
    for (const scope of new Set(ofPurpose.flatMap(scopesOf))) {
      const ofScope = ofPurpose.filter((record) => scopesOf(record).includes(scope));
      const standing = prevailing(foldLineage(lineage, ofScope.filter((record) => counts(record, isProven)), Infinity).said);
      if (standing !== undefined) standings[scope] = standing;
      const waiting = latestWaiting(ofScope.filter(({ identityKey }) => keys.has(identityKey)));
      if (waiting !== undefined) standings[waitingScope(scope)] = waiting;
    }
    if (Object.keys(standings).length > 0) state[purpose] = standings;
  }
  return state;
}

/** Whether a record can decide anything at all. */
function counts(record: ConsentRecord, isProven: (key: string) => boolean): boolean {
  return isRefusal(record.decision) || (!isWaiting(record) && (record.isVerified || isProven(record.identityKey)));
}

function foldLineage({ keys, formerKeys, merged }: ConsentLineage, records: readonly ConsentRecord[], until: number): { said: Said; members: Set<string>; former: Map<string, number> } {
  const members = new Set(keys);
  const former = new Map(formerKeys);
  const isOfMember = (record: ConsentRecord): boolean => members.has(record.identityKey) || (isRefusal(record.decision) && record.recordedAt <= (former.get(record.identityKey) ?? -Infinity));
  let said: Said = {};
  let after = -Infinity;
  const takeUntil = (end: number): void => {
    for (const record of records) if (record.effectiveAt > after && record.effectiveAt <= end && isOfMember(record)) take(said, standingOf(record));
    after = end;
  };
  for (const { at, loser } of merged) {
    takeUntil(Math.min(at, until));
    const other = foldLineage(loser, records, Math.min(at, until));
    said = restricted(said, other.said);
    for (const key of other.members) members.add(key);
    for (const [key, goneAt] of other.former) former.set(key, Math.max(goneAt, former.get(key) ?? -Infinity));
  }
  takeUntil(until);
  return { said, members, former };
}

function take(said: Said, standing: ConsentStanding): void {
  const part = isRepeatedByEvents(standing.method) ? 'repeated' : 'act';
  const before = said[part];
  if (before === undefined || isLater(standing, before)) said[part] = standing;
}

/** What counts of a person's last act and what events said last. */
function prevailing({ act, repeated }: Said): ConsentStanding | undefined {
  if (act === undefined || repeated === undefined) return act ?? repeated;
  return isRefusal(act.decision) || !isLater(repeated, act) ? act : repeated;
}

function isLater(one: ConsentStanding, other: ConsentStanding): boolean {
  if (one.effectiveAt !== other.effectiveAt) return one.effectiveAt > other.effectiveAt;
  if (isRefusal(one.decision) !== isRefusal(other.decision)) return isRefusal(one.decision);
  if (isRepeatedByEvents(one.method) !== isRepeatedByEvents(other.method)) return !isRepeatedByEvents(one.method);
  return one.recordId > other.recordId;
}

/** The more restrictive of what two people said: a refusal; of two the one made by an act, which no repeated yes lifts. */
function restricted(one: Said, other: Said): Said {
  const [ours, theirs] = [prevailing(one), prevailing(other)];
  const standing = ours === undefined || (theirs !== undefined && isMoreRestrictive(theirs, ours)) ? theirs : ours;
  const said: Said = {};
  if (standing !== undefined) take(said, standing);
  return said;
}

function isMoreRestrictive(one: ConsentStanding, other: ConsentStanding): boolean {
  if (isRefusal(one.decision) !== isRefusal(other.decision)) return isRefusal(one.decision);
  if (isRefusal(one.decision) && isRepeatedByEvents(one.method) !== isRepeatedByEvents(other.method)) return !isRepeatedByEvents(one.method);
  return isLater(one, other);
}

function latestWaiting(records: readonly ConsentRecord[]): ConsentStanding | undefined {
  let latest: ConsentStanding | undefined;
  for (const record of records) {
    if (!isWaiting(record)) continue;
    const standing: ConsentStanding = { ...standingOf(record), waitsFor: record.isUnconfirmed === true ? 'confirmation' : 'proof' };
    if (latest === undefined || isLater(standing, latest)) latest = standing;
  }
  if (latest?.waitsFor !== 'confirmation') return latest;
  const { effectiveAt } = latest;
  return records.some((record) => isRefusal(record.decision) && record.effectiveAt >= effectiveAt) ? undefined : latest;
}

function keysOf({ keys, merged }: ConsentLineage): Set<string> {
  return new Set([...keys, ...merged.flatMap(({ loser }) => [...keysOf(loser)])]);
}

function isDeviceKey(key: string): boolean {
  return NAMESPACES.get(parseIdentityKey(key).namespace)?.isDevice ?? false;
}

function standingOf(record: ConsentRecord): ConsentStanding {
  const { decision, recordId, agreementId, agreementVersion, textHash, method, effectiveAt, recordedAt, seal } = record;
  const sealed = seal === undefined ? {} : { sealed: { version: seal.version, hash: seal.hash } };
  return { decision, recordId, agreementId, agreementVersion, textHash, method, effectiveAt, recordedAt, ...sealed };
}
