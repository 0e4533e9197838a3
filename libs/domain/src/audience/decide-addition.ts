import type { JsonObject } from '../json.js';
import { changeSets, isSameHolder, isSameMember, type AudienceHolder, type MembershipState, type MemberSet } from './member-set.js';
import type { SyncMode } from './sync-mode.js';

/** A person who is wanted in an audience. */
export interface Addition {
  /** The profile that new sets are noted at. */
  profileId: string;
  identifiers: JsonObject;
  /** Of the whole payload. */
  digest: string;
  holder: AudienceHolder;
  mode: SyncMode;
  deliveryId: string;
  /** Epoch ms. */
  now: number;
}

/**
 * What is to become of it, and the states as they are then. `already-confirmed`: the recipient has confirmed this very payload; `already-member`: it is in, and the
 * step only adds; `not-a-member`: it is not in, and the step only updates.
 */
export interface AdditionDecision {
  outcome: 'send' | 'already-confirmed' | 'already-member' | 'not-a-member';
  states: MembershipState[];
}

/**
 * The difference between a person who is wanted in an audience and what its recipient has confirmed. What is not confirmed for certain is sent, whatever the mode:
 * a call too many changes nothing, one too few loses somebody.
 *
 * @param states of the person, and of the profiles that were merged into them
 * @example decideAddition(states, { profileId, identifiers: { email }, digest, holder, mode: 'mirror', deliveryId, now }).outcome
 */
export function decideAddition(states: readonly MembershipState[], addition: Addition): AdditionDecision {
  const { identifiers, digest, holder, mode } = addition;
  const all = states.flatMap(({ sets }) => sets);
  const own = all.filter((set) => isSameMember(set, { identifiers }));
  const isKnownIn = own.length > 0 && own.every(({ state }) => state === 'in');
  if (mode === 'update' && !own.some(({ state }) => state !== 'out')) return { outcome: 'not-a-member', states: [...states] };
  const holds = mode !== 'update';
  if (isKnownIn && latest(own).digest === digest) return { outcome: 'already-confirmed', states: holds ? held(states, own, holder) : [...states] };
  if (mode === 'add') {
    if (isKnownIn) return { outcome: 'already-member', states: held(states, own, holder) };
    // In under other identifiers, of before they changed.
    if (own.every(({ state }) => state === 'out') && all.some((set) => set.state === 'in' && set.holders.some((other) => isSameHolder(other, holder)))) return { outcome: 'already-member', states: [...states] };
  }
  return { outcome: 'send', states: opened(own.length === 0 ? withNew(states, addition) : [...states], addition, holds) };
}

function latest(sets: readonly MemberSet[]): MemberSet {
  return sets.reduce((last, set) => (set.at > last.at ? set : last));
}

function held(states: readonly MembershipState[], own: readonly MemberSet[], holder: AudienceHolder): MembershipState[] {
  return changeSets(states, (set) => (own.includes(set) ? withHolder(set, holder) : set));
}

/** The newest version speaks for the step. */
function withHolder(set: MemberSet, holder: AudienceHolder): MemberSet {
  const known = set.holders.find((other) => isSameHolder(other, holder));
  if (known?.flowVersion === holder.flowVersion && known.segmentId === holder.segmentId && known.purpose === holder.purpose) return set;
  return { ...set, holders: [...set.holders.filter((other) => other !== known), holder] };
}

/** A request may be lost with its answer: until that is there, nothing is known. An earlier try that named another, as before a merge, is not confirmed by this one. */
function opened(states: readonly MembershipState[], { identifiers, holder, deliveryId, now }: Addition, holds: boolean): MembershipState[] {
  return changeSets(states, (set) => {
    if (isSameMember(set, { identifiers })) return { ...(holds ? withHolder(set, holder) : set), state: 'open', at: now, deliveryId };
    return set.state === 'open' && set.deliveryId === deliveryId ? { ...set, deliveryId: '' } : set;
  });
}

function withNew(states: readonly MembershipState[], { profileId, identifiers, deliveryId, now }: Addition): MembershipState[] {
  const fresh: MemberSet = { identifiers, state: 'open', digest: null, at: now, deliveryId, holders: [] };
  const isThere = states.some((state) => state.profileId === profileId);
  return isThere ? states.map((state) => (state.profileId === profileId ? { ...state, sets: [...state.sets, fresh] } : state)) : [...states, { profileId, sets: [fresh] }];
}
