import { asAnotherCopy, decodeStoredKey, doubtCopy, ECHO_MS, encodeStoredKey, erasedAtOf, fieldOfCopy, hearSaid, heldOtherwise, identityKey, isForgotten, namedAtOf, seenToHold, UNKNOWN_COPY, untoldOf, withField, withNamed, withNames, withoutOther, writesOf, type CanonicalRecord, type DeletedThere, type Heard, type SyncField, type SyncRule } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import { RESTATED } from '../ingest/judge-raw.js';
import type { SyncStateRow } from '../ports/sync-states.js';
import { asksForErasure } from '../requests/asks-for-erasure.js';
import { isNamed, type KnownCopy, type SyncBook } from './sync-book.js';
import { syncDigest } from './sync-digest.js';

/** What a flag of a record says whose fields were echoes of what we wrote. */
export const ECHO_FLAG = 'echo';

/** What a record of a system that is written to comes to. */
export interface HeardRecord {
  /** Without what is no claim of the system. */
  record: CanonicalRecord;
  /** Connection → the names of the fields of which it said more than was known. */
  said: ReadonlyMap<string, readonly string[]>;
  /** Connections to which the copy is to be written anew: it was deleted, and is to be made again, or is back, or is what several were. */
  anew: readonly string[];
  /** Whether a deletion is to be decided on by an officer. */
  isErasureAsked: boolean;
}

/**
 * Hears what a system says of a person: tells echoes of what was written from genuine edits, and takes them out; notes what the system holds from now on. Of a record that somebody has decided to take nothing is an echo.
 *
 * @param rules those that write to the system
 * @param isOurErase whether it is a deletion that tells of what we had the system do
 * @example const { record } = hearRecord(book, person, candidate.record, configuration.syncs.ofSource(connectionId), now);
 */
export function hearRecord(book: SyncBook, person: PersonWork, record: CanonicalRecord, rules: readonly SyncRule[], now: number, isOurErase = false): HeardRecord {
  const byConnection = fieldsByConnection(rules);
  if (record.type === 'delete') return hearDeletion(book, person, record, rules, { now, isOurErase });
  const silent = new Set<string>();
  const said = new Map<string, string[]>();
  const anew: string[] = [];
  for (const [connectionId, fields] of byConnection) {
    const heard = hearAt(book, person, record, { connectionId, fields, now });
    if (heard.isBack) anew.push(connectionId);
    if (!heard.isPast) said.set(connectionId, heard.outcomes.filter(([, outcome]) => outcome !== 'echo').map(([name]) => name));
    for (const [name, outcome] of heard.outcomes) if (outcome === 'echo' || outcome === 'unclear') silent.add(name);
  }
  return { record: without(record, silent), said, anew, isErasureAsked: false };
}

function fieldsByConnection(rules: readonly SyncRule[]): Map<string, Set<string>> {
  const fields = new Map<string, Set<string>>();
  for (const { connectionId, fields: own } of rules) fields.set(connectionId, new Set([...(fields.get(connectionId) ?? []), ...own.map(({ field }) => field.slice('profile.'.length))]));
  return fields;
}

/** What is said at one connection. `isPast`: before the copy was deleted, and so nothing of what is held. */
function hearAt(book: SyncBook, person: PersonWork, record: CanonicalRecord, { connectionId, fields, now }: { connectionId: string; fields: ReadonlySet<string>; now: number }): { outcomes: [string, Heard][]; isBack: boolean; isPast: boolean } {
  const copies = book.copiesOf(connectionId, person);
  const [joined, ...others] = joinedBy(record, copies);
  const { copy: { row, salt }, isCertain } = joined === undefined ? copyOf(copies, record) : { copy: joined, isCertain: true };
  const isRestated = record.flags.includes(RESTATED);
  const isOnly = isOnlyName(record, person);
  const { isInDoubt, ...sure } = row;
  const isMeant = isCertain || isOnly;
  const { deleted, ...present } = isMeant ? sure : row;
  const goneAt = Math.max(deleted?.saidAt ?? -Infinity, row.since ?? -Infinity);
  const names = namesIn(record, salt);
  const left = { saidAt: record.occurredAt, names };
  if (deleted?.names !== undefined && !isRestated && !isOnly && copies.length === 1 && record.occurredAt <= goneAt && isLeft(row, left, now)) {
    book.put(otherCopy(row, left, { ...deleted, names: deleted.names }));
    return { ...hearAt(book, person, record, { connectionId, fields, now }), isBack: true };
  }
  const isPast = !isRestated && record.occurredAt <= goneAt;
  const single = deleted === undefined ? present : { ...present, since: goneAt, ...(isCertain && !isOnly && deleted.names !== undefined ? { gone: { ...deleted, names: deleted.names } } : {}) };
  const { gone: _, ...whole } = single;
  const isAgain = isGoneBack(single, names, record.occurredAt);
  const known = isAgain ? whole : single;
  let next = isMeant ? withNames(known, names) : known;
  // Of two that are one there now, each may have held what it does not say.
  if (joined !== undefined) next = Object.entries(next.fields).reduce((copy, [key, field]) => (Object.hasOwn(record.profile, decodeStoredKey(key)) ? copy : withField(copy, key, heldOtherwise(field))), next);
  const outcomes = Object.entries(record.profile).flatMap(([name, value]): [string, Heard][] => {
    if (!fields.has(name)) return [];
    const key = encodeStoredKey(name);
    const digest = syncDigest(salt, value);
    const before = fieldOfCopy(next, key);
    const { heard: own, field } = isRestated ? { heard: 'edit' as const, field: seenToHold(before, digest, now) } : hearSaid(before, { digest, at: record.occurredAt, now });
    // What only one of them held has been chosen there. Under a name that no copy has it may be a late echo of any that the system had to forget.
    const isChosen = own === 'echo' && others.some((other) => fieldOfCopy(other.row, key).held !== syncDigest(other.salt, value));
    const isOfForgotten = !isCertain && !isRestated && own !== 'echo' && copies.some((one) => isForgotten(fieldOfCopy(one.row, key), { digest: syncDigest(one.salt, value), at: record.occurredAt, now }));
    const heard = isChosen ? 'edit' : isOfForgotten ? 'unclear' : own;
    // What comes so soon after the system had to forget the person may be of before that.
    const kept = heard === 'edit' && wasForgotten(row, now) ? heldOtherwise(field) : field;
    next = withField(next, key, isCertain || (isOnly && heard === 'echo') ? kept : ofSomeCopy(before, kept, heard));
    return [[name, heard]];
  });
  if (isPast) {
    // Made again by its users, and gone by our own hand since: it is left out no more.
    const isBack = deleted !== undefined && record.occurredAt > deleted.saidAt;
    if (isBack) book.put(known);
    return { outcomes, isBack, isPast };
  }
  const isOther = !isMeant && (row.other?.saidAt ?? -Infinity) < record.occurredAt;
  if (isOther && !isRestated) next = { ...next, other: { saidAt: record.occurredAt, names } };
  book.put(isMeant && !isRestated ? withNamed(next, record.occurredAt) : next);
  for (const { row: { workspaceId, profileId } } of others) book.put({ workspaceId, connectionId, profileId, ...UNKNOWN_COPY });
  // Of which copy it is nobody knows: what any of them holds of these fields is unknown.
  if (!isCertain) for (const other of copies.slice(1)) book.put(outcomes.reduce((kept, [name]) => withField(kept, encodeStoredKey(name), { ...fieldOfCopy(kept, encodeStoredKey(name)), held: null }), other.row));
  return { outcomes, isBack: deleted !== undefined || (isMeant && isInDoubt === true) || joined !== undefined || isAgain, isPast };
}

/** The copies that a record says are one in the system now: of several ids of one kind that it names, each was another's. The one that is left comes first: the one of the first id, which stands for the others. None where there are no two. */
function joinedBy({ identities }: CanonicalRecord, copies: readonly KnownCopy[]): KnownCopy[] {
  const several = copies.length < 2 ? [] : identities.filter(({ namespace }, index) => identities.some((other, at) => at !== index && other.namespace === namespace));
  const joined = copies.filter(({ row, salt }) => isNamed(row, namesIn({ identities: several }, salt), 'any'));
  const isFirst = ({ row, salt }: KnownCopy): boolean => isNamed(row, namesIn({ identities: several.slice(0, 1) }, salt), 'any');
  return joined.length < 2 ? [] : [...joined.filter(isFirst), ...joined.filter((copy) => !isFirst(copy))];
}

/** What a word comes to that may be of another copy: it is no word of this one, by which later ones could be ordered, and what is held is unknown unless it is what was thought. */
function ofSomeCopy(before: SyncField, after: SyncField, heard: Heard): SyncField {
  if (heard === 'echo') return before;
  const { said: _, ...field } = after;
  return { ...field, held: null, ...(before.said === undefined ? {} : { said: before.said }) };
}

/** The copy that a record is of: one that its identities name, or named when it was deleted there; else the only one. */
function copyOf(copies: readonly [KnownCopy, ...KnownCopy[]], record: CanonicalRecord): { copy: KnownCopy; isCertain: boolean } {
  const named = copies.find(({ row, salt }) => isNamed(row, namesIn(record, salt), 'any'));
  if (named !== undefined) return { copy: named, isCertain: true };
  const deleted = copies.find(({ row, salt }) => isNamed({ names: row.deleted?.names ?? [] }, namesIn(record, salt), 'any'));
  // Written since under another name, it is known as the one that is called so.
  if (deleted !== undefined) return { copy: deleted, isCertain: deleted.row.names.length === 0 };
  const [only, ...others] = copies;
  return { copy: only, isCertain: only.isNew || (others.length === 0 && only.row.names.length === 0) };
}

/** Whether the person is known by one name alone of each kind that a record has: it is then one more name of the copy that is called otherwise. Of two, such as the ids of two who are one, each may have a copy. */
function isOnlyName({ identities }: CanonicalRecord, { profile }: PersonWork): boolean {
  const kinds = new Set(identities.map(({ namespace }) => namespace));
  return new Set([...profile.identities, ...identities].filter(({ namespace }) => kinds.has(namespace)).map(identityKey)).size === kinds.size;
}

function namesIn({ identities }: Pick<CanonicalRecord, 'identities'>, salt: string): string[] {
  return identities.map(({ value }) => syncDigest(salt, value));
}

/** What a deletion at one connection comes to. */
interface HeardDeletion {
  isAnew: boolean;
  isErasureAsked: boolean;
}

const NO_NEWS: HeardDeletion = { isAnew: false, isErasureAsked: false };
const ANEW: HeardDeletion = { isAnew: true, isErasureAsked: false };

function hearDeletion(book: SyncBook, person: PersonWork, record: CanonicalRecord, rules: readonly SyncRule[], given: { now: number; isOurErase: boolean }): HeardRecord {
  const heard = [...new Set(rules.map(({ connectionId }) => connectionId))].map((connectionId) => {
    const modes = new Set(rules.flatMap((rule) => (rule.connectionId === connectionId && rule.isEnabled ? [rule.deletedThere] : [])));
    return { connectionId, ...hearDeletionAt(book, person, record, { ...given, connectionId, modes }) };
  });
  return { record, said: new Map(), anew: heard.flatMap(({ connectionId, isAnew }) => (isAnew ? [connectionId] : [])), isErasureAsked: heard.some(({ isErasureAsked }) => isErasureAsked) };
}

/** A copy that users of the system have deleted, and not made again since. That of a person whom we had taken out there is no news. */
function hearDeletionAt(book: SyncBook, person: PersonWork, record: CanonicalRecord, { connectionId, modes, now, isOurErase }: { connectionId: string; modes: ReadonlySet<DeletedThere>; now: number; isOurErase: boolean }): HeardDeletion {
  const copies = book.copiesOf(connectionId, person);
  const { copy: { row, salt }, isCertain } = copyOf(copies, record);
  const names = namesIn(record, salt);
  if (!isCertain && !isOnlyName(record, person)) {
    hearOtherGone(book, row, { saidAt: record.occurredAt, at: now, names });
    return NO_NEWS;
  }
  const since = Math.max(row.since ?? -Infinity, row.deleted?.saidAt ?? -Infinity);
  // Also of a word that was long on its way.
  const at = Math.min(record.occurredAt, now);
  const untold = untoldOf(row, at);
  const erasedAt = erasedAtOf(row);
  const isRecent = erasedAt > at - ECHO_MS;
  // Besides what is told of as the person's wish, which is ours or decided by an officer, the system may tell of the same as of any deletion.
  const isCounted = !asksForErasure(record);
  const told = untold > 0 && isCounted ? { ...row, erases: { at: erasedAt, untold: untold - 1 } } : row;
  if (record.occurredAt === since) return NO_NEWS;
  if (record.occurredAt < since && (!isRecent || untold > 0 || !isCounted || namedAtOf(row) > since)) {
    book.put(told);
    return NO_NEWS;
  }
  // Of more deletions than there were erases of ours just now the last is the users', also where that was heard first and taken for ours.
  const saidAt = Math.max(record.occurredAt, since);
  // What it told of before, so late that it was taken for what is held, is gone; what its users have said since is there.
  const isGone = ({ held, said }: SyncField): boolean => held !== null && (said?.at ?? -Infinity) <= saidAt;
  const gone = Object.entries(row.fields).filter(([, field]) => isGone(field));
  if (isOurErase && (!isRecent || untold > 0 || !isCounted)) {
    book.put(gone.reduce((copy, [key, field]) => withField(copy, key, heldOtherwise(field)), { ...told, since: saidAt }));
    return gone.length > 0 ? ANEW : NO_NEWS;
  }
  const { fields } = doubtCopy(row);
  const isMadeAgain = modes.has('make-again');
  if (untold > 0) {
    // Whether what was written since is gone, by a user of the system, nobody knows: it is made again where that is wanted, and elsewhere what is named there anew is written whole.
    const isInDoubt = gone.length > 0 || Object.values(row.fields).some((field) => writesOf(field).some((write) => write.at >= erasedAt));
    book.put({ ...told, ...(isInDoubt ? { fields, isInDoubt } : {}), since: saidAt });
    return isInDoubt && isMadeAgain ? ANEW : NO_NEWS;
  }
  // It has been named since: what is there is another one, and what it holds nobody knows.
  if (namedAtOf(row) > saidAt) {
    book.put({ ...row, fields, since: saidAt });
    return ANEW;
  }
  const deleted = { saidAt, at: now, names };
  const left = row.other !== undefined && !isNamed(row.other, names, 'any') ? row.other : undefined;
  book.put(left === undefined ? { ...row, names: [], fields, deleted } : otherCopy(row, left, deleted));
  // Another copy of theirs is kept equal still.
  const isAnew = isMadeAgain || left !== undefined || copies.some((one) => one.row.profileId !== row.profileId && one.row.deleted === undefined);
  return { isAnew, isErasureAsked: modes.has('request-erasure') };
}

/** Of two copies, not the one that is known was deleted. So soon after an erase of ours it may tell of that. */
function hearOtherGone(book: SyncBook, row: SyncStateRow, gone: NonNullable<SyncStateRow['gone']>): void {
  const isOther = row.other !== undefined && isNamed(row.other, gone.names, 'any');
  if (wasForgotten(row, gone.at) || (isOther && (row.other?.saidAt ?? -Infinity) > gone.saidAt)) return;
  book.put({ ...(isOther ? withoutOther(row) : row), gone });
}

/** What is left of two once the one that is known was deleted: the other, as the system named it last. */
function otherCopy({ other: _, since: __, deleted: ___, ...row }: SyncStateRow, { names, saidAt }: NonNullable<SyncStateRow['other']>, gone: NonNullable<SyncStateRow['gone']>): SyncStateRow {
  return { ...asAnotherCopy(row, names), gone, namedAt: saidAt };
}

/** Whether a word of before the one copy was deleted that is known names another, which has not been. So soon after an erase of ours it may be of before that. */
function isLeft(row: SyncStateRow, left: NonNullable<SyncStateRow['other']>, now: number): boolean {
  const { names, deleted, gone } = row;
  return names.length === 0 && !isNamed({ names: deleted?.names ?? [] }, left.names, 'any') && !wasForgotten(row, now) && !(gone !== undefined && gone.saidAt >= left.saidAt && isNamed(gone, left.names, 'any'));
}

/** Whether the system names another copy again that was deleted. */
function isGoneBack({ gone }: SyncStateRow, names: readonly string[], at: number): boolean {
  return gone !== undefined && gone.saidAt < at && isNamed(gone, names, 'any');
}

/** Whether the system was made to forget the person just now: what it tells of before may be on its way. */
function wasForgotten({ forgottenAt }: SyncStateRow, now: number): boolean {
  return forgottenAt !== undefined && forgottenAt > now - ECHO_MS;
}

function without(record: CanonicalRecord, silent: ReadonlySet<string>): CanonicalRecord {
  if (silent.size === 0) return record;
  return { ...record, profile: Object.fromEntries(Object.entries(record.profile).filter(([name]) => !silent.has(name))), flags: [...new Set([...record.flags, ECHO_FLAG])] };
}
