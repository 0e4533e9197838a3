import type { CopyReason } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import type { CompareContext } from './compare-listed.js';
import { decidedFor } from './decide-finding.js';
import { findPending } from './find-held.js';
import type { FindingRow, ReconcileRow } from './reconcile-rows.js';
import type { ReconcileTransaction } from './reconcile-store.js';
import { SyncBook } from '../sync/sync-book.js';
import { readUnwritten } from './read-unwritten.js';
import { standingOf } from './standing-of.js';

/** Looks through a page of people for those who belong into the system and were not listed. Whoever came, or was written there, since the list was begun says nothing. */
export async function findMissing(
  tx: StoreTransaction & ReconcileTransaction, row: ReconcileRow, profileIds: readonly string[], { configuration, place, now }: CompareContext,
): Promise<{ counts: ReconcileRow['counts']; findings: FindingRow[] }> {
  const { workspaceId, reconcileId, startedAt } = row;
  const people = [...new Set((await loadPeople(tx, configuration, profileIds, now)).values())];
  const wanted = people.filter(({ profile }) => profile.createdAt < startedAt).map((person) => ({ person, standing: standingOf(person, place, configuration, now) })).filter(({ standing }) => standing.isWanted);
  const seen = await tx.findSeen(reconcileId, wanted.flatMap(({ person }) => idsOf(person)));
  const unseen = wanted.filter(({ person }) => !idsOf(person).some((id) => seen.has(id)));
  const pending = await findPending(tx, unseen.map(({ person }) => person), place, configuration);
  const book = await SyncBook.open(tx, workspaceId, [place.rule.connectionId], [], unseen.flatMap(({ person }) => idsOf(person)));
  const writtenAt = await lastWrites(tx, unseen.map(({ person }) => person), place, workspaceId);
  const counts = { ...row.counts, people: row.counts.people + people.length };
  const findings: FindingRow[] = [];
  for (const { person, standing } of unseen) {
    const { profileId } = person.profile;
    const last = writtenAt.get(profileId);
    if (last !== undefined && last >= startedAt) continue;
    const { isDeletedThere, isMergedThere, isWhollyStopped } = readUnwritten(book, person, standing.identifiers, place, configuration);
    const reason: CopyReason = !standing.isUsable ? 'unusable' : isMergedThere ? 'merged-there' : isDeletedThere ? 'deleted-there' : isWhollyStopped ? 'stopped' : pending.has(profileId) ? 'write-pending' : last === undefined ? 'never-written' : 'gone-there';
    counts.missing += 1;
    findings.push(decidedFor(row, { findingId: `${reconcileId}|${profileId}`, workspaceId, reconcileId, profileId, kind: 'missing', reason, consent: null, fields: [] }, now));
  }
  return { counts, findings };
}

/** profileId → when the action last gave the system anything of the person, as far as is noted. */
async function lastWrites(tx: StoreTransaction, people: readonly PersonWork[], { rule: { connectionId, action } }: CompareContext['place'], workspaceId: string): Promise<Map<string, number>> {
  const rows = people.length === 0 ? [] : await tx.findDisclosures(workspaceId, people.flatMap(idsOf), connectionId);
  const own = rows.filter((disclosure) => disclosure.action === action);
  return new Map(people.flatMap((person) => {
    const times = own.filter(({ profileId }) => idsOf(person).includes(profileId)).flatMap(({ firstAt, grounds }) => [firstAt, ...grounds.map(({ lastAt }) => lastAt)]);
    return times.length === 0 ? [] : [[person.profile.profileId, Math.max(...times)] as const];
  }));
}
