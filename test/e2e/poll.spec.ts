import { createPoll, type SourceConnection } from '@firsthand/pipeline';
import { RetryableError, type JsonValue } from '@firsthand/plugin-sdk';
import { createWorld, WORKSPACE, type World } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const PAGE = 2;
const people = Array.from({ length: 5 }, (_, index) => ({ type: 'identify', messageId: `c${index}`, userId: `u${index}`, traits: { firstName: 'Ana' }, timestamp: '2026-03-01T10:00:00Z' }));

/** A source that gives `people` in pages, and fails when told to. */
function pagedSource(source: SourceConnection['source'], calls: { cursors: (JsonValue | undefined)[]; failAt: number }): SourceConnection['source'] {
  return {
    ...source,
    trigger: {
      kind: 'poll', everySeconds: 300,
      poll({ cursor }) {
        calls.cursors.push(cursor);
        if (calls.cursors.length === calls.failAt) return Promise.reject(new RetryableError('down'));
        const start = typeof cursor === 'number' ? cursor : 0;
        return Promise.resolve({ records: people.slice(start, start + PAGE), cursor: Math.min(start + PAGE, people.length), hasMore: start + PAGE < people.length });
      },
    },
  };
}

describe('a polling source', () => {
  it('is read page by page from where it stood, also after a failure, and each record is applied once', async () => {
    world = await createWorld();
    const calls = { cursors: [] as (JsonValue | undefined)[], failAt: 2 };
    const configuration = world.configuration.current;
    const connection = configuration.sources.get('web') as SourceConnection;
    connection.source = pagedSource(connection.source, calls);
    const poll = createPoll({
      store: world.store.store, ingest: world.ingest, clock: () => world.clock.now, http: { request: () => Promise.reject(new TypeError('no network')) },
      pluginLog: () => ({ info: () => undefined, warn: () => undefined }), log: { warn: () => undefined }, holder: 'one',
    });
    await poll.tick([configuration]);
    await poll.tick([configuration]);
    expect(calls.cursors).toEqual([undefined, 2]);
    world.clock.now += 60_001;
    await poll.tick([configuration]);
    expect(calls.cursors).toEqual([undefined, 2, 2, 4]);
    await poll.tick([configuration]);
    expect(calls.cursors).toHaveLength(4);
    world.clock.now += 300_001;
    await poll.tick([configuration]);
    expect(calls.cursors).toEqual([undefined, 2, 2, 4, 5]);
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(5);
  });

  it('that is a destination as well is polled while its lane is sending', async () => {
    world = await createWorld();
    const calls = { cursors: [] as (JsonValue | undefined)[], failAt: 0 };
    const configuration = world.configuration.current;
    const connection = configuration.sources.get('web') as SourceConnection;
    Object.assign(connection, { source: pagedSource(connection.source, calls), pollLane: 'web.poll' });
    const { store } = world.store;
    const lane = { workspaceId: WORKSPACE, connectionId: 'web' };
    const sending = await store.acquireLane(lane, 'one', world.clock.now + 60_000, world.clock.now);
    const poll = createPoll({
      store, ingest: world.ingest, clock: () => world.clock.now, http: { request: () => Promise.reject(new TypeError('no network')) },
      pluginLog: () => ({ info: () => undefined, warn: () => undefined }), log: { warn: () => undefined }, holder: 'one',
    });
    await poll.tick([configuration]);
    expect(calls.cursors).toEqual([undefined, 2, 4]);
    // The sender holds its lane still.
    await store.extendLane(sending as NonNullable<typeof sending>, world.clock.now + 90_000);
  });
});
