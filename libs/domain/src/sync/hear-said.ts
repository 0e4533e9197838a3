import { ECHO_MS, withTurn, writesOf, type SyncField } from './sync-state.js';

/** What a system says of a field. */
export interface Said {
  digest: string;
  /** When, on its own clock, epoch ms: compared with nothing but what it has said itself. */
  at: number;
  /** Our time, epoch ms. */
  now: number;
}

/**
 * What it comes to. `echo`: nothing new; it is taken out of the record. `unclear`: it may be an echo, and it may not, or what the system holds is not what was thought; it is taken out too, and what was decided is looked at again. `edit`: its own word, which is folded as
 * any claim. `late`: its own word of before something else that it has said since; folded, and no longer what it holds.
 */
export type Heard = 'echo' | 'unclear' | 'edit' | 'late';

/**
 * Tells an echo of what we wrote from a genuine edit. What the system holds, or is being written, is nothing new. A former value may be a word that was late, or one that somebody there has gone back to: it is an edit where each
 * write of ours that it may tell of has been told of, by the order of the system's own clock, and nothing that the system has said is later; else both are possible. As long as it is not sure that a word came after our last write,
 * what the system holds is unknown, and the next delivery writes.
 *
 * @example hearSaid(field, { digest, at: record.occurredAt, now }).heard
 */
export function hearSaid(field: SyncField, said: Said): { heard: Heard; field: SyncField } {
  const { held, pending } = field;
  const { digest } = said;
  if (pending === undefined && digest === held) return { heard: 'echo', field: withSaid(toldOf(field, said), said) };
  if (digest === pending?.digest && pending.isCrossed !== true) return { heard: 'echo', field: withSaid({ ...toldOf(field, said), pending: { ...pending, isTold: true } }, said) };
  const order = field.said === undefined || field.said.digest === digest ? undefined : Math.sign(said.at - field.said.at);
  if (isFormer(field, said) || toldOf(field, said) !== field) return hearFormer(field, said, order);
  // A late echo of before the system had to forget the person, or a word of those who have begun them anew there.
  if (isForgotten(field, said)) return { heard: 'unclear', field: doubted({ ...field, turns: withTurn(field.turns, { digest, at: said.now, by: 'maybe' }) }) };
  if (order === -1) return { heard: 'late', field };
  return { heard: 'edit', field: edited(field, said, isAfterOurs(field, said)) };
}

/** What the system came to hold lately, before what it holds now or is on its way. */
function isFormer({ held, pending, turns }: SyncField, { digest, now }: Said): boolean {
  if (pending !== undefined && digest === held) return true;
  return turns.some(({ digest: former, by }, index) => former === digest && (index > 0 ? isRecent(turns, index, now) : by === 'us'));
}

/** Whether the next one came so lately that the system may tell of this one still. */
function isRecent(turns: readonly { at: number }[], index: number, now: number): boolean {
  return (turns[index - 1]?.at ?? now) > now - ECHO_MS;
}

/**
 * Whether it is what the system came to hold before it was made to forget the person, just now.
 *
 * @example isForgotten(field, { digest, at: record.occurredAt, now })
 */
export function isForgotten({ former }: SyncField, { digest, now }: Said): boolean {
  return former !== undefined && former.at > now - ECHO_MS && former.digests.includes(digest);
}

function hearFormer(field: SyncField, said: Said, order: number | undefined): { heard: Heard; field: SyncField } {
  const told = toldOf(field, said);
  if (order === -1) return { heard: 'echo', field: told };
  // Later than all that the system has said, and it can tell of no write of ours.
  if (order === 1 && told === field && !isForgotten(field, said)) return { heard: 'edit', field: edited(field, said, isAfterOurs(field, said)) };
  // Our last write, after all else that it has said. Where another was thought to be held since, it may have to be written again.
  if (order === 1 && (field.pending ?? writesOf(field)[0])?.digest === said.digest) return { heard: field.held === null || field.pending !== undefined ? 'echo' : 'unclear', field: arrived(withSaid(told, said), said.digest) };
  const turns = withTurn(told.turns, { digest: said.digest, at: said.now, by: 'maybe' });
  return { heard: 'unclear', field: doubted(withSaid({ ...told, turns }, said)) };
}

/**
 * Notes that a word may tell of a write of ours, of several the earliest. It tells of none that has been told of, nor of one that was made after the system had said something later, or before one of which it has told as of
 * earlier; and of none for certain where it may be of before the system had to forget the person. The same field where it can tell of none.
 */
function toldOf(field: SyncField, said: Said): SyncField {
  const { digest, at, now } = said;
  const writes = writesOf(field);
  if (isForgotten(field, said) || writes.some((write) => write.digest === digest && write.saidAt === at)) return field;
  const found = writes.findLastIndex(({ digest: written, after = -Infinity, saidAt }, index) => written === digest && saidAt === undefined && after <= at && isRecent(writes, index, now)
    && writes.every((other, place) => other.saidAt === undefined || (place < index ? other.saidAt >= at : other.saidAt <= at)));
  return found === -1 ? field : { ...field, writes: writes.map((write, index) => (index === found ? { ...write, saidAt: at } : write)) };
}

/** Whether a word came after our last write: there is none, it was long ago, or the system has told of it before. */
function isAfterOurs(field: SyncField, { at, now }: Said): boolean {
  const [ours] = writesOf(field);
  if (field.pending !== undefined) return false;
  return ours === undefined || ours.at <= now - ECHO_MS || (ours.saidAt !== undefined && ours.saidAt < at);
}

/**
 * Notes a value that a system was seen to hold just now, in its own list: whoever wrote it, and whatever its clock says.
 *
 * @example seenToHold(field, digest, now).held === digest
 */
export function seenToHold(field: SyncField, digest: string, now: number): SyncField {
  const turns = withTurn(field.turns, { digest, at: now, by: 'them' });
  return field.pending === undefined ? { ...field, turns, held: digest } : doubted({ ...field, turns });
}

/** Notes that what a system holds is not what was thought, also once what is on its way has arrived: the next delivery writes. What was written and said before is known still, so that its echoes are. */
export function heldOtherwise(field: SyncField): SyncField {
  return field.held === null && (field.pending === undefined || field.pending.isCrossed === true) ? field : doubted(field);
}

function edited(field: SyncField, said: Said, isCertain: boolean): SyncField {
  const heard = withSaid({ ...field, turns: withTurn(field.turns, { digest: said.digest, at: said.now, by: 'them' }) }, said);
  return isCertain ? { ...heard, held: said.digest } : doubted(heard);
}

function arrived({ pending, ...field }: SyncField, digest: string): SyncField {
  return pending === undefined ? { ...field, held: digest } : { ...field, pending: { digest: pending.digest, deliveryId: pending.deliveryId, isTold: true } };
}

function doubted(field: SyncField): SyncField {
  return { ...field, held: null, ...(field.pending === undefined ? {} : { pending: { ...field.pending, isCrossed: true } }) };
}

function withSaid(field: SyncField, { digest, at }: Said): SyncField {
  return field.said !== undefined && field.said.at > at ? field : { ...field, said: { digest, at } };
}
