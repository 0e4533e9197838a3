import type { JsonObject } from '../json.js';
import { changeSets, isSameHolder, isSameMember, type AudienceHolder, type MembershipState, type MemberSet } from './member-set.js';

/** A person who is to be taken out of an audience. */
export interface Removal {
  /** The step that wants them in no longer; null takes them out whoever wants them in. */
  holder: Pick<AudienceHolder, 'flowId' | 'stepId'> | null;
  /** All that the recipient ever got: a set that no state knows may be in. Looked at where everything is taken out. */
  disclosed: readonly JsonObject[];
  deliveryId: string;
  /** Epoch ms. */
  now: number;
}

/** Which sets go out, each once, and the states as they are then. None: there is nobody to take out. */
export interface RemovalDecision {
  identifiers: JsonObject[];
  states: MembershipState[];
}

/**
 * The difference between a person who is not wanted in an audience and what its recipient has confirmed. A set that another step wants in stays; one that is
 * confirmed to be out needs no call.
 *
 * @example decideRemoval(states, { holder: { flowId, stepId }, disclosed, deliveryId, now }).identifiers // [{ email: 'ana@example.com' }]
 */
export function decideRemoval(states: readonly MembershipState[], { holder, disclosed, deliveryId, now }: Removal): RemovalDecision {
  const all = states.flatMap(({ sets }) => sets);
  const mine = holder === null ? all : all.filter((set) => isLoose(set) || set.holders.some((other) => isSameHolder(other, holder)));
  const isWanted = (set: MemberSet): boolean => holder !== null && all.some((other) => isSameMember(other, set) && other.holders.some((one) => !isSameHolder(one, holder)));
  const stays = new Set(mine.filter(isWanted));
  const goes = new Set(mine.filter((set) => set.state !== 'out' && !stays.has(set)));
  const unknown = holder === null ? disclosed.filter((identifiers) => !all.some((set) => isSameMember(set, { identifiers }))) : [];
  return {
    identifiers: distinct([...[...goes].map(({ identifiers }) => identifiers), ...unknown]),
    // Who goes is held until that is confirmed: a removal that fails is taken up again.
    states: changeSets(states, (set) => {
      if (goes.has(set)) return { ...set, state: 'open', at: now, deliveryId };
      return mine.includes(set) && holder !== null ? { ...set, holders: set.holders.filter((other) => !isSameHolder(other, holder)) } : set;
    }),
  };
}

/** Nobody wants it in, and it may be: the recipient says so. */
export function isLoose({ state, holders }: MemberSet): boolean {
  return state === 'open' && holders.length === 0;
}

function distinct(sets: readonly JsonObject[]): JsonObject[] {
  return sets.filter((identifiers, index) => sets.findIndex((other) => isSameMember({ identifiers }, { identifiers: other })) === index);
}
