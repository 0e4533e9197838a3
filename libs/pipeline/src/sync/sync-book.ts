import { comparableForm, doubtCopy, forgottenField, settleWrite, withErase, withField, type JsonObject, type SyncCopy, type WriteOutcome } from '@firsthand/domain';
import { idsOf, type PersonWork } from '../person/person-work.js';
import { saltsOf } from '../deliver/salts-of.js';
import type { SyncStateRow } from '../ports/sync-states.js';
import type { StoreTransaction } from '../ports/store.js';
import { syncDigest } from './sync-digest.js';

/** What a person's copies are looked at with. */
export interface KnownCopy {
  row: SyncStateRow;
  /** Of the row's profile: keys its digests. */
  salt: string;
  /** Whether the row is stored, or of somebody of whom nothing was known. */
  isNew: boolean;
}

/** What one transaction knows of what systems hold: read once, changed in memory, written once. A row stays with the profile that it was written for, also while that is merged into another. */
export class SyncBook {
  private readonly rows = new Map<string, SyncStateRow>();
  private readonly changed = new Set<string>();

  private constructor(private readonly workspaceId: string, private salts: ReadonlyMap<string, string>) {}

  /**
   * Reads what is known of these people at these connections, and of rows that were sent before; nothing where there are none.
   *
   * @param profileIds of copies that are known already
   */
  static async open(tx: Pick<StoreTransaction, 'findSyncStates' | 'findSalts' | 'insertSalts'>, workspaceId: string, connectionIds: readonly string[], people: readonly PersonWork[], profileIds: readonly string[] = []): Promise<SyncBook> {
    const everybody = [...new Set([...people.flatMap(idsOf), ...profileIds])];
    const found = everybody.length === 0 ? [] : await tx.findSyncStates(workspaceId, everybody, connectionIds);
    const own = people.length === 0 ? new Map<string, string>() : await saltsOf(tx, workspaceId, people);
    const others = [...new Set(found.map(({ profileId }) => profileId))].filter((profileId) => !own.has(profileId));
    const book = new SyncBook(workspaceId, others.length === 0 ? own : new Map([...own, ...(await tx.findSalts(workspaceId, others))]));
    for (const row of found) book.rows.set(keyOf(row), row);
    return book;
  }

  /** The copies that are known of a person at a connection, their own profile's first; a new one where there are none. */
  copiesOf(connectionId: string, person: Pick<PersonWork, 'profile'>): [KnownCopy, ...KnownCopy[]] {
    const known = idsOf(person).flatMap((profileId): KnownCopy[] => {
      const row = this.rows.get(keyOf({ connectionId, profileId }));
      const salt = this.salts.get(profileId);
      return row === undefined || salt === undefined || isUnknown(row) ? [] : [{ row, salt, isNew: false }];
    });
    const [first, ...others] = known;
    return first === undefined ? [this.newCopy(connectionId, person)] : [first, ...others];
  }

  /** A copy of which nothing is known, at the person's own profile. */
  newCopy(connectionId: string, { profile: { profileId } }: Pick<PersonWork, 'profile'>): KnownCopy {
    return { row: { workspaceId: this.workspaceId, connectionId, profileId, names: [], fields: {} }, salt: this.salts.get(profileId) ?? '', isNew: true };
  }

  /** Keeps what was found out; what is the same object is not written. */
  put(row: SyncStateRow): void {
    if (this.rows.get(keyOf(row)) === row) return;
    this.rows.set(keyOf(row), row);
    this.changed.add(keyOf(row));
  }

  /** Notes what became of a write, at all fields that it left open. */
  settle(place: Pick<SyncStateRow, 'connectionId' | 'profileId'>, deliveryId: string, outcome: WriteOutcome): void {
    const row = this.rows.get(keyOf(place));
    if (row !== undefined) this.put(Object.entries(row.fields).reduce((copy, [key, field]) => withField(copy, key, settleWrite(field, deliveryId, outcome)), row));
  }

  /** Notes that a system may forget people from now on: what it holds of them is unknown. `erase`: by a request begun then that names them so, and that it may tell of as of a deletion. */
  doubt(connectionId: string, profileIds: readonly string[], erase?: { at: number; identifiers: readonly JsonObject[] }): void {
    for (const profileId of profileIds) {
      const row = this.rows.get(keyOf({ connectionId, profileId }));
      const salt = this.salts.get(profileId) ?? '';
      if (row !== undefined) this.put(doubtCopy(erase === undefined ? row : withErase(row, erase.at, erase.identifiers.flatMap((one) => namesOf(salt, one)))));
    }
  }

  /** Notes that a system was made to forget people: it holds nothing of them any more. What it tells late of what it held before is known for an echo still, and by its names whose that is. */
  forget(connectionId: string, profileIds: readonly string[], { sentAt, settledAt }: { sentAt: number; settledAt: number }): void {
    for (const profileId of profileIds) {
      const row = this.rows.get(keyOf({ connectionId, profileId }));
      if (row === undefined) continue;
      const { deleted, ...rest } = row;
      const fields = Object.fromEntries(Object.entries(row.fields).map(([key, field]) => [key, forgottenField(field, settledAt)]));
      this.put({ ...rest, fields, forgottenAt: settledAt, ...(deleted === undefined || deleted.at > sentAt ? {} : { deleted }) });
    }
  }

  /** What is to be written. */
  changes(): SyncStateRow[] {
    return [...this.changed].map((key) => this.rows.get(key) as SyncStateRow);
  }
}

/** Whether nothing is known by a row, as of a copy that is in another one now. */
function isUnknown({ names, fields, deleted, since, forgottenAt, erases }: SyncCopy): boolean {
  return names.length === 0 && deleted === undefined && since === undefined && forgottenAt === undefined && erases === undefined && Object.keys(fields).length === 0;
}

/** Whether a copy is called by all, or any, of these names. */
export function isNamed({ names }: Pick<SyncCopy, 'names'>, by: readonly string[], how: 'all' | 'any'): boolean {
  return how === 'all' ? by.every((name) => names.includes(name)) : by.some((name) => names.includes(name));
}

/** Digests of identifiers, whatever they are called. */
export function namesOf(salt: string, identifiers: JsonObject): string[] {
  return Object.values(identifiers).flatMap((value) => (comparableForm(value) === '' ? [] : [syncDigest(salt, value)]));
}

function keyOf({ connectionId, profileId }: Pick<SyncStateRow, 'connectionId' | 'profileId'>): string {
  return `${connectionId}|${profileId}`;
}
