import type { JsonObject } from '../json.js';
import { canonicalJson, isSameJson } from '../profile/canonical-json.js';

/** A deliver step that wants a person in an audience. A person stays in as long as one does. */
export interface AudienceHolder {
  flowId: string;
  stepId: string;
  /** The version that put the person in: its purpose and sync mode hold for the way out. */
  flowVersion: number;
  /** The segment whose leaving ends it; null where an event brought the person in. */
  segmentId: string | null;
  purpose: string;
}

/**
 * One membership of a person at a recipient, named by the identifying fields exactly as they were sent.
 * `in` and `out` are what the recipient has confirmed. `open`: a request is on its way, or came to an unknown end; it may be either, so that whatever is wanted is sent.
 */
export interface MemberSet {
  identifiers: JsonObject;
  state: 'in' | 'out' | 'open';
  /** Of the payload that was confirmed last: an HMAC under the person's salt. Null before the first. */
  digest: string | null;
  /** Of the last confirmation, or of the decision to send while it is open. Epoch ms. */
  at: number;
  /** The delivery that confirmed it, or that is on its way. */
  deliveryId: string;
  holders: AudienceHolder[];
  /** The last time at which the recipient itself, asked for a list of its members, named this one: when that listing began. Epoch ms. */
  listedAt?: number;
}

/** What a recipient has of one profile by one action. */
export interface MembershipState {
  profileId: string;
  sets: readonly MemberSet[];
}

/** Whether two holders are the same step, in whatever version. */
export function isSameHolder(one: Pick<AudienceHolder, 'flowId' | 'stepId'>, other: Pick<AudienceHolder, 'flowId' | 'stepId'>): boolean {
  return one.flowId === other.flowId && one.stepId === other.stepId;
}

/** Whether two sets name the same membership. */
export function isSameMember(one: Pick<MemberSet, 'identifiers'>, other: Pick<MemberSet, 'identifiers'>): boolean {
  return isSameJson(one.identifiers, other.identifiers);
}

/** By what a member that a recipient lists is found: recipients are free with upper and lower case. */
export function memberKey(identifiers: JsonObject): string {
  return canonicalJson(identifiers).toLowerCase();
}

/** Changes some sets; states without any of them stay the same objects, so that only the changed ones are written. */
export function changeSets(states: readonly MembershipState[], change: (set: MemberSet) => MemberSet): MembershipState[] {
  return states.map((state) => {
    const sets = state.sets.map(change);
    return sets.every((set, index) => set === state.sets[index]) ? state : { ...state, sets };
  });
}
