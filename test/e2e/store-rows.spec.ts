import { FenceLost, type DisclosureGround, type StoreTransaction } from '@firsthand/pipeline';
import { eraseRawRecords, readRawRecords, type ConnectedStore } from '@firsthand/persistence';
import { closeStore, deleteDocuments, openEmptyStore } from '../support/empty-databases.js';
import { row } from '../support/store-rows.js';

const ws = 'acme';
const lane = { workspaceId: ws, connectionId: 'crm' };
let connected: ConnectedStore;

beforeAll(async () => { connected = await openEmptyStore(); });
afterEach(() => deleteDocuments(connected.connection.getClient().db(connected.connection.name)));
afterAll(() => closeStore(connected));

const tx = <T>(work: (transaction: StoreTransaction) => Promise<T>) => connected.store.transaction(work);

describe('rows', () => {
  it('keeps events and, apart and for their own time, their raw records', async () => {
    const events = [row.event('e1', { raw: { $where: { 'a.b': '\0' } } }), row.event('e2', { raw: null })];
    await tx((t) => t.insertEvents(events));
    expect(await tx((t) => t.findEventIds(['acme|e1', 'acme|e3']))).toEqual(new Set(['acme|e1']));
    expect((await tx((t) => t.findEvents(['acme|e1']))).get('acme|e1')).toEqual({ ...events[0], raw: null });
    expect(await readRawRecords(connected.collections, ['acme|e1', 'acme|e2'])).toEqual(new Map([['acme|e1', { $where: { 'a.b': '\0' } }]]));
    await eraseRawRecords(connected.collections, ['acme|e1']);
    expect(await readRawRecords(connected.collections, ['acme|e1'])).toEqual(new Map());
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
    await tx((t) => t.writeProfiles({ inserted: [{ profile: row.profile('p4'), dueAt: null }, { profile: row.profile('p9'), dueAt: null }], updated: [], deleted: [] }));
    const rootsOf = async (ids: string[]) => [...(await tx((t) => t.findProfiles(ws, ids)))].map(([asked, { profileId }]) => [asked, profileId]);
    expect((await rootsOf(['p1', 'p2', 'p3', 'p4', 'p0'])).sort()).toEqual([['p1', 'p4'], ['p2', 'p4'], ['p3', 'p4'], ['p4', 'p4']]);
    expect(await tx((t) => t.findIdentities(ws, ['a|1', 'a|2', 'a|9', 'a|0']))).toEqual(new Map([['a|1', 'p1'], ['a|2', 'p2'], ['a|9', 'p9']]));
    expect(await connected.collections.aliases.distinct('to')).toEqual(['p4']);
    await tx((t) => t.insertMerges([merge('p8', 'p7'), merge('p7', 'p6'), merge('p6', 'p5')]));
    expect(await connected.collections.aliases.distinct('to')).toEqual(['p4', 'p8']);
    await connected.collections.aliases.insertOne({ _id: `${ws}|p8`, schemaVersion: 1, workspaceId: ws, to: 'p9' });
    expect((await rootsOf(['p5', 'p1'])).sort()).toEqual([['p1', 'p4'], ['p5', 'p9']]);
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
    const ground: DisclosureGround = { purpose: 'service', reason: 'basis-contract', agreementId: null, agreementVersion: null, recipient: 'processor', country: null, recipientName: 'CRM', fields: ['email'], firstAt: 9, lastAt: 9 };
    await tx(async (t) => {
      await t.insertConsentRecords([row.consent('r1'), row.consent('r2', { identityKey: 'phone|+336' })]);
      await t.writeConsentStates(ws, new Map([['p1', state as never]]));
      await t.addDisclosures([row.disclosure()]);
      await t.addDisclosures([row.disclosure({ purposes: ['service'], fields: ['email', 'phone'], firstAt: 9, grounds: [ground] }), row.disclosure({ connectionId: 'ads' })]);
      await t.addDisclosures([row.disclosure({ grounds: [{ ...ground, recipientName: 'Our CRM', fields: ['phone'], firstAt: 4, lastAt: 6 }] })]);
    });
    await connected.collections.tombstones.insertOne({ _id: `${ws}|dead`, schemaVersion: 1, workspaceId: ws, keyId: 'k', createdAt: 1 });
    await tx(async (t) => {
      expect(await t.findConsentRecords(ws, ['email|ana@example.com'])).toEqual([row.consent('r1')]);
      expect(await t.findConsentRecords('other', ['email|ana@example.com'])).toEqual([]);
      expect(await t.findConsentStates(ws, ['p1', 'p2'])).toEqual(new Map([['p1', state]]));
      expect(await t.findTombstones(ws, ['dead', 'alive'])).toEqual(new Set(['dead']));
      for (const digests of [['none'], ['spelled', 'dead'], ['dead']]) await t.widenTombstone(ws, digests, ['along'], 2);
      expect(await t.findTombstones(ws, ['dead', 'along', 'none', 'spelled'])).toEqual(new Set(['dead', 'along']));
      expect(await t.findDisclosures(ws, ['p1'])).toHaveLength(2);
      expect(await t.findDisclosures(ws, ['p1'], 'crm')).toEqual([row.disclosure({ purposes: ['marketing', 'service'], fields: ['email', 'phone'], grounds: [{ ...ground, recipientName: 'Our CRM', fields: ['email', 'phone'], firstAt: 4 }] })]);
    });
  });
});

describe('due rows', () => {
  it('finds the due deliveries of a lane by age and seq, without the people that are busy', async () => {
    const rows = [
      row.delivery('retried', { createdAt: 1_000, dueAt: 5_000, attempt: 2, profileId: 'p1', seq: 1 }),
      row.delivery('b', { createdAt: 1_001, dueAt: 1_001, profileId: 'p1', seq: 3 }), row.delivery('a', { createdAt: 1_001, dueAt: 1_001, profileId: 'p1', seq: 2 }),
      row.delivery('old', { createdAt: 900, dueAt: 900, profileId: 'p3' }), row.delivery('c', { createdAt: 1_002, dueAt: 1_002, profileId: 'p2' }), row.delivery('done', { state: 'delivered' }), row.delivery('elsewhere', { connectionId: 'ads', dueAt: 8_000 }),
    ];
    await tx((t) => t.insertDeliveries(rows));
    const names = (found: readonly { deliveryId: string }[]) => found.map(({ deliveryId }) => deliveryId.slice(5));
    const { store } = connected;
    expect(names(await store.findDueDeliveries(lane, 2_000, 9, []))).toEqual(['old', 'c']);
    expect(names(await store.findDueDeliveries(lane, 5_000, 9, []))).toEqual(['old', 'retried', 'a', 'b', 'c']);
    expect(names(await store.findDueDeliveries(lane, 5_000, 3, []))).toEqual(['old', 'retried', 'a']);
    expect(await store.findDueDeliveries(lane, 5_000, 9, ['p1'])).toEqual([rows[3], rows[4]]);
    await tx((t) => t.updateDeliveries([
      { deliveryId: 'acme|retried', state: 'delivered', reason: null, attempt: 2, dueAt: 5_000 }, { deliveryId: 'acme|a', state: 'dead', reason: 'x', attempt: 4, dueAt: 1_001 },
    ]));
    expect(names(await store.findDueDeliveries(lane, 2_000, 9, []))).toEqual(['old', 'b', 'c']);
  });

  it('finds who is due behind many people who wait, and lets no fresh row overtake a due retry', async () => {
    const people = Array.from({ length: 100 }, (_, i) => `w${i}`);
    await tx((t) => t.insertDeliveries([
      ...people.map((profileId, i) => row.delivery(`first-${i}`, { profileId, seq: 1, attempt: 1, dueAt: 9_000 })),
      ...people.map((profileId, i) => row.delivery(`next-${i}`, { profileId, seq: 2, createdAt: 1_001 })),
      row.delivery('free', { profileId: 'free', createdAt: 1_002 }),
      ...people.slice(0, 5).map((_, i) => row.delivery(`young-${i}`, { profileId: `y${i}`, createdAt: 3_000, attempt: 1, dueAt: 8_000 })),
    ]));
    expect((await connected.store.findDueDeliveries(lane, 2_000, 5, [])).map(({ deliveryId }) => deliveryId)).toEqual(['acme|free']);
    const due = await connected.store.findDueDeliveries(lane, 9_000, 5, []);
    expect(due.map(({ deliveryId }) => deliveryId)).toEqual([0, 1, 2, 3, 4].map((i) => `acme|young-${i}`));
  });

  it('finds what is due at one time by its age, whichever was stored first', async () => {
    await tx((t) => t.insertDeliveries([row.delivery('younger', { seq: 2, attempt: 1, dueAt: 5_000 }), row.delivery('elder', { seq: 1, attempt: 1, dueAt: 5_000 })]));
    expect((await connected.store.findDueDeliveries(lane, 5_000, 1, [])).map(({ deliveryId }) => deliveryId)).toEqual(['acme|elder']);
  });

  it('keeps a row that is taken up again behind the same person\'s elder that waits', async () => {
    await tx((t) => t.insertDeliveries([
      row.delivery('elder', { profileId: 'p1', seq: 1, attempt: 2, dueAt: 5_000 }), row.delivery('replayed', { profileId: 'p1', seq: 2, attempt: 1, dueAt: 1_000 }), row.delivery('other', { profileId: 'p2', attempt: 1, dueAt: 1_500 }),
    ]));
    expect((await connected.store.findDueDeliveries(lane, 2_000, 1, [])).map(({ deliveryId }) => deliveryId)).toEqual(['acme|other']);
    expect((await connected.store.findDueDeliveries(lane, 5_000, 9, [])).map(({ deliveryId }) => deliveryId).sort()).toEqual(['acme|elder', 'acme|other', 'acme|replayed']);
  });

  it('finds what takes something back ahead of all else, also of people who wait, and alone where nothing else is to go', async () => {
    const takeBack = { class: 'suppression', operation: 'removeMembers', cause: 'consent-withdrawn', seq: 9 } as const;
    await tx((t) => t.insertDeliveries([
      row.delivery('old', { profileId: 'p1', createdAt: 1 }), row.delivery('waits', { profileId: 'p2', attempt: 1, dueAt: 9_000 }), row.delivery('left', { ...takeBack, profileId: 'p3', cause: 'segment-left', createdAt: 2 }),
      row.delivery('back-1', { ...takeBack, profileId: 'p1', dueAt: 1_500 }), row.delivery('back-2', { ...takeBack, profileId: 'p2', attempt: 3, dueAt: 1_400 }), row.delivery('later', { ...takeBack, profileId: 'p4', dueAt: 9_000 }),
      row.delivery('elsewhere', { ...takeBack, profileId: 'p5', connectionId: 'ads', dueAt: 3_000 }),
    ]));
    const { store } = connected;
    const names = async (limit: number, busy: string[] = [], takeBacksOnly = false) => (await store.findDueDeliveries(lane, 2_000, limit, busy, takeBacksOnly)).map(({ deliveryId }) => deliveryId.slice(5));
    expect([await names(9), await names(2), await names(9, ['p2']), await names(9, [], true)]).toEqual([['back-2', 'back-1', 'left'], ['back-2', 'back-1'], ['back-1', 'left'], ['back-2', 'back-1']]);
    const ads = { ...lane, connectionId: 'ads' };
    expect([await store.hasDueTakeBacks(lane, 2_000), await store.hasDueTakeBacks(ads, 2_999), await store.hasDueTakeBacks(ads, 3_000)]).toEqual([true, false, true]);
  });

  it('finds each lane with a due row once, over all workspaces', async () => {
    await tx((t) => t.insertDeliveries([
      row.delivery('1'), row.delivery('2', { seq: 2 }), row.delivery('3', { connectionId: 'ads', dueAt: 9_000, createdAt: 1 }), row.delivery('4', { connectionId: 'ads', dueAt: 2_000 }),
      row.delivery('5', { connectionId: 'later', dueAt: 9_000, attempt: 1 }), row.delivery('8', { connectionId: 'retry', dueAt: 2_000, attempt: 1 }), row.delivery('6', { connectionId: 'done', state: 'delivered' }),
      row.delivery('7', { deliveryId: 'zeta|7', workspaceId: 'zeta' }),
    ]));
    expect(await connected.store.findDueLanes(2_000)).toEqual([
      { workspaceId: ws, connectionId: 'ads' }, lane, { workspaceId: 'zeta', connectionId: 'crm' }, { workspaceId: ws, connectionId: 'retry' },
    ]);
  });

  it('keeps rows in flight until they come back, and makes pending ones of what is left for the next holder of the lane', async () => {
    const { store, collections } = connected;
    const rows = ['1', '2', '3'].map((name) => row.delivery(name));
    const block = { ...lane, blockId: `${ws}|crm|7`, rows };
    await tx((t) => t.insertInFlight(block));
    await tx((t) => t.insertInFlight({ ...lane, connectionId: 'crm2', blockId: `${ws}|crm2|1`, rows: [row.delivery('4', { connectionId: 'crm2' })] }));
    expect([await store.hasInFlight(lane), await store.hasInFlight({ ...lane, connectionId: 'cr' })]).toEqual([true, false]);
    expect([await store.findDueLanes(10_999), await store.findDueLanes(11_000)]).toEqual([[], [lane, { ...lane, connectionId: 'crm2' }]]);
    await tx((t) => t.keepInFlight([{ ...block, rows: rows.slice(1) }]));
    expect(await collections.inFlight.findOne({ _id: block.blockId })).toMatchObject({ tallies: [{ minute: 0, count: 2 }] });
    expect(await tx((t) => t.recoverInFlight(lane))).toBe(2);
    expect((await store.findDueDeliveries(lane, 2_000, 9, [])).map(({ deliveryId }) => deliveryId)).toEqual(['acme|2', 'acme|3']);
    expect(await collections.deliveries.countDocuments({ state: 'pending' })).toBe(2);
    expect([await tx((t) => t.recoverInFlight(lane)), await store.hasInFlight(lane)]).toEqual([0, false]);
    for (const left of [rows.slice(2), []]) await expect(tx((t) => t.keepInFlight([{ ...block, rows: left }]))).rejects.toThrow(FenceLost);
    await tx((t) => t.keepInFlight([{ ...lane, connectionId: 'crm2', blockId: `${ws}|crm2|1`, rows: [] }]));
    expect(await collections.inFlight.countDocuments({})).toBe(0);
  });

  it('finds due profiles and runs, earliest first', async () => {
    await tx((t) => t.writeProfiles({ inserted: [3, 1, 2, null].map((dueAt, i) => ({ profile: row.profile(`p${i}`), dueAt })), updated: [], deleted: [] }));
    await tx((t) => t.insertRuns([row.run('r1', { dueAt: 7 }), row.run('r2', { dueAt: 6 }), row.run('r3', { dueAt: 8 })]));
    expect(await connected.store.findDueProfiles(2, 10)).toEqual([{ workspaceId: ws, profileId: 'p1' }, { workspaceId: ws, profileId: 'p2' }]);
    expect(await connected.store.findDueProfiles(9, 1)).toEqual([{ workspaceId: ws, profileId: 'p1' }]);
    expect(await connected.store.findDueRuns(7, 10)).toEqual([row.run('r2', { dueAt: 6 }), row.run('r1', { dueAt: 7 })]);
    await tx((t) => t.takeRuns(['acme|r1', 'acme|r2'], 1e15));
    expect(await connected.store.findDueRuns(9, 10)).toHaveLength(1);
  });
});
