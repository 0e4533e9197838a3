/** A value that a system came to hold, as far as is known: we wrote it, or it said so itself. */
export interface SyncTurn {
  /** Of the comparable form, keyed by the person's salt. */
  digest: string;
  /** When it was written, or heard of, epoch ms on our clock. */
  at: number;
  /** `maybe`: the system has said so, and it may have been a late word of before. */
  by: 'us' | 'them' | 'maybe';
}

/** A request of ours that would set a field, each by itself: the system may tell of each once. */
export interface WrittenValue {
  digest: string;
  /** Epoch ms on our clock. */
  at: number;
  /** What the system had said before by then, by its own clock: what it tells of this is no earlier. */
  after?: number;
  /** The time, by its own clock, of the word that told of it; absent while none has. */
  saidAt?: number;
}

/** What is on its way to a system and not answered. */
export interface PendingWrite {
  digest: string;
  deliveryId: string;
  /** The system has said something meanwhile that leaves open which of the two came first. */
  isCrossed?: true;
  /** The system has said this very value meanwhile: it holds it, also if it refuses the request. */
  isTold?: true;
  /** The same value was written before, and may have arrived by that: it counts among the turns also if this request is refused. */
  isAgain?: true;
}

/** That a field is not written any more: its value goes to and fro. */
export interface StoppedField {
  /** Epoch ms. */
  since: number;
  /** The rule that would write it. */
  ruleId: string;
  /** The connection that is not written to, and the source of the value that would be written. */
  between: [string, string];
  /** The last two of what alternates; another value is written, unless each side answers the other with one still. */
  digests: [string, string];
  /** When those who look after it were told of it, epoch ms; absent where nobody was. */
  toldAt?: number;
}

/** What is known of one field of one person in a system. No value is kept, only digests. */
export interface SyncField {
  /** What it is known to hold; null where that is unclear, and the next delivery writes. */
  held: string | null;
  pending?: PendingWrite;
  /** The latest first. */
  turns: readonly SyncTurn[];
  /** What we have written lately, the latest first; in fields of earlier days the turns say it. */
  writes?: readonly WrittenValue[];
  /** The last thing that it said, at a time of its own clock. */
  said?: { digest: string; at: number };
  stopped?: StoppedField;
  /** What it came to hold before it was made to forget the person, and when that was, epoch ms. */
  former?: { digests: readonly string[]; at: number };
}

/** So many turns are kept: those that the breaker looks at. */
const MOST_TURNS = 18;
/** So many writes are kept, of those that the system may tell of still. */
const MOST_WRITES = 20;
/** Four turns to and fro between two values within so long stop a field. */
export const OSCILLATION_MS = 60 * 60_000;
const OSCILLATION_TURNS = 4;
/** Two more within so long: where a system is read once a day it takes days to and fro. */
export const SLOW_OSCILLATION_MS = 7 * 24 * OSCILLATION_MS;
/** Two more where one of them is not certain. */
const MORE_TURNS = 2;
/** So many writes of ours within the hour, each answered with another value, stop a field whatever the values are. */
const ANSWERED_WRITES = 6;
/** So long an echo of a write may take that was written over meanwhile. */
export const ECHO_MS = 15 * 60_000;

/** A field of which nothing is known. */
export const UNKNOWN_FIELD: SyncField = { held: null, turns: [] };

/** Adds a turn, unless it is the value that the system came to hold last. */
export function withTurn(turns: readonly SyncTurn[], turn: SyncTurn): readonly SyncTurn[] {
  return turns[0]?.digest === turn.digest ? turns : [turn, ...turns].slice(0, MOST_TURNS);
}

/** What we have written lately, the latest first. */
export function writesOf({ writes, turns }: SyncField): readonly WrittenValue[] {
  return writes ?? turns.flatMap(({ digest, at, by }) => (by === 'us' ? [{ digest, at }] : []));
}

/** What a person's value is to a system. `same`: it holds that for certain; `differs`: it is to be written; `stopped`: it would be, and the field is stopped. */
export type SyncDifference = 'same' | 'differs' | 'stopped';

/**
 * Whether a value has to be written. What is not known for certain is: a write too many is harmless, one too few is not. A value that would only go to and fro once more stops the field.
 *
 * @param now epoch ms
 * @param ground who would write it where, and whose value it is, for who has to look at it
 * @returns the field too, changed where it is stopped from now on, or no more since the value is a third one
 * @example differenceOf(field, digest, now, { ruleId, between: ['hubspot', 'shopify'] }).difference
 */
export function differenceOf(field: SyncField, digest: string, now: number, ground: Pick<StoppedField, 'ruleId' | 'between'>): { difference: SyncDifference; field: SyncField } {
  if (field.pending === undefined && field.held === digest) return { difference: 'same', field };
  const { stopped, ...going } = field;
  if (stopped?.digests.includes(digest) === true) return { difference: 'stopped', field };
  if (!isOscillating(field.turns, digest, now) && !isAnsweredEachTime(field, now)) return { difference: 'differs', field: stopped === undefined ? field : going };
  const other = (field.turns[0] as SyncTurn).digest;
  return { difference: 'stopped', field: { ...going, stopped: { since: now, ...ground, digests: [digest, other] } } };
}

/** Whether the last turns went to and fro between two values, and this would be the first of them again. */
function isOscillating(turns: readonly SyncTurn[], digest: string, now: number): boolean {
  const more = (least: number): number => least + (turns.slice(0, least).some(({ by }) => by === 'maybe') ? MORE_TURNS : 0);
  return isToAndFro(turns, digest, { least: more(OSCILLATION_TURNS), after: now - OSCILLATION_MS })
    || isToAndFro(turns, digest, { least: more(OSCILLATION_TURNS + MORE_TURNS), after: now - SLOW_OSCILLATION_MS });
}

/** Whether what was written within the hour came back as another value each time, so that none comes twice. */
function isAnsweredEachTime(field: SyncField, now: number): boolean {
  const recent = writesOf(field).filter(({ at }) => at > now - OSCILLATION_MS);
  const answered = recent.filter((write, index) => field.turns.some(({ by, at, digest }) => by === 'them' && at >= write.at && at < (recent[index - 1]?.at ?? Infinity) && digest !== write.digest));
  return answered.length >= ANSWERED_WRITES;
}

function isToAndFro(turns: readonly SyncTurn[], digest: string, { least, after }: { least: number; after: number }): boolean {
  const last = turns.slice(0, least);
  const other = last[0]?.digest;
  return last.length === least && other !== digest && last.every((turn, index) => turn.at > after && turn.digest === (index % 2 === 0 ? other : digest));
}

/** Lets a stopped field be written again: what went to and fro before counts no more. */
export function releaseField({ stopped: _stopped, ...field }: SyncField): SyncField {
  return { ...field, turns: field.turns.slice(0, 1) };
}

/** Notes a write ahead of the request. An earlier one that has not been answered may have arrived or not. */
export function noteWritten({ pending, ...field }: SyncField, { digest, deliveryId, at }: { digest: string; deliveryId: string; at: number }): SyncField {
  const isAgain = field.turns[0]?.digest === digest;
  const before = writesOf(field).filter((_, index, all) => index === 0 || (all[index - 1]?.at ?? at) > at - ECHO_MS);
  // Tried again and again, the first and the last say enough: what came before is not to be pushed out by it.
  const isTriedAgain = before.slice(0, 2).filter((write) => write.digest === digest && write.saidAt === undefined).length === 2;
  const writes = [{ digest, at, ...(field.said === undefined ? {} : { after: field.said.at }) }, ...before.slice(isTriedAgain ? 1 : 0)].slice(0, MOST_WRITES);
  return { ...field, held: pending === undefined ? field.held : null, pending: { digest, deliveryId, ...(isAgain ? { isAgain } : {}) }, turns: withTurn(field.turns, { digest, at, by: 'us' }), writes };
}

/** What became of a request: it has arrived; it has not, for certain; or nobody knows. */
export type WriteOutcome = 'arrived' | 'refused' | 'unclear';

/**
 * Notes what became of a write that this delivery left open; any other is not concerned.
 *
 * @example settleWrite(field, deliveryId, 'arrived').held === field.pending?.digest
 */
export function settleWrite(field: SyncField, deliveryId: string, outcome: WriteOutcome): SyncField {
  const { pending, ...rest } = field;
  if (pending?.deliveryId !== deliveryId) return field;
  if (outcome === 'arrived') return { ...rest, held: pending.isCrossed === true ? null : pending.digest };
  if (outcome === 'unclear') return { ...rest, held: null };
  // It never came to be held there, and is not told of.
  const gone = writesOf(rest).findIndex(({ digest, saidAt }) => digest === pending.digest && saidAt === undefined);
  const writes = writesOf(rest).filter((_, index) => index !== gone);
  if (pending.isCrossed === true || pending.isTold === true) return { ...rest, held: null, writes };
  const turns = pending.isAgain !== true && rest.turns[0]?.by === 'us' && rest.turns[0].digest === pending.digest ? rest.turns.slice(1) : rest.turns;
  return { ...rest, turns, writes };
}

/**
 * A field of a copy that a system was made to forget: nothing is known of what it holds from then on, but what it came to hold before, so that a late echo of it is no news.
 *
 * @param at when the system had forgotten it, epoch ms
 */
export function forgottenField({ turns, former }: SyncField, at: number): SyncField {
  const digests = [...new Set([...turns.map(({ digest }) => digest), ...(former === undefined || former.at <= at - ECHO_MS ? [] : former.digests)])];
  return digests.length === 0 ? UNKNOWN_FIELD : { ...UNKNOWN_FIELD, former: { digests: digests.slice(0, MOST_TURNS), at } };
}
