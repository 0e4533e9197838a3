import { changeStanding } from '@firsthand/domain';
import { causeOf } from '../changes/change-cause.js';
import { loadPeople } from '../person/load-people.js';
import { LedgerCounts, newWorkOutput, type PersonWork } from '../person/person-work.js';
import { writePeople } from '../person/write-people.js';
import type { Clock, ConfigurationSource, Doorbell, Store, StoreTransaction } from '../ports/index.js';
import { resolveRows, type ListRow } from './resolve-rows.js';

/** `replace` adds, then takes off everybody else. */
export type ListMode = 'add' | 'remove' | 'replace';

/** What is to be done to a static list. */
export interface ListChange {
  workspaceId: string;
  /** Of a segment of kind `static`. */
  segmentId: string;
  mode: ListMode;
  rows: readonly ListRow[];
}

/** A row that changed nothing, and why. */
export interface ListProblem {
  row: number;
  reason: 'unknown' | 'ambiguous';
}

/** What became of a change. `found` counts rows, the rest of the counts people. */
export interface ListOutcome {
  found: number;
  added: number;
  removed: number;
  problems: ListProblem[];
}

export interface ChangeListOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  /** People per transaction. */
  pageSize?: number;
}

const PAGE_SIZE = 200;

/** What one transaction did. */
interface Page {
  lanes: string[];
  changed: number;
}

/**
 * Puts people on a static list or takes them off, page by page: each page is a transaction, in which memberships, flows and deliveries follow. Doing it again
 * changes nothing more, so whoever was interrupted repeats the call. Nobody is made: rows that name nobody who is known are told of and kept nowhere.
 *
 * @throws FirsthandError UNAVAILABLE; what was written until then stays
 * @example const { added, problems } = await changeList({ workspaceId, segmentId: 'vip', mode: 'add', rows }, options);
 */
export async function changeList(change: ListChange, options: ChangeListOptions): Promise<ListOutcome> {
  const { workspaceId, segmentId, mode, rows } = change;
  const { store, doorbell, pageSize = PAGE_SIZE } = options;
  const outcome: ListOutcome = { found: 0, added: 0, removed: 0, problems: [] };
  const ring = (lanes: readonly string[]): void => lanes.forEach((connectionId) => doorbell.ringLane({ workspaceId, connectionId }));
  const kept = new Set<string>();
  for (let at = 0; at < rows.length; at += pageSize) {
    const { lanes, changed, found, problems } = await store.transaction((tx) => changeRows(tx, change, rows.slice(at, at + pageSize), options));
    ring(lanes);
    for (const profileId of found) kept.add(profileId);
    outcome.found += found.length;
    outcome[mode === 'remove' ? 'removed' : 'added'] += changed;
    outcome.problems.push(...problems);
  }
  if (mode !== 'replace') return outcome;
  for (let after: string | null = null, isMore = true; isMore;) {
    const from: string | null = after;
    const { lanes, changed, last } = await store.transaction(async (tx) => {
      const listed = await tx.findListed(workspaceId, segmentId, from, pageSize);
      const people = [...(await loadPeople(tx, options.configuration.workspace(workspaceId), listed, options.clock())).values()].filter(({ profile: { profileId, mergedFrom } }) => ![profileId, ...mergedFrom].some((id) => kept.has(id)));
      return { ...(await write(tx, change, people, false, options)), last: listed.length === pageSize ? (listed.at(-1) ?? null) : null };
    });
    ring(lanes);
    outcome.removed += changed;
    after = last;
    isMore = last !== null;
  }
  return outcome;
}

async function changeRows(tx: StoreTransaction, change: ListChange, rows: readonly ListRow[], options: ChangeListOptions): Promise<Page & { found: string[]; problems: ListProblem[] }> {
  const { workspaceId, mode } = change;
  const owners = await tx.findIdentities(workspaceId, [...new Set(rows.flatMap(({ identityKeys }) => identityKeys))]);
  const known = await loadPeople(tx, options.configuration.workspace(workspaceId), [...owners.values()], options.clock());
  const resolved = resolveRows(rows, owners, (profileId) => known.get(profileId)?.profile.profileId);
  const found = resolved.flatMap((owner) => ('profileId' in owner ? [owner.profileId] : []));
  const named = new Set(found);
  const people = [...new Set(known.values())].filter(({ profile }) => named.has(profile.profileId));
  const problems = resolved.flatMap((owner) => ('fault' in owner ? [{ row: owner.row, reason: owner.fault }] : []));
  return { ...(await write(tx, change, people, mode !== 'remove', options)), found, problems };
}

async function write(tx: StoreTransaction, { workspaceId, segmentId }: ListChange, people: readonly PersonWork[], isListed: boolean, { configuration, clock }: ChangeListOptions): Promise<Page> {
  const now = clock();
  const changed = people.filter(({ profile }) => changeStanding(profile, segmentId, isListed, { at: now, origin: 'upload' }));
  if (changed.length === 0) return { lanes: [], changed: 0 };
  for (const person of changed) {
    person.changedLists.add(segmentId);
    person.isTouched = true;
  }
  const lanes = await writePeople(tx, {
    configuration: configuration.workspace(workspaceId), people: changed, occurrences: [], consentRecords: [], output: newWorkOutput(), counts: new LedgerCounts(), now, cause: causeOf('list'),
  });
  return { lanes, changed: changed.length };
}
