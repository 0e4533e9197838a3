import { Redis } from 'ioredis';
import { startOwnValkey, type OwnServer } from '../support/own-server.js';
import type { HostProcess } from '../support/start-host-process.js';
import { until } from '../support/until.js';
import { checkLedgers } from './harness/check-ledgers.js';
import { SEED_NOTE } from './harness/fault-seed.js';
import { startFleet, type Fleet } from './harness/fleet.js';
import { startGenerator, type Generator } from './harness/generator.js';
import { readLedgers } from './harness/read-ledgers.js';
import { startScriptedDestination, type ScriptedDestination } from './harness/scripted-destination.js';

const PEOPLE = 20;
const PER_PERSON = 8;
const PAUSE_MS = 60;
const SETTLED = { inbox: 0, deliveries: 0 };
/** Whose flow waits for some seconds before it sends. */
const WAITERS = 40;
const WAITED_WITHIN_MS = 30_000;

/** Every tenth delivery has to be tried again: a retry is found by the sweep alone. */
const scriptOf = (messageId: string): number[] => (messageId.endsWith('5') ? [503, 200] : [200]);

let valkey: OwnServer;
let client: Redis;
let destination: ScriptedDestination;
let fleet: Fleet;
let waiting: string;
const generators: Generator[] = [];

beforeAll(async () => {
  [valkey, destination] = await Promise.all([startOwnValkey(), startScriptedDestination(scriptOf)]);
  client = new Redis(valkey.url, { maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  // Who takes in and who works are apart: nothing is handed over in memory.
  fleet = await startFleet({ mongoUrl: process.env.MONGODB_URI ?? '', redisUrl: valkey.url, destination, roles: ['ingest', 'worker', 'worker'] });
  waiting = await fleet.seed.flow({
    purpose: 'service', trigger: { type: 'event', name: 'Order Completed' },
    steps: [
      { id: 'pause', type: 'delay', span: { seconds: 3 } }, { id: 'wait', type: 'waitUntil', event: { name: 'Order Cancelled' }, timeout: { seconds: 2 } },
      { id: 'send', type: 'deliver', connectionId: fleet.connectionId, action: 'send-event' },
    ],
  });
});
afterAll(async () => {
  client.disconnect();
  try {
    await fleet.close();
  } finally {
    await Promise.all([valkey.remove(), destination.close()]);
  }
});

/** Sends a share of events, has the fault come in its middle, and waits until all of it is delivered. Gives what is left when that takes too long. */
async function workThrough(fault: () => Promise<unknown> = () => Promise.resolve()): Promise<{ inbox: number; deliveries: number }> {
  const generator = startGenerator({ urls: () => fleet.urls(), writeKey: fleet.writeKey, people: PEOPLE, perPerson: PER_PERSON, pauseMs: PAUSE_MS, prefix: `m${generators.length}` });
  generators.push(generator);
  const middle = (PEOPLE * PER_PERSON) / 3;
  await until(() => generator.acknowledged.length, (count) => count >= middle);
  await fault();
  await generator.done;
  return fleet.settled(12_000);
}

describe(`with a Valkey that fails in the middle of the work ${SEED_NOTE}`, () => {
  it('takes in and delivers while it is away, and when it is back', async () => {
    expect(await workThrough(() => valkey.kill())).toEqual(SETTLED);
    // Nobody is at work any more who was rung for.
    expect(await workThrough()).toEqual(SETTLED);
    expect(await workThrough(() => valkey.restart())).toEqual(SETTLED);
  });

  it('takes in and delivers when it is flushed', async () => {
    expect(await workThrough(() => client.flushall())).toEqual(SETTLED);
    expect(await workThrough()).toEqual(SETTLED);
  });

  it('takes in and delivers while its memory is full, and when there is room again', async () => {
    expect(await workThrough(() => client.config('SET', 'maxmemory', '1'))).toEqual(SETTLED);
    expect(await client.set('probe', '1').catch((error: Error) => error.message)).toMatch(/^OOM/);
    expect(await workThrough()).toEqual(SETTLED);
    expect(await workThrough(() => client.config('SET', 'maxmemory', '0'))).toEqual(SETTLED);
  });

  it('goes on with the runs that wait, each once, when it is flushed and a worker dies', async () => {
    const { runs, deliveries } = fleet.store.collections;
    const generator = startGenerator({ urls: () => fleet.urls(), writeKey: fleet.writeKey, people: WAITERS, perPerson: 1, pauseMs: 0, eventName: 'Order Completed', prefix: 'waiter' });
    generators.push(generator);
    await generator.done;
    await until(() => runs.countDocuments({ flowId: waiting }), (count) => count === WAITERS);
    await client.flushall();
    await fleet.kill(fleet.withRole('worker')[0] as HostProcess);
    expect(await until(() => deliveries.countDocuments({ flowId: waiting, state: 'delivered' }), (count) => count === WAITERS, WAITED_WITHIN_MS)).toBe(WAITERS);
    expect(await fleet.settled(12_000)).toEqual(SETTLED);
    expect(new Set(destination.received.filter(({ messageId }) => messageId.startsWith('waiter')).map(({ key }) => key)).size).toBe(WAITERS);
    expect(await runs.countDocuments({ flowId: waiting, dueAt: null })).toBe(WAITERS);
  });

  it('has refused, lost, doubled and mixed up nothing in the end', async () => {
    expect(generators.flatMap(({ refusals }) => [...refusals])).toEqual([]);
    const acknowledged = generators.flatMap((generator) => generator.acknowledged);
    expect(acknowledged).toHaveLength((generators.length - 1) * PEOPLE * PER_PERSON + WAITERS);
    const ledgers = await readLedgers(fleet.store, 'main', fleet.connectionId);
    expect(checkLedgers({ ...ledgers, acknowledged, received: destination.received, crashes: fleet.crashes, triesOf: (messageId) => scriptOf(messageId).length })).toEqual([]);
  });
});
