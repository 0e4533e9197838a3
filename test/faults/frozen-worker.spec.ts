import { setTimeout as delay } from 'node:timers/promises';
import { startOwnMongo, type OwnServer } from '../support/own-server.js';
import { until } from '../support/until.js';
import { checkLedgers } from './harness/check-ledgers.js';
import { startFleet, type Fleet } from './harness/fleet.js';
import { startGenerator, type Generator } from './harness/generator.js';
import { noteMeasured } from './harness/note-measured.js';
import { readLedgers } from './harness/read-ledgers.js';
import { startScriptedDestination, type ScriptedDestination } from './harness/scripted-destination.js';
import { silence } from './harness/silence.js';

const PEOPLE = 20;
const PER_PERSON = 40;
/** Well over a lease, and less than a call may take: what stood still goes on where it was. */
const FROZEN_MS = 13_000;
const TAKEOVER_MS = 15_000;

let mongo: OwnServer;
let destination: ScriptedDestination;
let fleet: Fleet;
let generator: Generator;

beforeAll(async () => {
  [mongo, destination] = await Promise.all([startOwnMongo(), startScriptedDestination()]);
  // So long that much is on its way at any moment.
  destination.latencyMs = 150;
  fleet = await startFleet({ mongoUrl: mongo.url, destination, roles: ['ingest', 'worker', 'worker'] });
  // What a process that stands still leaves open holds its rows for so long; scripts and operators set 8 s.
  await fleet.store.connection.getClient().db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds: 8 });
  generator = startGenerator({ urls: () => fleet.urls(), writeKey: fleet.writeKey, people: PEOPLE, perPerson: PER_PERSON, pauseMs: 700, changesPeople: true });
});
afterAll(async () => {
  generator?.stop();
  try {
    await fleet.close();
  } finally {
    await Promise.all([mongo.remove(), destination.close()]);
  }
});

it('a worker that stands still for longer than its lease is followed by another, and sends nothing more of what that one has done', async () => {
  await until(() => destination.received.length, (count) => count > 2 * PEOPLE);
  // One of the two has the lane; whichever it is, it stands still with requests on their way.
  for (const worker of fleet.withRole('worker')) {
    await fleet.freeze(worker);
    const arrived = destination.received.length;
    const silentMs = await silence(destination, TAKEOVER_MS);
    noteMeasured('ms from a standstill to the next request', silentMs);
    expect(silentMs).toBeLessThan(TAKEOVER_MS);
    await delay(Math.max(0, FROZEN_MS - silentMs));
    fleet.thaw(worker);
    await until(() => destination.received.length, (count) => count > arrived + PEOPLE);
  }
  await generator.done;
  expect(await fleet.settled(90_000)).toEqual({ inbox: 0, deliveries: 0 });
  expect(fleet.crashes.flat()).not.toEqual([]);
  const ledgers = await readLedgers(fleet.store, 'main', fleet.connectionId);
  expect(checkLedgers({ ...ledgers, acknowledged: generator.acknowledged, received: destination.received, crashes: fleet.crashes, triesOf: () => 1 })).toEqual([]);
}, 240_000);
