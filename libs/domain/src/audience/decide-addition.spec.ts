import { confirmMembership } from './confirm-membership.js';
import { decideAddition, type Addition } from './decide-addition.js';
import { decideRemoval } from './decide-removal.js';
import type { MembershipState, MemberSet } from './member-set.js';
import type { SyncMode } from './sync-mode.js';

const holder = { flowId: 'f', stepId: 'add', flowVersion: 1, segmentId: 's', purpose: 'p' };
const set = (state: MemberSet['state'], more: Partial<MemberSet> = {}): MemberSet => ({ identifiers: { email: 'a@x' }, state, digest: 'one', at: 1, deliveryId: 'd1', holders: [holder], ...more });
const states = (...sets: MemberSet[]): MembershipState[] => (sets.length === 0 ? [] : [{ profileId: 'p', sets }]);
const add = (known: MembershipState[], mode: SyncMode, more: Partial<Addition> = {}) => decideAddition(known, { profileId: 'p', identifiers: { email: 'a@x' }, digest: 'one', holder, mode, deliveryId: 'd2', now: 2, ...more });

describe('what each sync mode sends', () => {
  it.each<[string, MembershipState[], Partial<Addition>, Record<'mirror' | 'upsert' | 'add' | 'update', string>]>([
    ['who was never in', states(), {}, { mirror: 'send', upsert: 'send', add: 'send', update: 'not-a-member' }],
    ['who is out', states(set('out')), {}, { mirror: 'send', upsert: 'send', add: 'send', update: 'not-a-member' }],
    ['who is in, unchanged', states(set('in')), {}, { mirror: 'already-confirmed', upsert: 'already-confirmed', add: 'already-confirmed', update: 'already-confirmed' }],
    ['who is in, changed', states(set('in')), { digest: 'two' }, { mirror: 'send', upsert: 'send', add: 'already-member', update: 'send' }],
    ['who may be in', states(set('open')), {}, { mirror: 'send', upsert: 'send', add: 'send', update: 'send' }],
    ['who is in under a former address', states(set('in')), { identifiers: { email: 'b@x' } }, { mirror: 'send', upsert: 'send', add: 'already-member', update: 'not-a-member' }],
  ])('of %s', (_name, known, more, expected) => {
    expect(Object.fromEntries((['mirror', 'upsert', 'add', 'update'] as const).map((mode) => [mode, add(known, mode, more).outcome]))).toEqual(expected);
  });
});

it('notes a send ahead, and that the step wants the person in; not of a step that only updates', () => {
  expect(add(states(), 'mirror').states).toEqual([{ profileId: 'p', sets: [{ identifiers: { email: 'a@x' }, state: 'open', digest: null, at: 2, deliveryId: 'd2', holders: [holder] }] }]);
  expect(add(states(set('in', { holders: [] })), 'update', { digest: 'two' }).states[0]?.sets[0]).toMatchObject({ state: 'open', holders: [] });
});

it('gives back the same objects where nothing changes', () => {
  const known = states(set('in'));
  expect(add(known, 'mirror').states[0]).toBe(known[0]);
});

it('takes out what was disclosed and no state knows, unless a step only gives up its own', () => {
  const disclosed = [{ email: 'a@x' }, { email: 'b@x' }];
  expect(decideRemoval(states(set('out')), { holder: null, disclosed, deliveryId: 'd2', now: 2 }).identifiers).toEqual([{ email: 'b@x' }]);
  expect(decideRemoval(states(set('in')), { holder, disclosed, deliveryId: 'd2', now: 2 }).identifiers).toEqual([{ email: 'a@x' }]);
});

it('confirms of two tries that name different people the one that came back alone, as after a merge in between', () => {
  const first = add(states(), 'mirror').states;
  const second = add(first, 'mirror', { identifiers: { email: 'b@x' } }).states;
  expect(confirmMembership(second, { deliveryId: 'd2', digest: 'one', at: 3 })[0]?.sets.map(({ identifiers, state }) => [identifiers.email, state])).toEqual([['a@x', 'open'], ['b@x', 'in']]);
});
