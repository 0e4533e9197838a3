import { BalanceTally } from './balance-tally.js';

describe('the balance', () => {
  it('adds what waits to what is counted, and shows a difference only when something is lost', () => {
    const tally = new BalanceTally(false);
    tally.add('shop', 0, 'received', 10);
    tally.add('shop', 0, 'applied', 6);
    tally.add('shop', 60_000, 'refused.consent-denied', 2);
    tally.add('shop', 60_000, 'duplicate', 1);
    tally.add('shop', 60_000, 'received', 3);
    tally.add('shop', 60_000, 'received.pending', 3);
    tally.add('crm', 0, 'deliveries', 4);
    tally.add('crm', 0, 'delivered', 3);
    tally.add('crm', 0, 'deliveries.pending', 1);
    expect(tally.lines()).toEqual({
      sources: [{ connectionId: 'shop', minute: null, received: 13, parts: { applied: 6, duplicate: 1, 'refused.consent-denied': 2, pending: 3 }, difference: 1 }],
      destinations: [{ connectionId: 'crm', minute: null, deliveries: 4, parts: { delivered: 3, pending: 1 }, difference: 0 }],
    });
  });

  it('leaves out what a replay has taken back', () => {
    const tally = new BalanceTally(true);
    tally.add('crm', 60_000, 'deliveries', 1);
    tally.add('crm', 60_000, 'dead.INVALID_PAYLOAD', 1);
    tally.add('crm', 60_000, 'dead.INVALID_PAYLOAD', -1);
    tally.add('crm', 60_000, 'deliveries.pending', 1);
    expect(tally.lines().destinations).toEqual([{ connectionId: 'crm', minute: '1970-01-01T00:01:00.000Z', deliveries: 1, parts: { pending: 1 }, difference: 0 }]);
  });
});
