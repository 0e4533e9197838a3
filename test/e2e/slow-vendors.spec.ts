import type { JsonValue } from '@firsthand/domain';
import type { SourceConnection } from '@firsthand/pipeline';
import { DestinationMoved, InvalidPayload, RetryableError } from '@firsthand/plugin-sdk';
import web from '@firsthand/plugin-web';
import { createWorld, type World } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

type Fetch = (context: { records: JsonValue[]; signal: AbortSignal }) => Promise<(JsonValue | null)[]>;
const HOUR_MS = 3_600_000;

/** A world with a source `web` and a thin one for each fetch given. */
async function worldWith(fetches: Record<string, Fetch>, isJoined = false): Promise<void> {
  const source = web.sources?.events as SourceConnection['source'];
  world = await createWorld((parts) => {
    parts.sources = [{ connectionId: 'web' }, ...Object.entries(fetches).map(([connectionId, fetch]) => ({ connectionId, source: { ...source, fetch } as SourceConnection['source'] }))];
  }, { isJoined });
}

const message = (messageId: string): JsonValue => ({ type: 'track', messageId, userId: `u-${messageId}`, event: 'Product Viewed', properties: {}, timestamp: new Date(world.clock.now).toISOString() });
const idOf = (record: JsonValue): string => (record as { messageId: string }).messageId;
const applied = async (): Promise<string[]> => (await world.store.collections.events.distinct('record.messageId')).sort();
const quarantined = async (): Promise<string[]> => (await world.store.collections.quarantine.find({}).toArray()).map(({ code }) => code);

/** Looks again and again, a second of the world's clock apart, until it holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    await world.settle();
    if (await holds()) return;
    world.clock.now += 1_000;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('it never came to hold');
}

describe('a thin source', () => {
  it.each([false, true])('whose fetch never answers holds up neither the events of others nor another vendor (joined: %p)', async (isJoined) => {
    const signals: AbortSignal[] = [];
    await worldWith({
      deaf: ({ signal }) => { signals.push(signal); return new Promise(() => undefined); },
      quick: ({ records }) => Promise.resolve(records),
    }, isJoined);
    await Promise.all([
      ...Array.from({ length: 5 }, (_, index) => world.track([message(`d${index}`)], { connectionId: 'deaf' })),
      world.track([message('q1')], { connectionId: 'quick' }), world.track([message('w1')]),
    ]);
    await until(async () => (await applied()).length === 2);
    expect(await applied()).toEqual(['q1', 'w1']);
    // More of it comes in while it is silent: it is asked once at a time.
    for (let index = 5; index < 25; index += 1) {
      await world.track([message(`d${index}`)], { connectionId: 'deaf' });
      await world.apply.drain();
    }
    await world.track([message('w2')]);
    await until(async () => (await applied()).includes('w2'));
    expect(signals).toHaveLength(1);
    // A stop does not wait for it: what it has is given back.
    await world.apply.stop();
    expect(signals[0]?.aborted).toBe(true);
    expect(await world.store.collections.inbox.countDocuments({ claim: null, count: { $gt: 0 } })).toBe(await world.store.collections.inbox.countDocuments({}));
    expect(await world.store.collections.inbox.countDocuments({})).toBeGreaterThan(0);
  });

  it.each<[string, Error]>([['is away', new RetryableError('away')], ['sends requests elsewhere', new DestinationMoved()]])('keeps its records while the vendor %s, and after 72 hours they are in the quarantine with a code of their own', async (_, error) => {
    let asked = 0;
    await worldWith({ crm: () => { asked += 1; return Promise.reject(error); } });
    await Promise.all([world.track([message('t1'), message('t2')], { connectionId: 'crm' }), world.track([message('w1')])]);
    await until(async () => asked >= 4);
    expect([await applied(), await quarantined()]).toEqual([['w1'], []]);
    world.clock.now += 71 * HOUR_MS;
    const before = asked;
    await until(async () => asked > before);
    expect(await quarantined()).toEqual([]);
    world.clock.now += HOUR_MS;
    await until(async () => (await quarantined()).length > 0);
    expect(await quarantined()).toEqual(['FETCH_FAILED', 'FETCH_FAILED']);
    expect(await world.store.collections.inbox.countDocuments({})).toBe(0);
  });

  it('has the one record that breaks its fetch found by halves, and the others applied at once', async () => {
    const broken = new Set(['t3']);
    await worldWith({ crm: ({ records }) => (records.some((record) => broken.has(idOf(record))) ? Promise.reject(new RangeError('broken')) : Promise.resolve(records)) });
    for (let index = 0; index < 8; index += 1) await world.track([message(`t${index}`)], { connectionId: 'crm' });
    await until(async () => (await applied()).length === 7);
    expect(await applied()).not.toContain('t3');
    broken.clear();
    await until(async () => (await applied()).length === 8);
    expect(await quarantined()).toEqual([]);
  });

  it('has the record that the vendor refuses for good put into the quarantine at once, without the others of its document', async () => {
    await worldWith({ crm: ({ records }) => (records.some((record) => idOf(record) === 't1') ? Promise.reject(new InvalidPayload('no such id')) : Promise.resolve(records)) });
    await world.track(['t0', 't1', 't2'].map(message), { connectionId: 'crm' });
    await until(async () => (await applied()).length === 2);
    expect(await quarantined()).toEqual(['FETCH_FAILED']);
  });
});
