import { seededRandom } from '../support/seeded-random.mjs';
import { startOwnMongo, type OwnServer } from '../support/own-server.js';
import { until } from '../support/until.js';
import { checkLedgers } from './harness/check-ledgers.js';
import { FAULT_SEED, IS_LONG_RUN, SEED_NOTE } from './harness/fault-seed.js';
import { startFleet, type Fleet } from './harness/fleet.js';
import { startGenerator, type Generator } from './harness/generator.js';
import { followLog, type LogFollower } from './harness/follow-log.js';
import { noteMeasured } from './harness/note-measured.js';
import { readLedgers } from './harness/read-ledgers.js';
import { startScriptedDestination, type ScriptedAnswer, type ScriptedDestination } from './harness/scripted-destination.js';
import { silence } from './harness/silence.js';

const PEOPLE = 50;
const PER_PERSON = 40;
/** Between one event of a person and the next. */
const PAUSE_MS = IS_LONG_RUN ? 1_500 : 600;
const TAKEOVER_MS = 15_000;
const ROUNDS = IS_LONG_RUN ? 3 : 1;
const LIMIT_MS = 90_000 * ROUNDS;

/**
 * What a delivery meets, by its place among its person's; at another place for each person, or the destination would look as if it were down. One person's
 * delivery hangs: it takes 10 s to be found out.
 */
function scriptOf(messageId: string): readonly ScriptedAnswer[] {
  const [person, index] = [...messageId.matchAll(/\d+/g)].map(Number) as [number, number];
  if (person === 11 && index === 3) return ['hang', 200];
  switch ((index + person) % PER_PERSON) {
    case 7: return [500, 500, 200];
    case 19: return ['reset', 200];
    case 31: return ['take-and-reset', 200];
    default: return [200];
  }
}

const random = seededRandom(FAULT_SEED);
let mongo: OwnServer;
let destination: ScriptedDestination;
let fleet: Fleet;
let generator: Generator;
let follower: LogFollower;
/** So long events keep coming: a host that has nothing to do passes no point at which it could die. */
let areMoreToCrash = true;

beforeAll(async () => {
  [mongo, destination] = await Promise.all([startOwnMongo(), startScriptedDestination(scriptOf)]);
  destination.latencyMs = 20;
  fleet = await startFleet({ mongoUrl: mongo.url, destination, roles: ['ingest', 'ingest', 'worker', 'worker', 'worker'] });
  // What a killed process leaves open holds its rows for so long; scripts and operators set 8 s.
  await fleet.store.connection.getClient().db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds: 8 });
  generator = startGenerator({ urls: () => fleet.urls(), writeKey: fleet.writeKey, people: PEOPLE, perPerson: PER_PERSON, goesOn: () => areMoreToCrash, pauseMs: PAUSE_MS, changesPeople: true });
  follower = followLog(fleet.store, 'main');
});
afterAll(async () => {
  generator?.stop();
  // Also where no fleet came to be: what is left open would keep the run from ending.
  try {
    await fleet.close();
  } finally {
    await Promise.all([mongo.remove(), destination.close()]);
  }
});

const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

describe(`two ingests and three workers that share MongoDB and Valkey alone ${SEED_NOTE}`, () => {
  it('take over within 15 s from a worker that dies with a 2xx in its hand', async () => {
    const begun = 50 + random() * 100;
    expect(await until(() => destination.received.length, (count) => count > begun)).toBeGreaterThan(begun);
    for (let round = 0; round < ROUNDS; round += 1) {
      await fleet.crashAt('answered', fleet.withRole('worker'));
      const silent = silence(destination, TAKEOVER_MS + 5_000);
      // Meanwhile one that takes in dies with events in the inbox that nobody has been told of.
      await fleet.crashAt('stored', [pick(fleet.withRole('ingest'))]);
      const silentMs = await silent;
      noteMeasured('ms from a crash to the next request', silentMs);
      expect(silentMs).toBeLessThan(TAKEOVER_MS);
      await Promise.all([fleet.start('worker'), fleet.start('ingest')]);
    }
  }, LIMIT_MS);

  it('go on when one dies after its commit and before it rings, and one at any moment, while others join', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await fleet.crashAt('committed', fleet.withRole('worker'));
      const joining = fleet.start('worker');
      await fleet.kill(pick(fleet.withRole('worker')));
      await Promise.all([joining, fleet.start('worker')]);
    }
    expect(fleet.withRole('ingest').length + fleet.withRole('worker').length).toBe(5);
  }, LIMIT_MS);

  it('have lost, doubled, mixed up and left unproven nothing in the end', async () => {
    areMoreToCrash = false;
    await generator.done;
    expect(generator.acknowledged.length).toBeGreaterThanOrEqual(PEOPLE * PER_PERSON);
    expect(await fleet.settled(45_000)).toEqual({ inbox: 0, deliveries: 0 });
    const ledgers = await readLedgers(fleet.store, 'main', fleet.connectionId);
    const { acknowledged } = generator;
    noteMeasured('requests that came again, of 2,000 deliveries or more', destination.received.length - acknowledged.reduce((sum, { messageId }) => sum + scriptOf(messageId).length, 0));
    noteMeasured('in flight at the crashes, of 2,000 deliveries or more', fleet.crashes.reduce((sum, keys) => sum + keys.length, 0));
    expect(checkLedgers({ ...ledgers, acknowledged, received: destination.received, crashes: fleet.crashes, triesOf: (messageId) => scriptOf(messageId).length })).toEqual([]);
    expect(await follower.check()).toEqual([]);
  }, LIMIT_MS);
});
