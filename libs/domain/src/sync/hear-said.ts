import { ECHO_MS, withTurn, type SyncField } from './sync-state.js';

/** What a system says of a field. */
export interface Said {
  digest: string;
  /** When, on its own clock, epoch ms: compared with nothing but what it has said itself. */
  at: number;
  /** Our time, epoch ms. */
  now: number;
}

/**
 * What it comes to. `echo`: nothing new; it is taken out of the record. `unclear`: it may be an echo, and it may not; it is taken out too, and what the system holds is unknown. `edit`: its own word, which is folded as
 * any claim. `late`: its own word of before something else that it has said since; folded, and no longer what it holds.
 */
export type Heard = 'echo' | 'unclear' | 'edit' | 'late';

/**
 * Tells an echo of what we wrote from a genuine edit. What the system holds, or is being written, is nothing new. A former value may be a word that was late, or one that somebody there has gone back to: what the system said
 * before, by its own clock, decides where it can; else both are possible. As long as it is not sure that a word came after our last write, what the system holds is unknown, and the next delivery writes.
 *
 * @example hearSaid(field, { digest, at: record.occurredAt, now }).heard
 */
export function hearSaid(field: SyncField, said: Said): { heard: Heard; field: SyncField } {
  const { held, pending } = field;
  const { digest } = said;
  if (pending === undefined && digest === held) return { heard: 'echo', field: withSaid(field, said) };
  if (digest === pending?.digest && pending.isCrossed !== true) return { heard: 'echo', field: withSaid({ ...field, pending: { ...pending, isTold: true } }, said) };
  const order = field.said === undefined || field.said.digest === digest ? undefined : Math.sign(said.at - field.said.at);
  if (isFormer(field, said)) return hearFormer(field, said, order);
  // A late echo of before the system had to forget the person, or a word of those who have begun them anew there.
  if (isForgotten(field, said)) return { heard: 'unclear', field: doubted(field) };
  if (order === -1) return { heard: 'late', field };
  return { heard: 'edit', field: edited(field, said, isAfterOurs(field, said, order)) };
}

/** What the system came to hold lately, before what it holds now or is on its way. */
function isFormer({ held, pending, turns }: SyncField, { digest, now }: Said): boolean {
  if (pending !== undefined && digest === held) return true;
  return turns.some(({ digest: former, by }, index) => former === digest && (index > 0 ? (turns[index - 1]?.at ?? now) > now - ECHO_MS : by === 'us'));
}

/** What the system came to hold before it was made to forget the person, just now. */
function isForgotten({ former }: SyncField, { digest, now }: Said): boolean {
  return former !== undefined && former.at > now - ECHO_MS && former.digests.includes(digest);
}

function hearFormer(field: SyncField, said: Said, order: number | undefined): { heard: Heard; field: SyncField } {
  if (order === -1) return { heard: 'echo', field };
  // It has said what came after, and says this later still.
  if (order === 1 && field.pending === undefined && field.said?.digest === field.held) return { heard: 'edit', field: edited(field, said, true) };
  // Our last write, after all else that it has said.
  if (order === 1 && (field.pending?.digest ?? field.turns.find(({ by }) => by === 'us')?.digest) === said.digest) return { heard: 'echo', field: arrived(withSaid(field, said), said.digest) };
  const turns = withTurn(field.turns, { digest: said.digest, at: said.now, by: 'maybe' });
  return { heard: 'unclear', field: doubted(withSaid({ ...field, turns }, said)) };
}

/** Whether a word came after our last write: there is none, it was long ago, or the system has told of it before. */
function isAfterOurs({ held, pending, turns, said: last }: SyncField, { now }: Said, order: number | undefined): boolean {
  const ours = turns.find(({ by }) => by === 'us');
  if (pending !== undefined) return false;
  return ours === undefined || ours.at <= now - ECHO_MS || (held !== null && last?.digest === held && order === 1);
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
