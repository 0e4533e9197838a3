import { FirsthandError } from '@firsthand/domain';
import { jest } from '@jest/globals';
import type { InboxDocument, InboxRecord, Store } from '../ports/index.js';
import { createApply, type ApplyOptions } from './create-apply.js';

const document = (name: string): InboxDocument => ({
  inboxId: `w|${name}`, workspaceId: 'w', partition: 0, receivedAt: 0, attempt: 0,
  records: [{ connectionId: 'web', receivedAt: 0, mappingVersion: 1, isVerified: false, isImport: false, raw: null, record: null, refusal: null, fault: null } as InboxRecord],
});

/** Apply over an inbox with the given documents, whose transactions end when told to. */
function world(given: InboxDocument[], { extend = () => Promise.resolve() }: { extend?: () => Promise<void> } = {}) {
  const due = [...given];
  const extended: { token: string; inboxIds: readonly string[]; until: number }[] = [];
  const released: string[] = [];
  const transactions: { end(error?: Error): void }[] = [];
  const clock = () => Date.now();
  const store = {
    inbox: {
      claim: () => Promise.resolve({ token: 't', documents: due.splice(0) }),
      extend(token: string, inboxIds: readonly string[], until: number) {
        extended.push({ token, inboxIds, until: until - clock() });
        return extend();
      },
      release(_token: string, inboxIds: readonly string[]) {
        released.push(...inboxIds);
        return Promise.resolve();
      },
    },
    transaction: () => new Promise<string[]>((resolve, reject) => transactions.push({ end: (error) => (error === undefined ? resolve([]) : reject(error)) })),
  } as unknown as Store;
  const apply = createApply({
    store, clock, configuration: { workspace: () => ({ workspaceId: 'w', sources: new Map() }) }, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, log: { warn: () => undefined }, newId: () => 't', tombstoneDigest: () => '',
  } as unknown as ApplyOptions);
  return { apply, extended, released, transactions };
}

describe('the heartbeat of a batch that takes long', () => {
  beforeEach(() => { jest.useFakeTimers(); });
  afterEach(() => { jest.useRealTimers(); });

  it('prolongs the claim of what is at work every 5 s by 10 s until the batch is done', async () => {
    const { apply, extended, transactions, released } = world([document('a'), document('b')]);
    const drained = apply.drain();
    await jest.advanceTimersByTimeAsync(4_999);
    expect(extended).toEqual([]);
    await jest.advanceTimersByTimeAsync(25_001);
    expect(extended).toEqual(Array.from({ length: 6 }, () => ({ token: 't', inboxIds: ['w|a', 'w|b'], until: 10_000 })));
    transactions[0]?.end();
    await drained;
    await jest.advanceTimersByTimeAsync(30_000);
    expect(extended).toHaveLength(6);
    expect([released, jest.getTimerCount()]).toEqual([[], 0]);
  });

  it('tries again a second after a beat that fails', async () => {
    const { apply, extended, transactions } = world([document('a')], { extend: () => Promise.reject(new FirsthandError('UNAVAILABLE')) });
    const drained = apply.drain();
    await jest.advanceTimersByTimeAsync(9_000);
    expect(extended).toHaveLength(5);
    transactions[0]?.end();
    await drained;
  });

  it('ends where the batch fails, and the claim is given back', async () => {
    const { apply, extended, transactions, released } = world([document('a')]);
    const drained = apply.drain();
    await jest.advanceTimersByTimeAsync(5_000);
    transactions[0]?.end(new FirsthandError('UNAVAILABLE'));
    await drained;
    await jest.advanceTimersByTimeAsync(30_000);
    expect([extended.length, released, jest.getTimerCount()]).toEqual([1, ['w|a'], 0]);
  });

  it('prolongs what waits in memory for its turn every 3 s, what is at work later, and a stop waits for it', async () => {
    const { apply, extended, transactions } = world([]);
    for (const name of ['a', 'b']) {
      const claim = apply.intake.reserve(400) as { token: string; until: number };
      apply.intake.take(claim, [{ ...document(name), records: Array.from({ length: 400 }, () => document(name).records[0] as InboxRecord) }]);
    }
    await jest.advanceTimersByTimeAsync(2_999);
    expect(extended).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(extended.map(({ inboxIds }) => inboxIds)).toEqual([['w|b']]);
    await jest.advanceTimersByTimeAsync(3_000);
    expect(extended.map(({ inboxIds }) => inboxIds)).toEqual([['w|b'], ['w|a'], ['w|b']]);
    let isStopped = false;
    const stopped = apply.stop().then(() => { isStopped = true; });
    transactions[0]?.end();
    await jest.advanceTimersByTimeAsync(5_000);
    expect([extended.at(-1)?.inboxIds, isStopped]).toEqual([['w|b'], false]);
    transactions[1]?.end();
    await stopped;
    expect(jest.getTimerCount()).toBe(0);
  });
});
