import { encodeStoredKey, fieldOfCopy, heldOtherwise, stableId, withField } from '@firsthand/domain';
import type { Occurrence } from '../flow/occurrence.js';
import { loadPeople } from '../person/load-people.js';
import { idsOf, LedgerCounts, newWorkOutput, nextPlace, type PersonWork } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { CompareContext } from './compare-listed.js';
import type { FindingRow, FindingState, ReconcileRow } from './reconcile-rows.js';
import { SyncBook } from '../sync/sync-book.js';
import { readUnwritten } from './read-unwritten.js';
import { standingOf } from './standing-of.js';

/** What was done about findings, and the lanes to ring. */
export interface RepairedPage {
  counts: ReconcileRow['counts'];
  findings: FindingRow[];
  lanes: string[];
}

/**
 * Does what was decided on findings that need nothing of the system's own words: has the rule write a person there, or the system told to take one out. Each is asked about anew, as the person is now; the lane asks once more.
 */
export async function repairFindings(tx: StoreTransaction, row: ReconcileRow, found: readonly FindingRow[], context: CompareContext): Promise<RepairedPage> {
  const { configuration, now } = context;
  const people = await loadPeople(tx, configuration, found.flatMap(({ profileId }) => profileId ?? []), now);
  const { rule: { connectionId, fields: ofRule } } = context.place;
  const toWrite = found.flatMap(({ repair: how, profileId }) => (how === 'write' && profileId !== null ? people.get(profileId) ?? [] : []));
  const book = await SyncBook.open(tx, configuration.workspaceId, [connectionId], toWrite);
  const output = newWorkOutput();
  const occurrences: Occurrence[] = [];
  const touched = new Set<PersonWork>();
  const findings: FindingRow[] = [];
  for (const finding of found) {
    const person = finding.profileId === null ? undefined : people.get(finding.profileId);
    const state = finding.repair === 'none' ? 'left' : person === undefined ? 'outdated' : await repair(finding, person);
    findings.push({ ...finding, state });
  }
  await tx.writeSyncStates(book.changes());
  const lanes = touched.size === 0 ? [] : await writePeople(tx, { configuration, people: [...touched], occurrences, consentRecords: [], output, counts: new LedgerCounts(), now });
  return { counts: countStates(row.counts, findings), findings, lanes };

  async function repair(finding: FindingRow, person: PersonWork): Promise<FindingState> {
    const { isWanted, reason, identifiers } = standingOf(person, context.place, configuration, now);
    if (finding.repair === 'write') {
      if (!isWanted) return 'outdated';
      // Since it was found the system may have told of a deletion, and a field may have been stopped: the lane would write nothing.
      const { isDeletedThere, isMergedThere, isStopped, isWhollyStopped } = readUnwritten(book, person, identifiers, context.place, configuration);
      if (isDeletedThere || isMergedThere || (finding.kind === 'missing' ? isWhollyStopped : finding.fields.every(({ field }) => isStopped(field)))) return 'left';
      occurrences.push({ person, occurrenceId: finding.findingId, trigger: { kind: 'sync', flowId: context.place.flow.compiled.definition.flowId, isHistorical: false }, event: null });
      touched.add(person);
      forget(finding, person);
      return 'repaired';
    }
    if (reason !== 'no-consent') return 'outdated';
    const removal = await planRemoval(tx, person, finding, context);
    // What it has of them did not come from us: it cannot be named to it, and somebody has to look.
    if (removal === null) return 'left';
    output.deliveries.push(removal);
    touched.add(person);
    return 'repaired';
  }

  /** What was seen there counts for more than what was known to be there: that of somebody who is missing, of no field. */
  function forget({ kind, fields }: FindingRow, person: PersonWork): void {
    const names = kind === 'missing' ? ofRule.map(({ field }) => field.slice('profile.'.length)) : fields.map(({ field }) => field);
    for (const { row: copy } of book.copiesOf(connectionId, person)) {
      const known = names.map(encodeStoredKey).reduce((one, key) => withField(one, key, heldOtherwise(fieldOfCopy(one, key))), copy);
      if (known !== copy) book.put(known);
    }
  }
}

/** Adds up what became of findings. */
export function countStates(counts: ReconcileRow['counts'], findings: readonly FindingRow[]): ReconcileRow['counts'] {
  const next = { ...counts };
  for (const { state } of findings) if (state === 'repaired' || state === 'left' || state === 'outdated') next[state] += 1;
  return next;
}

/** What is taken back after a withdrawal, once more: the system holds it still. It carries only what this recipient already got; null where it got nothing. */
async function planRemoval(tx: StoreTransaction, person: PersonWork, { findingId }: FindingRow, { place: { rule }, now }: CompareContext): Promise<DeliveryRow | null> {
  const { workspaceId, profileId } = person.profile;
  const { connectionId, action, purpose } = rule;
  const given = (await tx.findDisclosures(workspaceId, idsOf(person), connectionId)).filter((one) => one.action === action);
  if (given.length === 0) return null;
  const { seq, createdAt } = nextPlace(person, now);
  person.isTouched = true;
  return {
    deliveryId: `${workspaceId}|${stableId(workspaceId, 'reconcile-removal', findingId)}`, workspaceId, connectionId, action, operation: 'removeMembers', class: 'suppression', profileId, seq, purpose,
    flowId: null, flowVersion: null, stepId: null, runId: null, eventId: null, segmentId: null, cause: 'consent-withdrawn', createdAt, dueAt: now, attempt: 0, state: 'pending', reason: null,
  };
}
