import { randomUUID } from 'node:crypto';
import { connectStore, migrate, type ConnectedStore } from '@firsthand/persistence';
import fc from 'fast-check';
import { mongoBackend } from '../support/consent-model/mongo-backend.js';
import { playHistory } from '../support/consent-model/play-history.js';
import { someHistory } from '../support/consent-model/steps.js';

/** As in `consent-histories.spec.ts`: how many, and which. */
const ON_SERVERS = Number(process.env.FIRSTHAND_SERVER_HISTORIES ?? 200);
const SEED = Number(process.env.FIRSTHAND_TEST_SEED ?? 4_711);
/** At once: each is a workspace of its own. */
const SIDE_BY_SIDE = 20;
/** Two hours: the long run is as long as it is asked to be. */
const LIMIT_MS = 2 * 60 * 60_000;

describe(`histories of consents, events, crashes and sends, on real servers (FIRSTHAND_TEST_SEED=${SEED})`, () => {
  let connected: ConnectedStore;
  beforeAll(async () => {
    connected = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName: `histories-${randomUUID()}`, log: { info: () => undefined, warn: () => undefined } });
    await migrate(connected.connection);
  });
  afterAll(async () => {
    await connected.connection.dropDatabase();
    await connected.close();
  });

  it(`keep what is promised, in ${ON_SERVERS} of them`, async () => {
    const several = fc.array(fc.tuple(someHistory, fc.nat(1_000_000)), { minLength: SIDE_BY_SIDE, maxLength: SIDE_BY_SIDE });
    await fc.assert(fc.asyncProperty(several, async (histories) => {
      const all = await Promise.all(histories.map(([steps, seed]) => playHistory(steps, mongoBackend(connected), { seed })));
      expect(all.flatMap(({ broken }, index) => (broken.length === 0 ? [] : [{ broken, history: JSON.stringify(histories[index]) }]))).toEqual([]);
    }), { numRuns: Math.ceil(ON_SERVERS / SIDE_BY_SIDE), seed: SEED, endOnFailure: true });
  }, LIMIT_MS);
});
