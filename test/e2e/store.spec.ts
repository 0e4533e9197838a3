import { randomUUID } from 'node:crypto';
import { FenceLost, type LaneLease, type StoreTransaction } from '@firsthand/pipeline';
import { connectStore, migrate, readRawRecords, type ConnectedStore } from '@firsthand/persistence';
import { row } from '../support/store-rows.js';

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

/** Lets several transactions reach the same line before any goes on. */
function meeting(expected: number): () => Promise<void> {
  let arrived = 0;
  let open = () => undefined as void;
  const all = new Promise<void>((resolve) => { open = resolve; });
  return () => {
    arrived += 1;
    if (arrived >= expected) open();
    return all;
  };
}

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
    await expect(tx((t) => t.finishInbox(first.token, ['acme|a']))).rejects.toThrow(FenceLost);
    await inbox.extend(second.token, ['acme|a'], 9_000);
    expect(await inbox.hasDue(8_999)).toBe(false);
    await tx((t) => t.finishInbox(second.token, ['acme|a']));
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

  it('does not let a record that BSON cannot hold through, and says why without the record', async () => {
    const bad = row.event('e', { record: row.record({ properties: { 'secret\0key': 1 } }) });
    const error: unknown = await tx((t) => t.insertEvents([bad])).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect((error as Error).message).not.toContain('secret');
  });
});

describe('rows', () => {
  it('keeps events and, apart and for their own time, their raw records', async () => {
    const events = [row.event('e1', { raw: { $where: { 'a.b': '\0' } } }), row.event('e2', { raw: null })];
    await tx((t) => t.insertEvents(events));
    expect(await tx((t) => t.findEventIds(['acme|e1', 'acme|e3']))).toEqual(new Set(['acme|e1']));
    expect((await tx((t) => t.findEvents(['acme|e1']))).get('acme|e1')).toEqual({ ...events[0], raw: null });
    expect(await readRawRecords(connected.collections, ['acme|e1', 'acme|e2'])).toEqual(new Map([['acme|e1', { $where: { 'a.b': '\0' } }]]));
    const stored = await connected.collections.rawRecords.findOne();
    expect(stored?.expireAt.getTime()).toBe(events[0]!.receivedAt + 30 * 86_400_000);
  });

  it('resolves aliases to the root, over merges of merges, in one batch and over several', async () => {
    const merge = (winner: string, loser: string) => ({
      mergeId: `${ws}|${winner}-${loser}`, workspaceId: ws, winner, loser, at: 1, causeEventId: null, before: { winner: row.profile(winner), loser: row.profile(loser) },
    });
    await tx((t) => t.insertIdentities(ws, new Map([['a|1', 'p1'], ['a|2', 'p2'], ['a|9', 'p9']]), 1));
    await tx((t) => t.insertMerges([merge('p2', 'p1')]));
    await tx((t) => t.insertMerges([merge('p3', 'p2'), merge('p4', 'p3')]));
    expect(await tx((t) => t.findAliases(ws, ['p1', 'p2', 'p3', 'p4']))).toEqual(new Map([['p1', 'p4'], ['p2', 'p4'], ['p3', 'p4']]));
    expect(await tx((t) => t.findIdentities(ws, ['a|1', 'a|2', 'a|9', 'a|0']))).toEqual(new Map([['a|1', 'p4'], ['a|2', 'p4'], ['a|9', 'p9']]));
    expect(await connected.collections.aliases.distinct('to')).toEqual(['p4']);
  });

  it('inserts, replaces and deletes profiles as they are, and notices one that is gone', async () => {
    const profile = row.profile('p1', { fields: { 'custom%2Esize': { value: { $a: null }, at: 1, source: 'web', origin: 'm', version: 1 } }, memberships: { vip: { n: 1, isMember: true, at: 1, segmentVersion: 1 } } });
    await tx((t) => t.writeProfiles({ inserted: [{ profile, dueAt: 5 }, { profile: row.profile('p2'), dueAt: null }], updated: [], deleted: [] }));
    expect((await tx((t) => t.findProfiles(ws, ['p1', 'p7']))).get('p1')).toEqual(profile);
    expect(await tx((t) => t.findProfiles('other', ['p1']))).toEqual(new Map());
    await tx((t) => t.writeProfiles({ inserted: [], updated: [{ profile: { ...profile, fields: {} }, dueAt: null }], deleted: [{ workspaceId: ws, profileId: 'p2' }] }));
    expect([...(await tx((t) => t.findProfiles(ws, ['p1', 'p2']))).values()]).toEqual([{ ...profile, fields: {} }]);
    await expect(tx((t) => t.writeProfiles({ inserted: [], updated: [{ profile: row.profile('p2'), dueAt: null }], deleted: [] }))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('keeps consent records and states, tombstones, disclosures', async () => {
    const state = { 'third.party$': { own: { decision: 'granted' as const, recordId: 'r', agreementId: null, agreementVersion: null, textHash: null, effectiveAt: 1, recordedAt: 1 } } };
    await tx(async (t) => {
      await t.insertConsentRecords([row.consent('r1'), row.consent('r2', { identityKey: 'phone|+336' })]);
      await t.writeConsentStates(ws, new Map([['p1', state as never]]));
      await t.addDisclosures([row.disclosure()]);
      await t.addDisclosures([row.disclosure({ purposes: ['service'], fields: ['email', 'phone'], firstAt: 9 }), row.disclosure({ connectionId: 'ads' })]);
    });
    await connected.collections.tombstones.insertOne({ _id: `${ws}|dead`, schemaVersion: 1, workspaceId: ws, createdAt: 1 });
    await tx(async (t) => {
      expect(await t.findConsentRecords(ws, ['email|ana@example.com'])).toEqual([row.consent('r1')]);
      expect(await t.findConsentRecords('other', ['email|ana@example.com'])).toEqual([]);
      expect(await t.findConsentStates(ws, ['p1', 'p2'])).toEqual(new Map([['p1', state]]));
      expect(await t.findTombstones(ws, ['dead', 'alive'])).toEqual(new Set(['dead']));
      expect(await t.findDisclosures(ws, ['p1'])).toHaveLength(2);
      expect(await t.findDisclosures(ws, ['p1'], 'crm')).toEqual([row.disclosure({ purposes: ['marketing', 'service'], fields: ['email', 'phone'] })]);
    });
  });
});

describe('due rows', () => {
  it('finds the due deliveries of a lane by age and seq, without the people that are busy', async () => {
    const rows = [
      row.delivery('retried', { createdAt: 1_000, dueAt: 5_000, attempt: 2, profileId: 'p1', seq: 1 }),
      row.delivery('b', { createdAt: 1_001, dueAt: 1_001, profileId: 'p1', seq: 3 }), row.delivery('a', { createdAt: 1_001, dueAt: 1_001, profileId: 'p1', seq: 2 }),
      row.delivery('c', { createdAt: 1_002, dueAt: 1_002, profileId: 'p2' }), row.delivery('done', { state: 'delivered' }), row.delivery('elsewhere', { connectionId: 'ads', dueAt: 8_000 }),
    ];
    await tx((t) => t.insertDeliveries(rows));
    const names = (found: readonly { deliveryId: string }[]) => found.map(({ deliveryId }) => deliveryId.slice(5));
    const { store } = connected;
    expect(names(await store.findDueDeliveries(lane, 2_000, 9, []))).toEqual(['a', 'b', 'c']);
    expect(names(await store.findDueDeliveries(lane, 5_000, 2, []))).toEqual(['retried', 'a']);
    expect(await store.findDueDeliveries(lane, 5_000, 9, ['p1'])).toEqual([rows[3]]);
    expect(await store.findWaitingDeliveries(lane, 2_000)).toEqual([{ deliveryId: 'acme|retried', profileId: 'p1', seq: 1, dueAt: 5_000 }]);
    await tx((t) => t.updateDeliveries([{ deliveryId: 'acme|a', state: 'dead', reason: 'x', attempt: 4, dueAt: 1_001 }]));
    expect(names(await store.findDueDeliveries(lane, 2_000, 9, []))).toEqual(['b', 'c']);
  });

  it('finds each lane with a due row once, over all workspaces', async () => {
    await tx((t) => t.insertDeliveries([
      row.delivery('1'), row.delivery('2', { seq: 2 }), row.delivery('3', { connectionId: 'ads', dueAt: 9_000, createdAt: 1 }), row.delivery('4', { connectionId: 'ads', dueAt: 2_000 }),
      row.delivery('5', { connectionId: 'later', dueAt: 9_000 }), row.delivery('6', { connectionId: 'done', state: 'delivered' }),
      row.delivery('7', { deliveryId: 'zeta|7', workspaceId: 'zeta' }),
    ]));
    expect(await connected.store.findDueLanes(2_000)).toEqual([{ workspaceId: ws, connectionId: 'ads' }, lane, { workspaceId: 'zeta', connectionId: 'crm' }]);
  });

  it('finds due profiles and runs, earliest first', async () => {
    await tx((t) => t.writeProfiles({ inserted: [3, 1, 2, null].map((dueAt, i) => ({ profile: row.profile(`p${i}`), dueAt })), updated: [], deleted: [] }));
    await tx((t) => t.insertRuns([row.run('r1', { dueAt: 7 }), row.run('r2', { dueAt: 6 }), row.run('r3', { dueAt: 8 })]));
    expect(await connected.store.findDueProfiles(2, 10)).toEqual([{ workspaceId: ws, profileId: 'p1' }, { workspaceId: ws, profileId: 'p2' }]);
    expect(await connected.store.findDueProfiles(9, 1)).toEqual([{ workspaceId: ws, profileId: 'p1' }]);
    expect(await connected.store.findDueRuns(7, 10)).toEqual([row.run('r2', { dueAt: 6 }), row.run('r1', { dueAt: 7 })]);
    await tx((t) => t.deleteRuns(['acme|r1', 'acme|r2']));
    expect(await connected.store.findDueRuns(9, 10)).toHaveLength(1);
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
    expect((await take('f', 125))?.fence).toBe(3);
  });

  it('moves its chain on with the evidence, or not at all; a fork is a duplicate key', async () => {
    const lease = (await take('a', 100)) as LaneLease;
    const block = { ...lane, seq: 1, previousHash: '', hash: 'h1', evaluatedAt: 1, evidence: [], outcomes: [] };
    await tx(async (t) => {
      await t.advanceLane(lease, { seq: 1, hash: 'h1' });
      await t.insertEvidence(block);
    });
    await expect(tx(async (t) => {
      await t.advanceLane(lease, { seq: 2, hash: 'h2' });
      await t.insertEvidence(block);
    })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await take('b', 200)).toEqual({ ...lane, fence: 2, chainSeq: 1, chainHash: 'h1' });
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
