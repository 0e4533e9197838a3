import { heldOtherwise } from './hear-said.js';
import { ECHO_MS, UNKNOWN_FIELD, writesOf, type SyncField } from './sync-state.js';

/** What is known of a person's copy in a system. */
export interface SyncCopy {
  /** Digests of the identifiers by which the copy was named last, by us or by the system. */
  names: readonly string[];
  /** By the stored key of the canonical field. */
  fields: Readonly<Record<string, SyncField>>;
  /** Set while the system's users have deleted the copy: when, on its own clock, and when that was heard, epoch ms; and by which identifiers they said so, absent in copies of earlier days. */
  deleted?: { saidAt: number; at: number; names?: readonly string[] };
  /** Another copy that the system had of them, as of one of two who are one, which its users have deleted. When they are told apart it is of whom it names. */
  gone?: { saidAt: number; at: number; names: readonly string[] };
  /** By what the system named another copy of them last, and when, on its own clock: it was there then. */
  other?: { saidAt: number; names: readonly string[] };
  /** When the system named the copy last, on its own clock; absent in copies of earlier days, of which the fields alone say it. */
  namedAt?: number;
  /** When the system, on its own clock, deleted the one before that it had of the person: what it says of before is not of this copy. */
  since?: number;
  /** When the system was last made to forget the person by us, epoch ms: what it then says of a deletion is no news, and of a value may be of before. */
  forgottenAt?: number;
  /** Requests of ours that may have had the system erase the person: when the last was begun, epoch ms, and how many no deletion has told of yet. Each is told of once at most. `names`: digests of what they named the person by; absent in copies of earlier days, as all of it is. */
  erases?: { at: number; untold: number; names?: readonly string[] };
  /** Whether a deletion that may tell of one of these may have taken what was written since: once the system names the copy again it is written whole. */
  isInDoubt?: true;
}

/** So many names are kept: those of an id, an address and a phone, and former ones. */
const MOST_NAMES = 8;

/** A copy of which nothing is known. */
export const UNKNOWN_COPY: SyncCopy = { names: [], fields: {} };

/** What is known of one field. */
export function fieldOfCopy({ fields }: Pick<SyncCopy, 'fields'>, key: string): SyncField {
  return (Object.hasOwn(fields, key) ? fields[key] : undefined) ?? UNKNOWN_FIELD;
}

/** The copy with other knowledge of one field. */
export function withField<C extends SyncCopy>(copy: C, key: string, field: SyncField): C {
  return fieldOfCopy(copy, key) === field ? copy : { ...copy, fields: { ...copy.fields, [key]: field } };
}

/** The copy with nothing known of what it holds, see {@link heldOtherwise}. */
export function doubtCopy<C extends SyncCopy>(copy: C): C {
  return Object.entries(copy.fields).reduce((doubted, [key, field]) => withField(doubted, key, heldOtherwise(field)), copy);
}

/** The copy with names that it was called by just now. */
export function withNames<C extends SyncCopy>(copy: C, names: readonly string[]): C {
  return names.every((name) => copy.names.includes(name)) ? copy : { ...copy, names: [...new Set([...names, ...copy.names])].slice(0, MOST_NAMES) };
}

/** The copy with a word of the system that names it, of this time by its own clock. */
export function withNamed<C extends SyncCopy>(copy: C, at: number): C {
  return namedAtOf(copy) >= at ? copy : { ...copy, namedAt: at };
}

/** When the system named the copy last, on its own clock, with a field or without; -Infinity where it has not. */
export function namedAtOf({ namedAt = -Infinity, fields }: SyncCopy): number {
  return Object.values(fields).reduce((last, { said }) => Math.max(last, said?.at ?? -Infinity), namedAt);
}

/** When an erase of ours was last begun, or carried out, epoch ms; -Infinity where none was. */
export function erasedAtOf({ forgottenAt = -Infinity, erases }: SyncCopy): number {
  return Math.max(forgottenAt, erases?.at ?? -Infinity);
}

/** How many erases of ours a deletion may tell of that happened, or was heard, at this time: of one that was begun, or carried out, within the time that an echo takes. */
export function untoldOf(copy: SyncCopy, at: number): number {
  return erasedAtOf(copy) > at - ECHO_MS ? copy.erases?.untold ?? 1 : 0;
}

/** The copy with a request noted that is begun now, names the person so, and may erase it. Where nothing was written since the last one this finds nothing there, and is not told of. */
export function withErase<C extends SyncCopy>(copy: C, now: number, by: readonly string[]): C {
  const { erases, fields } = copy;
  const isRecent = erases !== undefined && erases.at > now - ECHO_MS;
  const isEmpty = isRecent && Object.values(fields).every((field) => writesOf(field).every(({ at }) => at < erases.at));
  const names = !isRecent ? by : erases.names === undefined ? undefined : [...new Set([...by, ...erases.names])];
  return { ...copy, erases: { at: now, untold: untoldOf(copy, now) + (isEmpty ? 0 : 1), ...(names === undefined ? {} : { names }) } };
}

/** The copy as the only one that the system has of them; the same where no other was known. */
export function withoutOther<C extends SyncCopy>(copy: C): C {
  if (copy.other === undefined) return copy;
  const { other: _, ...single } = copy;
  return single as C;
}

/** The copy as another one that is named so: nothing is known of what it holds. That values went to and fro is kept, or a field that names the copy could do so for ever; and what was forgotten, or a late echo of it would be an edit. */
export function asAnotherCopy<C extends SyncCopy>({ namedAt: _, ...copy }: C, names: readonly string[]): Omit<C, 'namedAt'> {
  const fields = Object.entries(copy.fields).map(([key, { held: _, pending: __, said: ___, ...kept }]) => [key, { ...kept, held: null }] as const);
  return { ...copy, names, fields: Object.fromEntries(fields) };
}
