import { checkLedgers } from './harness/check-ledgers.js';
import type { Ledgers } from './harness/ledgers.js';

/** Two deliveries of one person; the first was refused once and came again. Nothing is wrong with it. */
const good: Ledgers = {
  acknowledged: [{ messageId: 'm1', person: 'p' }, { messageId: 'm2', person: 'p' }],
  applied: ['m1', 'm2'],
  quarantined: [],
  deliveries: [{ key: 'k1', messageId: 'm1', profileId: 'a', seq: 1, state: 'delivered' }, { key: 'k2', messageId: 'm2', profileId: 'a', seq: 2, state: 'delivered' }],
  chain: [
    { kind: 'decision', key: 'k1', evaluatedAt: 10 }, { kind: 'outcome', key: 'k1', outcome: 'retry', sentAt: 12 },
    { kind: 'decision', key: 'k1', evaluatedAt: 20 }, { kind: 'outcome', key: 'k1', outcome: 'delivered', sentAt: 22 },
    { kind: 'decision', key: 'k2', evaluatedAt: 30 }, { kind: 'outcome', key: 'k2', outcome: 'not-sent', sentAt: 40 },
    { kind: 'decision', key: 'k2', evaluatedAt: 50 }, { kind: 'outcome', key: 'k2', outcome: 'delivered', sentAt: 51 },
  ],
  isChainWhole: true,
  received: [{ key: 'k1', messageId: 'm1', answer: 500, at: 13 }, { key: 'k1', messageId: 'm1', answer: 200, at: 23 }, { key: 'k2', messageId: 'm2', answer: 200, at: 52 }],
  crashes: [],
  difference: 0,
  triesOf: (messageId) => (messageId === 'm1' ? 2 : 1),
};
const [first, second] = good.deliveries as [Ledgers['deliveries'][number], Ledgers['deliveries'][number]];
const again = { key: 'k2', messageId: 'm2', answer: 200, at: 60 } as const;
const crashed: Ledgers = { ...good, chain: [...good.chain.slice(0, -1), { kind: 'decision', key: 'k2', evaluatedAt: 55 }, ...good.chain.slice(-1)], received: [...good.received, again], crashes: [['k2']] };

it('finds nothing in a run without a fault, nor in one where what was in flight at a crash came again', () => {
  expect(checkLedgers(good)).toEqual([]);
  expect(checkLedgers(crashed)).toEqual([]);
  const stalled = { kind: 'outcome', key: 'k2', outcome: 'stalled', sentAt: 5_000 } as const;
  expect(checkLedgers({ ...crashed, chain: [...crashed.chain.slice(0, -2), stalled, ...crashed.chain.slice(-2)] })).toEqual([]);
});

it.each<[string, Ledgers]>([
  ['m3: acknowledged and lost', { ...good, acknowledged: [...good.acknowledged, { messageId: 'm3', person: 'p' }] }],
  ['m2: acknowledged and never delivered', { ...good, received: good.received.slice(0, 2) }],
  ['m2: applied 2 times', { ...good, applied: ['m1', 'm2', 'm2'] }],
  ['m3: applied, and never acknowledged to a sender that asked until it was', { ...good, applied: ['m1', 'm2', 'm3'] }],
  ['m2: its delivery is pending', { ...good, deliveries: [first, { ...second, state: 'pending' }] }],
  ['m2: has 0 deliveries', { ...good, deliveries: [first] }],
  ['m2: sent under a key that is not its delivery\'s', { ...good, received: [...good.received.slice(0, 2), { ...again, key: 'other' }] }],
  ['m2: request 1 has no evidence written ahead of it', { ...good, chain: good.chain.slice(0, 4) }],
  ['m2: request 1 has no evidence written ahead of it', { ...good, received: good.received.map((request) => ({ ...request, at: Math.min(request.at, 29) })) }],
  ['k2: decided again after it was done', { ...good, chain: [...good.chain, { kind: 'decision', key: 'k2', evaluatedAt: 60 }] }],
  ['k2: sent on a decision older than 1000 ms', { ...good, chain: [...good.chain.slice(0, -1), { kind: 'outcome', key: 'k2', outcome: 'delivered', sentAt: 1_051 }] }],
  ['m2: came 1 times again, with 0 outcomes lost', { ...good, received: [...good.received, again] }],
  ['m2: came again and was not in flight at a crash', { ...crashed, crashes: [['k1']] }],
  ['m1: 2 requests for 1 tries', { ...good, triesOf: () => 1 }],
  ['m1: sent as number 1 of its person, after number 2', { ...good, received: [...good.received].reverse() }],
  ['a record was set apart as RECORD_FAILED', { ...good, quarantined: ['RECORD_FAILED'] }],
  ['the evidence chain is broken', { ...good, isChainWhole: false }],
  ['the books differ by 1', { ...good, difference: 1 }],
])('finds "%s"', (line, ledgers) => {
  expect(checkLedgers(ledgers)).toContain(line);
});
