import { randomUUID } from 'node:crypto';
import type { ConsentState } from '@firsthand/domain';
import { FenceLost, type ErasureRow, type ErasureStore, type LaneLease, type QuarantineJobLease, type QuarantineJobRow, type QuarantineQuery, type QuarantineRow, type Store, type StoreTransaction } from '@firsthand/pipeline';
import { connectStore, createErasureStore, migrate, type ConnectedStore } from '@firsthand/persistence';
import { createMemoryErasures } from '../support/memory-store/create-memory-erasures.js';
import { createMemoryStore } from '../support/memory-store/create-memory-store.js';
import { row } from '../support/store-rows.js';

/** What the property tests rest on: the store in memory answers as the one on MongoDB does. Each case is run over both. */
const ws = 'acme';
const lane = { workspaceId: ws, connectionId: 'crm' };
let connected: ConnectedStore;

beforeAll(async () => {
  connected = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName: `twin-${randomUUID()}`, log: { info: () => undefined, warn: () => undefined } });
  await migrate(connected.connection);
});
afterAll(async () => {
  await connected.connection.dropDatabase();
  await connected.close();
});

/** Lets several reach the same line before any goes on. */
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

const write = (profileId: string, version = 1) => ({ profile: row.profile(profileId, { version }), dueAt: null });
const inserted = (...ids: string[]) => ({ inserted: ids.map((id) => write(id)), updated: [], deleted: [] });

interface Opened {
  store: Store;
  erasures: ErasureStore;
}

describe.each<[string, () => Promise<Opened>]>([
  ['MongoDB', async () => {
    await Promise.all(Object.values(connected.collections).map((collection) => collection.deleteMany({})));
    return { store: connected.store, erasures: createErasureStore(connected.connection) };
  }],
  ['memory', () => {
    const store = createMemoryStore();
    return Promise.resolve({ store, erasures: createMemoryErasures(store) });
  }],
])('the store on %s', (_, open) => {
  let store: Store;
  let erasures: ErasureStore;
  beforeEach(async () => { ({ store, erasures } = await open()); });
  const tx = <T>(work: (transaction: StoreTransaction) => Promise<T>) => store.transaction(work);

  describe('quarantine', () => {
    const quarantined = (id: string, receivedAt: number, more: Partial<QuarantineRow> = {}): QuarantineRow => ({
      quarantineId: `${ws}|${id}`, workspaceId: ws, connectionId: 'web', receivedAt, quarantinedAt: receivedAt, code: 'INVALID_RECORD', places: [], raw: { 'a.b': 1, $c: [null] }, mappingVersion: 1, groupId: 'web.INVALID_RECORD.g', ...more,
    });
    const query: QuarantineQuery = { workspaceId: ws, selection: {}, connectionIds: null, keptSince: 0, until: 100, after: null, limit: 10 };
    const job: QuarantineJobRow = { jobId: `${ws}|j`, workspaceId: ws, kind: 'release', selection: {}, connectionIds: null, startsFlows: false, reason: null, perSecond: null, by: { kind: 'user', id: 'u' }, startedAt: 5, after: null, counts: {}, dueAt: 10, end: null };
    const find = async (over: Partial<QuarantineQuery> = {}) => (await tx((t) => t.findQuarantined({ ...query, ...over }))).map(({ quarantineId }) => quarantineId.slice(ws.length + 1));

    it('is read in the order of receipt, by all that a query says, and gives back what was put in', async () => {
      const edited = quarantined('c', 2, { original: { x: 1 }, edits: [{ at: 3, by: { kind: 'user', id: 'u' }, changes: [{ path: '/x', old: 1 }] }], isVerified: true });
      await tx((t) => t.insertQuarantine([quarantined('d', 3, { code: 'MISSING_IDENTITY' }), edited, quarantined('b', 2, { connectionId: 'till', groupId: 'till.X.g' }), quarantined('a', 1), quarantined('late', 4, { quarantinedAt: 200 })]));
      expect(await find()).toEqual(['a', 'b', 'c', 'd']);
      expect(await find({ limit: 2 })).toEqual(['a', 'b']);
      expect(await find({ limit: 2, after: { receivedAt: 2, quarantineId: `${ws}|b` } })).toEqual(['c', 'd']);
      expect(await find({ selection: { connectionId: 'web', from: 2, to: 3 } })).toEqual(['c']);
      expect([await find({ selection: { groupId: 'till.X.g' } }), await find({ selection: { code: 'MISSING_IDENTITY' } }), await find({ selection: { quarantineIds: [`${ws}|d`, `${ws}|a`] } })]).toEqual([['b'], ['d'], ['a', 'd']]);
      expect([await find({ connectionIds: ['till'] }), await find({ connectionIds: [] }), await find({ keptSince: 3 }), await find({ workspaceId: 'other' })]).toEqual([['b'], [], ['d'], []]);
      expect(await tx((t) => t.findQuarantined({ ...query, selection: { quarantineIds: [`${ws}|c`] } }))).toEqual([edited]);
    });

    it('lets one of two take a row out, and the other run again without it', async () => {
      await tx((t) => t.insertQuarantine([quarantined('a', 1)]));
      const met = meeting(2);
      const taken = await Promise.all([1, 2].map(() => tx(async (t) => {
        const rows = await t.findQuarantined(query);
        await met();
        await t.removeQuarantined(rows.map(({ quarantineId }) => quarantineId));
        return rows.length;
      })));
      expect(taken.sort()).toEqual([0, 1]);
    });

    it('puts a row back under its own id in the transaction that took it out', async () => {
      await tx((t) => t.insertQuarantine([quarantined('a', 1)]));
      await tx(async (t) => {
        await t.removeQuarantined([`${ws}|a`]);
        await t.insertQuarantine([quarantined('a', 1, { code: 'OTHER' })]);
      });
      expect(await tx((t) => t.findQuarantined(query))).toMatchObject([{ code: 'OTHER' }]);
    });

    it('gives a job to one worker at a time, and refuses what a former one writes', async () => {
      await tx((t) => t.insertQuarantineJob(job));
      expect(await store.claimQuarantineJob({ now: 9, until: 20, holder: 'one' })).toBeNull();
      const first = await store.claimQuarantineJob({ now: 10, until: 20, holder: 'one' });
      expect(first).toMatchObject({ job, fence: 1 });
      expect(await store.claimQuarantineJob({ now: 19, until: 30, holder: 'two' })).toBeNull();
      const second = await store.claimQuarantineJob({ now: 20, until: 30, holder: 'two', workspaceId: ws });
      await expect(tx((t) => t.writeQuarantineJob(first as QuarantineJobLease, job, 0))).rejects.toThrow(FenceLost);
      await store.releaseQuarantineJob(first as QuarantineJobLease, 1);
      const next = { ...job, counts: { 'refused.erased': 2 }, after: { receivedAt: 1, quarantineId: `${ws}|a` } };
      await tx((t) => t.writeQuarantineJob(second as QuarantineJobLease, next, 30));
      await store.releaseQuarantineJob(second as QuarantineJobLease, 25);
      expect(await store.claimQuarantineJob({ now: 24, until: 40, holder: 'one' })).toBeNull();
      const third = await store.claimQuarantineJob({ now: 25, until: 40, holder: 'one' });
      expect(third).toEqual({ job: { ...next, dueAt: 25 }, fence: 3 });
      await tx((t) => t.writeQuarantineJob(third as QuarantineJobLease, { ...next, dueAt: null, end: { at: 26, as: 'done' } }, 0));
      await store.releaseQuarantineJob(third as QuarantineJobLease, 27);
      expect(await store.claimQuarantineJob({ now: 99, until: 100, holder: 'one' })).toBeNull();
    });
  });

  describe('transactions', () => {
    it('write all or nothing, and show their own writes to themselves alone', async () => {
      await expect(tx(async (t) => {
        await t.insertDeliveries([row.delivery('d')]);
        expect(await t.findDeliveries(['acme|d'])).toHaveLength(1);
        expect(await tx((other) => other.findDeliveries(['acme|d']))).toEqual([]);
        throw new RangeError('no');
      })).rejects.toThrow(RangeError);
      expect(await tx((t) => t.findDeliveries(['acme|d']))).toEqual([]);
    });

    it('read one snapshot, from their first read on, whatever others commit', async () => {
      await tx((t) => t.writeConsentStates(ws, new Map([['p1', {}]])));
      const read = await tx(async (t) => {
        await t.findTombstones(ws, ['any']);
        await tx((other) => other.writeConsentStates(ws, new Map<string, ConsentState>([['p1', { marketing: {} }], ['p2', {}]])));
        return t.findConsentStates(ws, ['p1', 'p2']);
      });
      expect(read).toEqual(new Map([['p1', {}]]));
      expect(await tx((t) => t.findConsentStates(ws, ['p1', 'p2']))).toEqual(new Map([['p1', { marketing: {} }], ['p2', {}]]));
    });

    it('run again when another has written the same row since, and lose no write', async () => {
      await tx((t) => t.writeProfiles(inserted('p1')));
      const met = meeting(3);
      await Promise.all(Array.from({ length: 3 }, () => tx(async (t) => {
        const profile = (await t.findProfiles(ws, ['p1'])).get('p1')!;
        await met();
        await t.writeProfiles({ inserted: [], updated: [{ profile: { ...profile, version: profile.version + 1 }, dueAt: null }], deleted: [] });
      })));
      expect((await tx((t) => t.findProfiles(ws, ['p1']))).get('p1')?.version).toBe(4);
    });

    it('run again when another has committed the row that they write since their snapshot', async () => {
      await tx((t) => t.writeProfiles(inserted('p1')));
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        const profile = (await t.findProfiles(ws, ['p1'])).get('p1')!;
        if (runs === 1) await tx((other) => other.writeProfiles({ inserted: [], updated: [write('p1', 5)], deleted: [] }));
        await t.writeProfiles({ inserted: [], updated: [{ profile: { ...profile, version: profile.version + 1 }, dueAt: null }], deleted: [] });
      });
      expect([runs, (await tx((t) => t.findProfiles(ws, ['p1']))).get('p1')?.version]).toEqual([2, 6]);
    });

    it('run again when two insert the same identity, and the second sees the first', async () => {
      const met = meeting(2);
      let runs = 0;
      const owners = await Promise.all(['p1', 'p2'].map((profileId) => tx(async (t) => {
        runs += 1;
        const known = (await t.findIdentities(ws, ['email|a'])).get('email|a');
        await met();
        if (known === undefined) await t.insertIdentities(ws, new Map([['email|a', profileId]]), 1);
        return known ?? profileId;
      })));
      expect([new Set(owners).size, runs]).toEqual([1, 3]);
    });

    it('run again when what they insert was inserted and removed by another since their snapshot', async () => {
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        await t.findTombstones(ws, ['digest']);
        if (runs === 1) {
          await tx(async (other) => {
            await other.insertIdentities(ws, new Map([['email|a', 'nobody']]), 1);
            await other.removePeople(ws, ['nobody']);
          });
        }
        await t.insertIdentities(ws, new Map([['email|a', 'p1']]), 1);
      });
      expect([runs, await tx((t) => t.findIdentities(ws, ['email|a']))]).toEqual([2, new Map([['email|a', 'p1']])]);
    });

    it('do not conflict on what they only read', async () => {
      await tx((t) => t.writeConsentStates(ws, new Map([['p1', {}]])));
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        await t.findConsentStates(ws, ['p1']);
        await tx((other) => other.writeConsentStates(ws, new Map([['p1', { marketing: {} }]])));
        await t.insertDeliveries([row.delivery('d')]);
      });
      expect(runs).toBe(1);
    });

    it('give up with CONFLICT after eight attempts, and throw what the work throws at once', async () => {
      await tx((t) => t.insertDeliveries([row.delivery('d')]));
      let runs = 0;
      await expect(tx((t) => {
        runs += 1;
        return t.insertDeliveries([row.delivery('d')]);
      })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(runs).toBe(8);
      await expect(tx(() => Promise.reject(new FenceLost()))).rejects.toThrow(FenceLost);
    });

    it('hand out rows that share nothing with what is stored', async () => {
      const profile = row.profile('p1', { fields: { email: { value: 'a', at: 1, source: 's', origin: 'o', version: 1 } } });
      await tx((t) => t.writeProfiles({ inserted: [{ profile, dueAt: null }], updated: [], deleted: [] }));
      profile.version = 9;
      await tx(async (t) => { (await t.findProfiles(ws, ['p1'])).get('p1')!.fields.email!.value = 'b'; });
      expect((await tx((t) => t.findProfiles(ws, ['p1']))).get('p1')).toMatchObject({ version: 1, fields: { email: { value: 'a' } } });
    });
  });

  describe('people', () => {
    it('are found at their root over merges of merges', async () => {
      const merge = (winner: string, loser: string) => ({ mergeId: `${ws}|${winner}-${loser}`, workspaceId: ws, winner, loser, at: 1, causeEventId: null, before: { winner: row.profile(winner), loser: row.profile(loser) } });
      await tx((t) => t.writeProfiles(inserted('p1', 'p2', 'p3', 'p4')));
      await tx(async (t) => {
        await t.insertMerges([merge('p2', 'p1'), merge('p3', 'p2')]);
        await t.writeProfiles({ inserted: [], updated: [], deleted: [{ workspaceId: ws, profileId: 'p1' }, { workspaceId: ws, profileId: 'p2' }] });
      });
      await tx(async (t) => {
        await t.insertMerges([merge('p4', 'p3')]);
        await t.writeProfiles({ inserted: [], updated: [], deleted: [{ workspaceId: ws, profileId: 'p3' }] });
      });
      const found = await tx((t) => t.findProfiles(ws, ['p1', 'p2', 'p3', 'p4', 'p9']));
      expect([...found].map(([id, { profileId }]) => [id, profileId]).sort()).toEqual([['p1', 'p4'], ['p2', 'p4'], ['p3', 'p4'], ['p4', 'p4']]);
      expect(await tx((t) => t.findProfileIds(ws, null, 10))).toEqual(['p4']);
    });

    it('have held links by their ids, each once, whoever writes it first', async () => {
      const [link, other] = [row.identityLink('l1'), row.identityLink('l2')];
      const met = meeting(2);
      let runs = 0;
      await Promise.all([1, 2].map(() => tx(async (t) => {
        runs += 1;
        const asked = await t.findIdentityLinks([link.linkId]);
        await met();
        if (!asked.has(link.linkId)) await t.writeIdentityLinks([link, other]);
      })));
      expect(runs).toBe(3);
      await tx((t) => t.writeIdentityLinks([{ ...link, state: 'rejected', decidedAt: 2 }]));
      expect(await tx((t) => t.findIdentityLinks([link.linkId, other.linkId, `${ws}|none`]))).toEqual(new Map([[link.linkId, { ...link, state: 'rejected', decidedAt: 2 }], [other.linkId, other]]));
      await expect(tx((t) => t.writeIdentityLinks([{ ...link, linkId: 'elsewhere|l1' }]))).rejects.toMatchObject({ code: 'INTERNAL' });
    });
  });

  describe('the outbox', () => {
    it('gives a lane what is due, by age, without those of whom one waits for another try, but for what a withdrawal takes back', async () => {
      await tx((t) => t.insertDeliveries([
        row.delivery('late', { createdAt: 3, seq: 2, dueAt: 10 }), row.delivery('first', { createdAt: 3, seq: 1, dueAt: 10 }), row.delivery('future', { profileId: 'p2', dueAt: 99, attempt: 1 }), row.delivery('behind', { profileId: 'p2', createdAt: 1, dueAt: 10 }),
        row.delivery('takes back', { profileId: 'p2', class: 'suppression', cause: 'consent-withdrawn', createdAt: 9, dueAt: 10 }), row.delivery('leaves', { profileId: 'p2', class: 'suppression', cause: 'segment-left', createdAt: 9, dueAt: 10 }),
        row.delivery('done', { profileId: 'p3', state: 'delivered', dueAt: 10 }), row.delivery('busy', { profileId: 'p4', dueAt: 10 }),
      ]));
      const due = await store.findDueDeliveries(lane, 50, 10, ['p4']);
      expect(due.map(({ deliveryId }) => deliveryId)).toEqual(['acme|takes back', 'acme|first', 'acme|late']);
      expect(await store.findDueLanes(50)).toEqual([lane]);
      expect(await store.findDueLanes(5)).toEqual([]);
    });

    it('updates what is named and leaves out what is not there; only a pending row gets a due time', async () => {
      await tx((t) => t.insertDeliveries([row.delivery('a'), row.delivery('b')]));
      await tx((t) => t.updateDeliveries(['a', 'b', 'none'].map((name) => ({ deliveryId: `acme|${name}`, state: name === 'a' ? 'pending' : 'dead', reason: 'r', attempt: 2, dueAt: 7 }))));
      const rows = await tx((t) => t.findDeliveries(['acme|a', 'acme|b']));
      expect(rows.map(({ state, attempt, dueAt }) => [state, attempt, dueAt]).sort()).toEqual([['dead', 2, 1_000], ['pending', 2, 7]]);
    });

    it('keeps rows in flight until they are back, and recovers them once', async () => {
      const block = { blockId: `${ws}|crm|1`, ...lane, rows: [row.delivery('a'), row.delivery('b')] };
      await tx((t) => t.insertInFlight(block));
      expect(await store.hasInFlight(lane)).toBe(true);
      await tx((t) => t.keepInFlight([{ ...block, rows: [row.delivery('b')] }]));
      expect(await tx((t) => t.recoverInFlight(lane))).toBe(1);
      expect((await tx((t) => t.findDeliveries(['acme|a', 'acme|b']))).map(({ deliveryId }) => deliveryId)).toEqual(['acme|b']);
      await expect(tx((t) => t.keepInFlight([{ ...block, rows: [] }]))).rejects.toThrow(FenceLost);
    });

    it('adds up what was disclosed', async () => {
      await tx((t) => t.addDisclosures([row.disclosure()]));
      await tx((t) => t.addDisclosures([row.disclosure({ purposes: ['news'], fields: ['email', 'name'], identifiers: [{ email: 'ana@example.com' }, { email: 'b' }], firstAt: 9 })]));
      expect(await tx((t) => t.findDisclosures(ws, ['p1']))).toEqual([row.disclosure({ purposes: ['marketing', 'news'], fields: ['email', 'name'], identifiers: [{ email: 'ana@example.com' }, { email: 'b' }] })]);
    });
  });

  describe('lanes', () => {
    const take = (holder: string, now: number) => store.acquireLane(lane, holder, now + 10, now);

    it('have one holder at a time; a takeover fences the former one off, and knows that it died', async () => {
      const first = (await take('a', 100)) as LaneLease;
      expect([await take('b', 105), first.fence]).toEqual([null, 1]);
      const second = await take('b', 110);
      expect(second).toMatchObject({ fence: 2, isInherited: true });
      await expect(store.extendLane(first, 200)).rejects.toThrow(FenceLost);
      await expect(tx((t) => t.advanceLane(first, { seq: 1, hash: 'h' }))).rejects.toThrow(FenceLost);
      await store.releaseLane(second as LaneLease);
      expect(await take('c', 111)).toMatchObject({ fence: 3 });
    });

    it('are left alone in a transaction while another has them, also one whose lease is over', async () => {
      await take('a', 100);
      expect(await tx((t) => t.takeLane(lane, 'b', 510, 500))).toBeNull();
      expect(await tx((t) => t.takeLane(lane, 'a', 510, 500))).toMatchObject({ fence: 2 });
    });

    it('move on with their evidence or not at all, and a fork is a duplicate key', async () => {
      const lease = (await take('a', 100)) as LaneLease;
      const block = { ...lane, seq: 1, previousHash: '', hash: 'h1', evaluatedAt: 1, content: '{}', deliveryIds: ['acme|d'] };
      await tx(async (t) => { await t.advanceLane(lease, { seq: 1, hash: 'h1' }); await t.insertEvidence(block); });
      await expect(tx(async (t) => { await t.advanceLane(lease, { seq: 2, hash: 'h2' }); await t.insertEvidence(block); })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await take('b', 200)).toMatchObject({ fence: 2, chainSeq: 1, chainHash: 'h1' });
      expect((await tx((t) => t.findEvidenceOf(ws, ['acme|d']))).map(({ seq }) => seq)).toEqual([1]);
    });
  });

  describe('the inbox', () => {
    it('gives each document to one claimer until its lease is over, and then to another whom the former cannot disturb', async () => {
      await store.inbox.append([row.inbox('a')]);
      const first = await store.inbox.claim({ now: 2_000, leaseMs: 10, maxRecords: 10 });
      expect((await store.inbox.claim({ now: 2_005, leaseMs: 10, maxRecords: 10 })).documents).toEqual([]);
      const second = await store.inbox.claim({ now: 2_010, leaseMs: 10, maxRecords: 10 });
      expect(second.documents).toHaveLength(1);
      await expect(store.inbox.extend(first.token, ['acme|a'], 9_000)).rejects.toThrow(FenceLost);
      await expect(tx((t) => t.finishInbox([{ token: first.token, inboxIds: ['acme|a'] }]))).rejects.toThrow(FenceLost);
      await tx((t) => t.finishInbox([{ token: second.token, inboxIds: ['acme|a'] }]));
      expect(await store.inbox.hasDue(99_999)).toBe(false);
    });

    it('gives a released document back when it is due, with the attempt counted', async () => {
      await store.inbox.append([row.inbox('a')]);
      const { token } = await store.inbox.claim({ now: 2_000, leaseMs: 10_000, maxRecords: 10 });
      await store.inbox.release(token, ['acme|a'], 3_000);
      expect(await store.inbox.hasDue(2_999)).toBe(false);
      expect((await store.inbox.claim({ now: 3_000, leaseMs: 10, maxRecords: 10 })).documents[0]?.attempt).toBe(1);
    });
  });

  describe('runs and consents', () => {
    it('takes due runs once, and answers the call that is awaited once', async () => {
      const wait = { since: 1, until: 5_000, call: { deliveryId: 'acme|d' } };
      await tx((t) => t.insertRuns([row.run('due'), row.run('asks', { dueAt: 5_000, wait })]));
      await tx((t) => t.answerRuns([{ workspaceId: ws, runId: 'acme|asks', deliveryId: 'acme|d', result: { ok: false, reason: 'r' } }], 2_000));
      await tx((t) => t.answerRuns([{ workspaceId: ws, runId: 'acme|asks', deliveryId: 'acme|d', result: { ok: true, answer: '{}' } }], 2_500));
      expect((await store.findDueRuns(2_000, 10)).map(({ runId }) => runId)).toEqual(['acme|due', 'acme|asks']);
      expect((await tx((t) => t.takeRuns(['acme|due', 'acme|asks'], 1_500))).map(({ runId }) => runId)).toEqual(['acme|due']);
      expect((await tx((t) => t.findRuns(['acme|asks', 'acme|due'])))).toMatchObject([{ dueAt: 2_000, wait: { call: { result: { ok: false } } } }]);
    });

    it('keeps the ledger by identity, and what waits for its chain until it is taken', async () => {
      const seal = { version: 1, nonce: 'n', identity: 'i', hash: 'h' };
      await tx((t) => t.insertConsentRecords([row.consent('r1', { seal }), row.consent('r2', { identityKey: 'email|other' })]));
      expect((await tx((t) => t.findConsentRecords(ws, ['email|ana@example.com']))).map(({ recordId }) => recordId)).toEqual(['r1']);
      expect(await store.findUnsealedWorkspaces()).toEqual([ws]);
      expect(await tx((t) => t.takeUnsealed(ws))).toEqual([{ recordId: 'r1', hash: 'h' }]);
      expect(await store.findUnsealedWorkspaces()).toEqual([]);
    });
  });

  describe('changes for those who follow them', () => {
    const block = (name: string, count: number) => ({ blockId: `${ws}|${name}`, workspaceId: ws, at: 1, keptUntil: 9e12, changes: Array.from({ length: count }, (_, index) => ({ profileId: `p${index}`, version: 1, kind: 'membership' as const, segmentId: 's', isMember: true })) });

    it('are numbered once, in the order in which they were written, whatever commits first', async () => {
      let isWritten = (): void => undefined;
      const wasWritten = new Promise<void>((resolve) => { isWritten = resolve; });
      let isSecondDone = (): void => undefined;
      const secondDone = new Promise<void>((resolve) => { isSecondDone = resolve; });
      const first = tx(async (t) => {
        await t.insertChangeBlock(block('b', 2));
        isWritten();
        await secondDone;
      });
      await wasWritten;
      await tx((t) => t.insertChangeBlock(block('a', 1)));
      isSecondDone();
      await first;
      expect([await store.hasOpenChanges(ws), await store.hasOpenChanges('other')]).toEqual([true, false]);
      const open = await tx((t) => t.findOpenChanges(ws, 10));
      expect(open).toEqual([{ blockId: `${ws}|b`, count: 2 }, { blockId: `${ws}|a`, count: 1 }]);
      await tx((t) => t.numberChanges(ws, open.slice(0, 1)));
      await tx(async (t) => t.numberChanges(ws, await t.findOpenChanges(ws, 10)));
      expect([await tx((t) => t.findOpenChanges(ws, 10)), await store.hasOpenChanges(ws)]).toEqual([[], false]);
    });
  });

  describe('erasures', () => {
    const email = (name: string) => ({ namespace: 'email' as const, value: `${name}@example.com` });
    const erasure = (over: Partial<ErasureRow> = {}): ErasureRow => ({
      erasureId: `${ws}|e1`, workspaceId: ws, requestId: null, startedAt: 1_000, profileIds: ['p1', 'p0'], identityKeys: ['email|ana@example.com'], people: [{ profileId: 'p1', subjectKey: 'k', mergedFrom: ['p0'] }],
      step: 'inbox', cursor: null, counts: {}, held: [], recipients: [], removedAt: null, finishedAt: null, dueAt: 1_000, ...over,
    });
    /** Rows of Ana, who is to be erased, and of Bo, who is not. */
    const fill = () => tx(async (t) => {
      for (const [profileId, name] of [['p1', 'ana'], ['p2', 'bo']] as const) {
        await t.writeProfiles(inserted(profileId));
        await t.insertIdentities(ws, new Map([[`email|${name}@example.com`, profileId]]), 1);
        await t.insertSalts(ws, new Map([[profileId, 'salt']]));
        await t.writeConsentStates(ws, new Map([[profileId, {}]]));
        await t.insertConsentRecords([row.consent(`r-${name}`, { identityKey: `email|${name}@example.com` })]);
        await t.insertEvents([row.event(`own-${name}`, { profileId, record: row.record({ identities: [email(name)] }) })]);
        await t.insertRuns([row.run(`run-${name}`, { profileId })]);
        await t.insertDeliveries([row.delivery(`ended-${name}`, { profileId, state: 'delivered' }), row.delivery(`waits-${name}`, { profileId })]);
        await t.insertDeliveries([row.delivery(`tells-${name}`, { profileId, class: 'suppression', cause: 'erased', state: 'delivered' })]);
        await t.addDisclosures([row.disclosure({ profileId })]);
      }
      // A device of Bo's that claimed to be Ana.
      await t.insertEvents([row.event('claims', { profileId: 'p2', record: row.record({ identities: [email('bo'), email('ana')] }) })]);
      await t.insertTombstones(ws, ['digest', 'digest'], 'key', 1);
    });
    const claim = (now: number, holder: string, workspaceId?: string) => erasures.claim({ now, until: now + 30_000, holder, ...(workspaceId === undefined ? {} : { workspaceId }) });
    /** Does all parts, and gives the row at the end. */
    async function removeAll(now: number): Promise<ErasureRow> {
      for (;;) {
        const lease = await claim(now, 'a');
        if (lease === null) throw new RangeError('Nothing is due.');
        const next = await erasures.work(lease, now);
        if (next.step === 'recipients') return next;
      }
    }

    it('remove all that is the person’s and nothing else, and count it; what recipients are told by goes when they have been', async () => {
      await fill();
      await tx((t) => t.insertErasure(erasure()));
      expect(await tx((t) => t.removePeople(ws, ['p1', 'p0']))).toEqual({ profiles: 1, identities: 1, consentStates: 1, runs: 1 });
      const done = await removeAll(2_000);
      expect(done).toMatchObject({ counts: { events: 2, salts: 1, consents: 1, deliveries: 1 }, identityKeys: [], removedAt: 2_000, dueAt: 2_000 });
      expect((await tx((t) => t.findDeliveries(['ended-ana', 'waits-ana', 'tells-ana', 'ended-bo'].map((id) => `acme|${id}`)))).map(({ deliveryId }) => deliveryId).sort()).toEqual(['acme|ended-bo', 'acme|tells-ana', 'acme|waits-ana']);
      expect([...(await tx((t) => t.findEventIds(['own-ana', 'own-bo', 'claims'].map((id) => `acme|${id}`))))]).toEqual(['acme|own-bo']);
      expect(await tx((t) => t.findConsentRecords(ws, ['email|ana@example.com']))).toEqual([]);
      expect(await tx((t) => t.findErased(ws, ['p0']))).toEqual(done.people);
      expect([...(await erasures.findTold(ws, ['acme|tells-ana', 'acme|none']))]).toEqual([['acme|tells-ana', { state: 'delivered', reason: null }]]);

      const lease = (await claim(2_000, 'a'))!;
      await erasures.finish(lease, { recipients: [], dueAt: 4_000 }, 3_000);
      // One of hers waits still: it is to be cancelled as hers.
      expect(await tx((t) => t.findErasure(`${ws}|e1`))).toMatchObject({ people: done.people, profileIds: ['p1', 'p0'], finishedAt: 3_000, dueAt: 4_000 });
      await tx((t) => t.updateDeliveries([{ deliveryId: 'acme|waits-ana', state: 'cancelled', reason: 'erased', attempt: 0, dueAt: 1_000 }]));
      await erasures.finish((await claim(4_000, 'b'))!, { recipients: [], dueAt: 5_000 }, 4_000);
      const finished = await tx((t) => t.findErasure(`${ws}|e1`));
      expect(finished).toMatchObject({ counts: { ...done.counts, disclosures: 1, deliveries: 3 }, people: [], profileIds: [], finishedAt: 3_000, dueAt: null });
      expect(await tx((t) => t.findDisclosures(ws, ['p1', 'p2']))).toHaveLength(1);
      expect(await claim(99_000, 'a')).toBeNull();
    });

    it('empty what waits in the inbox, and leave what somebody is applying to the tombstone', async () => {
      const record = row.inbox('any').records[0]!;
      const records = ['ana', 'bo'].map((name) => ({ ...record, raw: { email: `${name}@example.com` }, record: row.record({ identities: [email(name)] }) }));
      await store.inbox.append([row.inbox('a', { records })]);
      await store.inbox.claim({ now: 1_000, leaseMs: 500, maxRecords: 10 });
      await tx((t) => t.insertErasure(erasure()));
      expect(await erasures.work((await claim(1_000, 'a'))!, 1_000)).toMatchObject({ step: 'inbox', counts: {}, dueAt: 2_000 });
      expect(await erasures.work((await claim(2_000, 'a'))!, 2_000)).toMatchObject({ step: 'events', counts: { inbox: 1 }, dueAt: 2_000 });
      const { documents } = await store.inbox.claim({ now: 3_000, leaseMs: 500, maxRecords: 10 });
      expect(documents.flatMap((document) => document.records.map(({ raw, refusal }) => [raw, refusal]))).toEqual([[null, 'erased'], [{ email: 'bo@example.com' }, null]]);
    });

    it('have one worker at a time; another goes on when its lease is over, and the former one can write no more', async () => {
      await tx((t) => t.insertErasure(erasure()));
      expect(await claim(999, 'a')).toBeNull();
      expect(await claim(1_000, 'a', 'other-workspace')).toBeNull();
      const first = (await claim(1_000, 'a', ws))!;
      expect(await claim(1_000, 'b')).toBeNull();
      const second = (await claim(31_000, 'b'))!;
      expect([first.fence, second.fence]).toEqual([1, 2]);
      await expect(erasures.work(first, 31_000)).rejects.toThrow(FenceLost);
      await expect(erasures.finish(first, { recipients: [], dueAt: 40_000 }, 31_000)).rejects.toThrow(FenceLost);
      await erasures.save(second, { recipients: [], dueAt: 50_000 });
      expect(await claim(49_999, 'c')).toBeNull();
      expect((await claim(50_000, 'c'))?.row.step).toBe('inbox');
    });
  });
});
