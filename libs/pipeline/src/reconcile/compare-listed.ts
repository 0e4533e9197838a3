import { compareFields, type CopyFinding } from '@firsthand/domain';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { StoreTransaction } from '../ports/store.js';
import { decidedFor } from './decide-finding.js';
import { findOwners, type CopyOwners } from './find-held.js';
import type { ListedCopy } from './read-copies.js';
import type { ReconcilePlace } from './reconcile-place.js';
import type { FindingRow, ReconcileRow, SeenCopy } from './reconcile-rows.js';
import type { ReconcileTransaction } from './reconcile-store.js';
import { SyncBook } from '../sync/sync-book.js';
import { readUnwritten } from './read-unwritten.js';
import { standingOf } from './standing-of.js';

/** What a page of a system's list comes to. */
export interface ComparedPage {
  counts: ReconcileRow['counts'];
  findings: FindingRow[];
  seen: SeenCopy[];
}

export interface CompareContext {
  configuration: WorkspaceConfiguration;
  place: ReconcilePlace;
  /** Epoch ms. */
  now: number;
  /** Keyed digest of an identity, as those who were erased are known by. */
  digest(key: string): string;
}

/** Compares a page of what a system lists with the people whom it is of: who is as here, who is not, who should not be there. Reads only. */
export async function compareListed(tx: StoreTransaction & ReconcileTransaction, row: ReconcileRow, copies: readonly ListedCopy[], context: CompareContext): Promise<ComparedPage> {
  const owners = await findOwners(tx, copies, context.place, context.configuration, context);
  const people = [...new Set(owners.personOf.values())];
  const book = await SyncBook.open(tx, row.workspaceId, [row.connectionId], [], people.flatMap(idsOf));
  const before = await tx.findSeen(row.reconcileId, people.flatMap(idsOf));
  const seen = new Map<string, SeenCopy>();
  const page: ComparedPage = { counts: { ...row.counts }, findings: [], seen: [] };
  for (const copy of copies) {
    const person = owners.personOf.get(copy.key);
    const found = judge(copy, person, owners, isAnother(copy, person, before, seen), book, context);
    if (person !== undefined && !seen.has(person.profile.profileId)) seen.set(person.profile.profileId, { profileId: person.profile.profileId, key: copy.key });
    page.counts[found === null ? 'equal' : found.kind] += 1;
    if (found === null) continue;
    const isErased = owners.erased.has(copy.key);
    page.findings.push(decidedFor(row, { findingId: `${row.reconcileId}|${copy.key}`, workspaceId: row.workspaceId, reconcileId: row.reconcileId, profileId: isErased ? null : person?.profile.profileId ?? null, ...found }, context.now));
  }
  page.counts.listed += copies.length;
  page.seen = [...seen.values()].filter(({ profileId }) => !before.has(profileId));
  return page;
}

/** Whether the person was seen by another record of theirs. */
function isAnother({ key }: ListedCopy, person: PersonWork | undefined, before: ReadonlyMap<string, string>, seen: ReadonlyMap<string, SeenCopy>): boolean {
  if (person === undefined) return false;
  const keys = [...idsOf(person).flatMap((id) => before.get(id) ?? []), ...(seen.has(person.profile.profileId) ? [seen.get(person.profile.profileId)?.key] : [])];
  return keys.some((other) => other !== key);
}

function judge(copy: ListedCopy, person: PersonWork | undefined, { erased, pending }: CopyOwners, isDuplicate: boolean, book: SyncBook, { configuration, place, now }: CompareContext): CopyFinding | null {
  const extra = (reason: CopyFinding['reason'], consent: string | null = null): CopyFinding => ({ kind: 'extra', reason, consent, fields: [] });
  if (erased.has(copy.key)) return extra('erased');
  if (person === undefined) return extra('unknown-here');
  const { isWanted, reason, consent, fields, identifiers } = standingOf(person, place, configuration, now);
  if (!isWanted && reason !== null) return extra(reason, consent);
  if (isDuplicate) return extra('duplicate-there');
  const held = { record: copy.record, source: place.source?.connectionId ?? place.connection.connectionId };
  const { isDeletedThere, isStopped } = readUnwritten(book, person, identifiers, place, configuration);
  const differences = compareFields(held, person.profile, { fields, ownerRank: configuration.ownerRank, isPending: !isDeletedThere && pending.has(person.profile.profileId), isStopped });
  if (differences.length === 0) return null;
  const why = isDeletedThere ? 'deleted-there' : differences.every((one) => one.reason === 'stopped') ? 'stopped' : 'fields-differ';
  return { kind: 'different', reason: why, consent: null, fields: differences };
}
