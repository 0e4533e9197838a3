import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lane } from '@firsthand/pipeline';
import { assertNoEviction, createDoorbell, type DoorbellHost } from '@firsthand/queue';
import { Redis } from 'ioredis';
import { startOwnValkey, type OwnServer } from '../support/own-server.js';

const crm = { workspaceId: 'acme', connectionId: 'crm' };
const lines: string[] = [];
const log = { info: (_: object, message: string) => lines.push(message), warn: (_: object, message: string) => lines.push(message) };
let valkey: OwnServer;
let opened: DoorbellHost[] = [];

beforeAll(async () => { valkey = await startOwnValkey(); });
afterEach(async () => {
  await Promise.all(opened.map((doorbell) => doorbell.close()));
  opened = [];
  lines.length = 0;
});
afterAll(() => valkey.remove());

async function open({ redisUrl = valkey.url, prefix = randomUUID(), applyConcurrency = 1 } = {}): Promise<DoorbellHost> {
  const doorbell = createDoorbell({ redisUrl, prefix, log, applyConcurrency });
  opened.push(doorbell);
  await until(() => doorbell.ping().then(() => true, () => false));
  return doorbell;
}

async function until(isSo: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('it did not come about in time');
    await delay(5);
  }
}

it('answers a ring of another process within a moment, and a lane by its own worker', async () => {
  const prefix = randomUUID();
  const [ringer, worker] = [await open({ prefix }), await open({ prefix })];
  let applied = 0;
  const lanes: Lane[] = [];
  worker.onApply(async () => { applied += 1; });
  worker.onLane(async (lane) => { lanes.push(lane); });
  worker.openLane(crm);
  worker.openLane(crm);
  ringer.ringApply();
  ringer.ringLane(crm);
  ringer.ringLane({ ...crm, connectionId: 'nobody-listens' });
  await until(() => applied === 1 && lanes.length === 1);
  expect(lanes).toEqual([crm]);
});

it('makes few runs of many rings, and never loses the last', async () => {
  const doorbell = await open();
  let rung = 0;
  let seen = 0;
  let runs = 0;
  doorbell.onApply(async () => {
    runs += 1;
    seen = rung;
    await delay(2);
  });
  for (let i = 0; i < 2_000; i += 1) {
    rung += 1;
    doorbell.ringApply();
    if (i % 20 === 0) await delay(0);
  }
  await until(() => seen === 2_000);
  expect(runs).toBeLessThan(400);
});

it('leaves the rings unread that came before a run which found nothing more', async () => {
  const doorbell = await open();
  let runs = 0;
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => { release = resolve; });
  doorbell.onApply(async () => {
    runs += 1;
    if (runs === 1) await held;
  });
  doorbell.ringApply();
  await until(() => runs === 1);
  for (let i = 0; i < 50; i += 1) {
    doorbell.ringApply();
    await delay(2);
  }
  release();
  await until(() => runs === 2);
  await delay(200);
  expect(runs).toBe(2);
  doorbell.ringApply();
  await until(() => runs === 3);
});

it('keeps a slow lane from delaying another', async () => {
  const doorbell = await open();
  const done: string[] = [];
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => { release = resolve; });
  doorbell.onLane(async ({ connectionId }) => {
    if (connectionId === 'slow') await held;
    done.push(connectionId);
  });
  for (const connectionId of ['slow', 'fast']) {
    doorbell.openLane({ ...crm, connectionId });
    doorbell.ringLane({ ...crm, connectionId });
  }
  await until(() => done.includes('fast'));
  expect(done).toEqual(['fast']);
  release();
  await until(() => done.includes('slow'));
});

it('closes a lane after its run has ended, and can open it again', async () => {
  const doorbell = await open();
  let started = 0;
  let ended = 0;
  doorbell.onLane(async () => {
    started += 1;
    await delay(30);
    ended += 1;
  });
  doorbell.openLane(crm);
  doorbell.ringLane(crm);
  await until(() => started === 1);
  await doorbell.closeLane(crm);
  expect(ended).toBe(1);
  doorbell.ringLane(crm);
  await delay(50);
  expect(started).toBe(1);
  doorbell.openLane(crm);
  await until(() => started === 2);
});

it('goes on after a handler that throws, and logs no message of its error', async () => {
  const doorbell = await open();
  let runs = 0;
  doorbell.onApply(async () => {
    runs += 1;
    if (runs === 1) throw new RangeError('ana@example.com');
  });
  doorbell.ringApply();
  await until(() => runs === 1);
  doorbell.ringApply();
  await until(() => runs === 2);
  expect(lines).toEqual(['A worker run failed; the sweep rings again']);
});

it('rings again after Valkey was flushed', async () => {
  const doorbell = await open();
  let runs = 0;
  doorbell.onApply(async () => { runs += 1; });
  doorbell.onLane(async () => { runs += 1; });
  doorbell.openLane(crm);
  doorbell.ringApply();
  doorbell.ringLane(crm);
  await until(() => runs === 2);
  const client = new Redis(valkey.url);
  await client.flushall();
  client.disconnect();
  doorbell.ringApply();
  doorbell.ringLane(crm);
  await until(() => runs === 4);
});

it('refuses a Valkey that may evict keys, and one that is not there', async () => {
  await assertNoEviction(valkey.url);
  const evicting = await startOwnValkey('allkeys-lru');
  await expect(assertNoEviction(evicting.url)).rejects.toMatchObject({ code: 'EVICTING_QUEUE' });
  await evicting.remove();
  await expect(assertNoEviction(evicting.url)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

it('neither blocks nor throws while Valkey is away, says so once, and rings again when it is back', async () => {
  const own = await startOwnValkey();
  try {
    const doorbell = await open({ redisUrl: own.url });
    let runs = 0;
    doorbell.onApply(async () => { runs += 1; });
    doorbell.onLane(async () => undefined);
    doorbell.openLane(crm);
    await own.kill();
    const startedAt = performance.now();
    for (let i = 0; i < 1_000; i += 1) doorbell.ringApply();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await expect(doorbell.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await until(() => lines.length > 0);
    await delay(1_200);
    expect(lines).toEqual(['Valkey does not answer; the sweep keeps the work going']);
    await own.restart();
    await until(() => doorbell.ping().then(() => true, () => false));
    expect(lines).toHaveLength(2);
    const before = runs;
    // What the sweep does.
    await until(async () => {
      doorbell.ringApply();
      await delay(50);
      return runs > before;
    });
  } finally {
    await Promise.all(opened.splice(0).map((doorbell) => doorbell.close()));
    await own.remove();
  }
});

it('does not hang on a Valkey that is frozen, and closes even then', async () => {
  const own = await startOwnValkey();
  const doorbell = await open({ redisUrl: own.url });
  let runs = 0;
  doorbell.onApply(async () => { runs += 1; });
  doorbell.ringApply();
  await until(() => runs === 1);
  await own.freeze();
  doorbell.ringApply();
  await expect(doorbell.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const startedAt = performance.now();
  await doorbell.close();
  expect(performance.now() - startedAt).toBeLessThan(9_000);
  own.thaw();
  await own.remove();
});
