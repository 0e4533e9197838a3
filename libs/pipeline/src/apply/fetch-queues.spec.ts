import type { ClaimedDocuments } from '../ingest/intake.js';
import { FetchQueues } from './fetch-queues.js';

const claimed = (name: string, records = 1): ClaimedDocuments => ({
  claim: { token: 't', inboxIds: [name] }, until: 0, documents: [{ inboxId: name, workspaceId: 'w', partition: 0, receivedAt: 0, attempt: 0, records: Array.from({ length: records }, () => ({})) as never }],
});
const namesOf = (own: readonly ClaimedDocuments[]): string => own.flatMap(({ claim }) => claim.inboxIds).join(' ');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function world() {
  const calls: { names: string; end(): void }[] = [];
  const given: string[] = [];
  const helds: (() => readonly ClaimedDocuments[])[] = [];
  const queues = new FetchQueues({
    maxRecords: 4, maxWaitingRecords: 10, maxQueues: 2,
    work: (own) => new Promise((resolve) => calls.push({ names: namesOf(own), end: resolve })),
    begin: (run, held) => { helds.push(held); void run(); },
    giveBack: (own) => { given.push(namesOf(own)); return Promise.resolve(); },
  });
  return { queues, calls, given, names: () => calls.map(({ names }) => names), held: () => helds.map((held) => namesOf(held())) };
}

describe('FetchQueues', () => {
  it('asks each vendor once at a time, the vendors beside each other, for as much as there is up to the limit', async () => {
    const { queues, calls, names, held } = world();
    for (const name of ['a1', 'a2', 'a3']) expect(queues.add('a', claimed(name, 2))).toBe(true);
    expect(queues.add('b', claimed('b1'))).toBe(true);
    await turn();
    expect(names()).toEqual(['a1', 'b1']);
    expect(held()).toEqual(['a1 a2 a3', 'b1']);
    calls[0]?.end();
    await turn();
    expect(names()).toEqual(['a1', 'b1', 'a2 a3']);
    expect(held()).toEqual(['a2 a3', 'b1']);
  });

  it('takes so much of one vendor and so many vendors, and more when some is done', async () => {
    const { queues, calls } = world();
    expect(queues.add('a', claimed('a1', 6))).toBe(true);
    expect(queues.add('a', claimed('a2', 5))).toBe(false);
    expect(queues.add('b', claimed('b1', 400))).toBe(true);
    expect(queues.add('c', claimed('c1'))).toBe(false);
    await turn();
    for (const { end } of calls) end();
    await turn();
    expect([queues.add('a', claimed('a2', 5)), queues.add('c', claimed('c1'))]).toEqual([true, true]);
  });

  it('stopped gives back what it has not asked for, and takes nothing more', async () => {
    const { queues, calls, given, names } = world();
    queues.add('a', claimed('a1'));
    queues.add('a', claimed('a2'));
    await turn();
    await queues.stop();
    expect([given, queues.add('b', claimed('b1'))]).toEqual([['a2'], false]);
    calls[0]?.end();
    await turn();
    expect(names()).toEqual(['a1']);
  });
});
