import fc from 'fast-check';
import { confirmMembership } from './confirm-membership.js';
import { decideAddition } from './decide-addition.js';
import { decideRemoval } from './decide-removal.js';
import type { AudienceHolder, MembershipState } from './member-set.js';

/** What comes to the lane, and what becomes of the request: its answer may be lost although it arrived, or it may never arrive. */
interface Step {
  step: string;
  wants: 'in' | 'out';
  email: string;
  payload: string;
  profileId: string;
  request: 'confirmed' | 'answer-lost' | 'lost';
}

const someStep: fc.Arbitrary<Step> = fc.record({
  step: fc.constantFrom('a', 'b'), wants: fc.constantFrom('in' as const, 'in' as const, 'out' as const), email: fc.constantFrom('old@x', 'new@x'), payload: fc.constantFrom('one', 'two'),
  profileId: fc.constantFrom('winner', 'winner', 'loser'), request: fc.constantFrom('confirmed' as const, 'confirmed' as const, 'answer-lost' as const, 'lost' as const),
});
const holder = (stepId: string): AudienceHolder => ({ flowId: 'f', stepId, flowVersion: 1, segmentId: 's', purpose: 'p' });

/** A recipient, what is known of it, and who wants which set in. */
class Lane {
  /** email → payload: who is really in. */
  readonly recipient = new Map<string, string>();
  readonly wanted = new Map<string, Set<string>>();
  states: MembershipState[] = [];
  private number = 0;

  /** Gives whether something was sent. */
  take({ step, wants, email, payload, profileId, request }: Step): boolean {
    const deliveryId = `d${this.number += 1}`;
    const now = this.number;
    if (wants === 'in') {
      this.wanted.set(email, new Set([...(this.wanted.get(email) ?? []), step]));
      const { outcome, states } = decideAddition(this.states, { profileId, identifiers: { email }, digest: payload, holder: holder(step), mode: 'mirror', deliveryId, now });
      this.states = states;
      if (outcome !== 'send') return false;
      if (request !== 'lost') this.recipient.set(email, payload);
      if (request === 'confirmed') this.states = confirmMembership(this.states, { deliveryId, digest: payload, at: now });
      return true;
    }
    for (const holders of this.wanted.values()) holders.delete(step);
    const { identifiers, states } = decideRemoval(this.states, { holder: holder(step), disclosed: [], deliveryId, now });
    this.states = states;
    if (identifiers.length === 0) return false;
    if (request !== 'lost') for (const { email: gone } of identifiers) this.recipient.delete(gone as string);
    if (request === 'confirmed') this.states = confirmMembership(this.states, { deliveryId, digest: null, at: now });
    return true;
  }

  isWanted(email: string): boolean {
    return (this.wanted.get(email)?.size ?? 0) > 0;
  }
}

it('never leaves out a call that is needed, and takes nobody out whom another step wants in', () => {
  fc.assert(fc.property(fc.array(someStep, { maxLength: 25 }), (steps) => {
    const lane = new Lane();
    for (const step of steps) {
      const before = new Map(lane.recipient);
      if (!lane.take(step) && step.wants === 'in') expect(lane.recipient.get(step.email)).toBe(step.payload);
      if (step.wants === 'out') for (const email of before.keys()) if (lane.isWanted(email)) expect(lane.recipient.has(email)).toBe(true);
    }
    // Whatever was lost on the way: once each step has got its way with an answer, nobody is in who is not wanted.
    for (const step of ['a', 'b']) lane.take({ step, wants: 'out', email: '', payload: '', profileId: 'winner', request: 'confirmed' });
    expect([...lane.recipient.keys()]).toEqual([]);
  }), { numRuns: 500 });
});

it('sends nothing twice that was confirmed', () => {
  fc.assert(fc.property(fc.array(someStep, { maxLength: 15 }), someStep, (steps, last) => {
    const lane = new Lane();
    for (const step of steps) lane.take(step);
    lane.take({ ...last, request: 'confirmed' });
    expect(lane.take({ ...last, request: 'confirmed' })).toBe(false);
  }), { numRuns: 500 });
});
