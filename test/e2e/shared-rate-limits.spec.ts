import { createRateLimits, type SharedRateLimits } from '@firsthand/queue';
import { startOwnValkey, type OwnServer } from '../support/own-server.js';
import { until } from '../support/until.js';

/** Token buckets over two processes' clients and a real Valkey. */
let valkey: OwnServer;
let limits: SharedRateLimits[];
const log = { info: () => undefined, warn: () => undefined };
const lane = { workspaceId: 'w', connectionId: 'crm' };
/** So slow that nothing comes back while a spec runs. */
const limit = { perSecond: 0.01, burst: 10 };

beforeAll(async () => {
  valkey = await startOwnValkey();
  limits = [0, 1].map(() => createRateLimits({ redisUrl: valkey.url, prefix: 'test', log }));
});
afterAll(async () => {
  for (const one of limits) one.close();
  await valkey.remove();
});

const take = (process: number, wanted: number, connectionId = lane.connectionId): Promise<number> => (limits[process] as SharedRateLimits).take({ ...lane, connectionId }, limit, wanted).then(({ granted }) => granted);

it('are one bucket for all, even when all ask at once', async () => {
  const grants = await Promise.all(Array.from({ length: 40 }, (_, index) => take(index % 2, 1)));
  expect(grants.reduce((sum, granted) => sum + granted, 0)).toBe(10);
  expect(await (limits[0] as SharedRateLimits).take(lane, limit, 1)).toEqual({ granted: 0, waitMs: expect.any(Number) });
  await (limits[1] as SharedRateLimits).giveBack(lane, limit, 3);
  expect(await take(0, 5)).toBe(3);
});

it('while Valkey is away go on in each process, from what it has been granted, and never without a limit', async () => {
  expect(await take(0, 4, 'ads')).toBe(4);
  await valkey.kill();
  const alone = [];
  for (let index = 0; index < 30; index += 1) alone.push(await take(0, 1, 'ads'));
  expect(alone.reduce((sum, granted) => sum + granted, 0)).toBe(6);
  await valkey.restart();
  await until(() => take(1, 0, 'other').then(() => (limits[1] as SharedRateLimits).take({ ...lane, connectionId: 'ads' }, limit, 10)), ({ granted }) => granted > 0);
  // It knows of the four that it had granted.
  expect(await take(1, 10, 'ads')).toBe(0);
});
