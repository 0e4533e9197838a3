import { startOwnReplicaSet, type OwnReplicaSet } from '../support/own-replica-set.js';
import { until } from '../support/until.js';
import { checkLedgers } from './harness/check-ledgers.js';
import { SEED_NOTE } from './harness/fault-seed.js';
import { startFleet, type Fleet } from './harness/fleet.js';
import { startGenerator, type Generator } from './harness/generator.js';
import { followLog, type LogFollower } from './harness/follow-log.js';
import { noteMeasured } from './harness/note-measured.js';
import { readLedgers } from './harness/read-ledgers.js';
import { startScriptedDestination, type ScriptedDestination } from './harness/scripted-destination.js';

const PEOPLE = 20;
const PER_PERSON = 30;
const PAUSE_MS = 100;
const ANSWERED_WITHIN_MS = 5_000;
const RESUMED_WITHIN_MS = 15_000;

let set: OwnReplicaSet;
let destination: ScriptedDestination;
let fleet: Fleet;
const generators: Generator[] = [];
let follower: LogFollower;

beforeAll(async () => {
  [set, destination] = await Promise.all([startOwnReplicaSet(), startScriptedDestination()]);
  destination.latencyMs = 10;
  fleet = await startFleet({ mongoUrl: set.url, destination, roles: ['ingest,worker', 'worker'] });
  follower = followLog(fleet.store, 'main');
});
afterAll(async () => {
  try {
    await fleet.close();
  } finally {
    await Promise.all([set.remove(), destination.close()]);
  }
});

it.each([
  ['steps down', () => set.stepDown()],
  ['is killed', () => set.killPrimary()],
])(`answers within 5 s while the primary ${'%s'}, takes in and delivers within 15 s after the election, and loses nothing ${SEED_NOTE}`, async (_, leave) => {
  const generator = startGenerator({ urls: () => fleet.urls(), writeKey: fleet.writeKey, people: PEOPLE, perPerson: PER_PERSON, pauseMs: PAUSE_MS, prefix: `m${generators.length}`, changesPeople: true });
  generators.push(generator);
  await until(() => generator.acknowledged.length, (count) => count > PEOPLE * 5);
  await leave();
  await set.untilElected();
  const [acknowledged, delivered] = [generator.acknowledged.length, destination.received.length];
  const electedAt = Date.now();
  await until(() => generator.acknowledged.length > acknowledged && destination.received.length > delivered, (hasResumed) => hasResumed, RESUMED_WITHIN_MS + 5_000);
  const resumedMs = Date.now() - electedAt;
  noteMeasured('ms from an election to the next acknowledgement and delivery', resumedMs);
  expect(resumedMs).toBeLessThan(RESUMED_WITHIN_MS);
  await generator.done;
  noteMeasured('ms of the slowest answer around an election', Math.round(generator.slowestMs));
  expect(generator.slowestMs).toBeLessThan(ANSWERED_WITHIN_MS);
  expect([...generator.refusals.keys()].filter((status) => status !== 503)).toEqual([]);
  expect(await fleet.settled(30_000)).toEqual({ inbox: 0, deliveries: 0 });
  await set.restart();
}, 240_000);

it('has doubled no more than what was under way, mixed up nothing, and proves everything', async () => {
  const acknowledged = generators.flatMap((generator) => generator.acknowledged);
  expect(acknowledged).toHaveLength(2 * PEOPLE * PER_PERSON);
  const ledgers = await readLedgers(fleet.store, 'main', fleet.connectionId);
  expect(checkLedgers({ ...ledgers, acknowledged, received: destination.received, crashes: null, triesOf: () => 1 })).toEqual([]);
  expect(await follower.check()).toEqual([]);
});
