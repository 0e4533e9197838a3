import { randomUUID } from 'node:crypto';
import { FenceLost, type LaneLease, type StoreTransaction } from '@firsthand/pipeline';
import { connectStore, migrate, type ConnectedStore } from '@firsthand/persistence';
import mongoose from 'mongoose';
import { row } from '../support/store-rows.js';
import { meeting } from '../support/twin-stores.js';

const ws = 'acme';
const lane = { workspaceId: ws, connectionId: 'crm' };
const log = { info: () => undefined, warn: () => undefined };
let connected: ConnectedStore;

beforeAll(async () => {
  connected = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName: `store-${randomUUID()}`, log });
  await migrate(connected.connection);
});
afterEach(() => Promise.all(Object.values(connected.collections).map((collection) => collection.deleteMany({}))));
afterAll(async () => {
  await connected.connection.dropDatabase();
  await connected.close();
});

const tx = <T>(work: (transaction: StoreTransaction) => Promise<T>) => connected.store.transaction(work);

describe('inbox', () => {
  it('gives back what was appended, oldest first, whatever keys the raw record has', async () => {
    const raw = { 'a.b': 1, $gt: { '\0': 'x' }, '': [null, 1.5, '\ud83d\ude00'], $ref: 'a', $id: 'b' };
    const [record] = row.inbox('x').records;
    const documents = [row.inbox('late', { receivedAt: 1_001 }), row.inbox('early', { records: [{ ...record!, raw }] })];
    await connected.store.inbox.append(documents);
    const claimed = await connected.store.inbox.claim({ now: 2_000, leaseMs: 10, maxRecords: 10 });
    expect(claimed.documents).toEqual([documents[1], documents[0]]);
  });

  it('claims at least one document and not more records than asked for', async () => {
    const { inbox } = connected.store;
    const [record] = row.inbox('x').records;
    await inbox.append(['a', 'b', 'c'].map((name, i) => row.inbox(name, { receivedAt: 1_000 + i, records: Array(3).fill(record) })));
    const sizes = [];
    for (const maxRecords of [1, 6]) sizes.push((await inbox.claim({ now: 2_000, leaseMs: 10, maxRecords })).documents.length);
    expect(sizes).toEqual([1, 2]);
  });

  it('gives what is live before what was imported earlier, and that when nothing live is left', async () => {
    const { inbox } = connected.store;
    const [record] = row.inbox('x').records;
    await inbox.append(['file-1', 'file-2', 'now'].map((name, i) => row.inbox(name, { receivedAt: 1_000 + i, records: [{ ...record!, isImport: name !== 'now' }] })));
    const taken = [];
    for (let turn = 0; turn < 3; turn += 1) taken.push((await inbox.claim({ now: 2_000, leaseMs: 10, maxRecords: 1 })).documents[0]?.inboxId);
    expect(taken).toEqual(['acme|now', 'acme|file-1', 'acme|file-2']);
  });

  it('takes only the workspace and partition asked for', async () => {
    const { inbox } = connected.store;
    await inbox.append([row.inbox('a', { partition: 1 }), row.inbox('b', { partition: 2 }), row.inbox('c', { inboxId: 'other|c', workspaceId: 'other', partition: 2 })]);
    const { documents } = await inbox.claim({ now: 2_000, leaseMs: 10, maxRecords: 10, workspaceId: ws, partition: 2 });
    expect(documents.map(({ inboxId }) => inboxId)).toEqual(['acme|b']);
  });

  it('gives each document to one of many claimers', async () => {
    const { inbox } = connected.store;
    await inbox.append(Array.from({ length: 40 }, (_, i) => row.inbox(`d${i}`, { receivedAt: 1_000 + i })));
    const claims = await Promise.all(Array.from({ length: 16 }, () => inbox.claim({ now: 2_000, leaseMs: 10_000, maxRecords: 2 })));
    const ids = claims.flatMap(({ documents }) => documents.map(({ inboxId }) => inboxId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(16);
    while (await inbox.hasDue(2_000)) ids.push(...(await inbox.claim({ now: 2_000, leaseMs: 10_000, maxRecords: 100 })).documents.map(({ inboxId }) => inboxId));
    expect(new Set(ids).size).toBe(40);
    expect(ids.length).toBe(40);
  });

  it('hands a claim over when its lease has ended, and the former holder can do nothing more', async () => {
    const { inbox } = connected.store;
    await inbox.append([row.inbox('a')]);
    const first = await inbox.claim({ now: 2_000, leaseMs: 10, maxRecords: 10 });
    expect(await inbox.hasDue(2_005)).toBe(false);
    const second = await inbox.claim({ now: 2_010, leaseMs: 10, maxRecords: 10 });
    expect(second.documents).toHaveLength(1);
    await expect(inbox.extend(first.token, ['acme|a'], 9_000)).rejects.toThrow(FenceLost);
    await inbox.release(first.token, ['acme|a'], 9_000);
    await expect(tx((t) => t.finishInbox([{ token: first.token, inboxIds: ['acme|a'] }]))).rejects.toThrow(FenceLost);
    await inbox.extend(second.token, ['acme|a'], 9_000);
    expect(await inbox.hasDue(8_999)).toBe(false);
    await tx((t) => t.finishInbox([{ token: second.token, inboxIds: ['acme|a'] }]));
    expect(await inbox.hasDue(99_999)).toBe(false);
  });

  it('gives a released document back when it is due, with the attempt counted', async () => {
    const { inbox } = connected.store;
    await inbox.append([row.inbox('a')]);
    const { token } = await inbox.claim({ now: 2_000, leaseMs: 10_000, maxRecords: 10 });
    await inbox.release(token, ['acme|a'], 3_000);
    expect(await inbox.hasDue(2_999)).toBe(false);
    expect((await inbox.claim({ now: 3_000, leaseMs: 10, maxRecords: 10 })).documents[0]?.attempt).toBe(1);
  });

  it('refuses an id that does not begin with its workspace', async () => {
    await expect(connected.store.inbox.append([row.inbox('a', { inboxId: 'other|a' })])).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('transaction', () => {
  it('writes all or nothing', async () => {
    await expect(tx(async (t) => {
      await t.insertEvents([row.event('e')]);
      await t.insertDeliveries([row.delivery('d')]);
      await t.insertLedger(ws, [{ connectionId: 'web', minute: 60_000, counts: { received: 1 } }]);
      throw new RangeError('no');
    })).rejects.toThrow(RangeError);
    const { events, deliveries, ledger, rawRecords } = connected.collections;
    expect(await Promise.all([events, deliveries, ledger, rawRecords].map((rows) => rows.countDocuments()))).toEqual([0, 0, 0, 0]);
  });

  it('reads all there is, also where one reply cannot hold it', async () => {
    const names = Array.from({ length: 5 }, (_, n) => `e${n}`);
    for (const name of names) await tx((t) => t.insertEvents([row.event(name, { record: row.record({ properties: { text: 'x'.repeat(4_000_000) } }) })]));
    const ids = names.map((name) => row.event(name).eventId);
    const found = await tx((t) => t.findEvents(ids));
    expect([...found].map(([id, { record }]) => [id, (record.properties.text as string).length])).toEqual(ids.map((id) => [id, 4_000_000]));
  });

  it('runs again when two insert the same identity (11000), and the second sees the first', async () => {
    const met = meeting(2);
    let runs = 0;
    const claimIdentity = (profileId: string) => tx(async (t) => {
      runs += 1;
      const known = await t.findIdentities(ws, ['email|ana@example.com']);
      await met();
      if (known.size > 0) return known.get('email|ana@example.com');
      await t.insertIdentities(ws, new Map([['email|ana@example.com', profileId]]), 1);
      return profileId;
    });
    const [one, other] = await Promise.all([claimIdentity('p1'), claimIdentity('p2')]);
    expect(one).toBe(other);
    expect(runs).toBe(3);
  });

  it('runs again when two write the same profile (112), and no write is lost', async () => {
    await tx((t) => t.writeProfiles({ inserted: [{ profile: row.profile('p1'), dueAt: null }], updated: [], deleted: [] }));
    const met = meeting(4);
    await Promise.all(Array.from({ length: 4 }, () => tx(async (t) => {
      const profile = (await t.findProfiles(ws, ['p1'])).get('p1')!;
      await met();
      await t.writeProfiles({ inserted: [], updated: [{ profile: { ...profile, version: profile.version + 1 }, dueAt: null }], deleted: [] });
    })));
    expect((await tx((t) => t.findProfiles(ws, ['p1']))).get('p1')?.version).toBe(5);
  });

  it('gives up after eight attempts with CONFLICT, and tells no value of a key', async () => {
    await tx((t) => t.insertIdentities(ws, new Map([['email|ana@example.com', 'p1']]), 1));
    let runs = 0;
    const attempt = tx((t) => {
      runs += 1;
      return t.insertIdentities(ws, new Map([['email|ana@example.com', 'p2']]), 1);
    });
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFLICT' });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack, (error as Error).cause])).not.toContain('ana@');
    expect(runs).toBe(8);
  });

  it('throws what the work throws, at once, and FenceLost as it is', async () => {
    let runs = 0;
    await expect(tx(() => {
      runs += 1;
      return Promise.reject(new FenceLost());
    })).rejects.toThrow(FenceLost);
    expect(runs).toBe(1);
  });

  it('takes calls made at once one after the other', async () => {
    await tx((t) => Promise.all([
      t.insertEvents([row.event('e')]), t.insertDeliveries([row.delivery('d')]), t.insertRuns([row.run('r')]), t.findEventIds(['acme|e']).then((found) => expect(found.size).toBe(1)),
    ]));
    expect(await connected.collections.runs.countDocuments()).toBe(1);
  });

  it('does not run a call that comes after a failed one, not even into the next attempt', async () => {
    await tx((t) => t.insertIdentities(ws, new Map([['a|1', 'p1']]), 1));
    await expect(tx((t) => Promise.all([t.insertIdentities(ws, new Map([['a|1', 'p2']]), 1), t.insertRuns([row.run('r')])]))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await connected.collections.runs.countDocuments()).toBe(0);
  });

  it('rolls back even calls that nobody waited for, and keeps them out of the next attempt', async () => {
    let attempts = 0;
    await tx(async (t) => {
      attempts += 1;
      if (attempts === 2) return t.findEventIds(['acme|e']);
      for (const name of ['r1', 'r2', 'r3']) t.insertRuns([row.run(name)]).catch(() => undefined);
      throw new mongoose.mongo.MongoServerError({ message: 'write conflict', code: 112 });
    });
    expect(attempts).toBe(2);
    expect(await connected.collections.runs.countDocuments()).toBe(0);
  });

  it('does not let a record that BSON cannot hold through, and says why without the record', async () => {
    const bad = row.event('e', { record: row.record({ properties: { 'secret\0key': 1 } }) });
    const error: unknown = await tx((t) => t.insertEvents([bad])).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect((error as Error).message).not.toContain('secret');
  });
});

describe('lane', () => {
  const take = (holder: string, now: number) => connected.store.acquireLane(lane, holder, now + 10, now);

  it('has one holder at a time; a takeover fences the former one off', async () => {
    const leases = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => take(holder, 100)));
    const first = leases.find((lease) => lease !== null) as LaneLease;
    expect(leases.filter((lease) => lease !== null)).toEqual([{ ...lane, fence: 1, chainSeq: 0, chainHash: '0'.repeat(64) }]);
    await connected.store.extendLane(first, 120);
    expect(await take('e', 115)).toBeNull();
    const second = await take('e', 120);
    expect(second?.fence).toBe(2);
    await expect(connected.store.extendLane(first, 200)).rejects.toThrow(FenceLost);
    await expect(tx((t) => t.advanceLane(first, { seq: 1, hash: 'h' }))).rejects.toThrow(FenceLost);
    await connected.store.releaseLane(first);
    expect(await take('f', 125)).toBeNull();
    await connected.store.releaseLane(second as LaneLease);
    // Given back, and so not inherited.
    expect(await take('f', 125)).toEqual({ ...lane, fence: 3, chainSeq: 0, chainHash: '0'.repeat(64) });
  });

  it('moves its chain on with the evidence, or not at all; a fork is a duplicate key', async () => {
    const lease = (await take('a', 100)) as LaneLease;
    const block = { ...lane, seq: 1, previousHash: '', hash: 'h1', evaluatedAt: 1, content: '{}', deliveryIds: [] };
    await tx(async (t) => {
      await t.advanceLane(lease, { seq: 1, hash: 'h1' });
      await t.insertEvidence(block);
    });
    await expect(tx(async (t) => {
      await t.advanceLane(lease, { seq: 2, hash: 'h2' });
      await t.insertEvidence(block);
    })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await take('b', 200)).toEqual({ ...lane, fence: 2, chainSeq: 1, chainHash: 'h1', isInherited: true });
  });

  it('lets a takeover during a transaction win', async () => {
    const lease = (await take('a', 100)) as LaneLease;
    await expect(tx(async (t) => {
      await t.findEventIds(['acme|opens-the-snapshot']);
      await take('b', 200);
      await t.advanceLane(lease, { seq: 1, hash: 'h' });
    })).rejects.toThrow(FenceLost);
  });
});
