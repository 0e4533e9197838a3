import { askedGate, FenceLost, FLOW_PAUSED, HOLDS_UP_NOTHING, PAUSED_DUE_AT, PUSH_HELD, QUIET_HOURS_RELEASED, type ErasureRow, type ErasureStore, type LaneLease, type QuarantineJobLease, type QuarantineJobRow, type QuarantineQuery, type QuarantineRow, type Store, type StoreTransaction } from '@firsthand/pipeline';
import { row } from '../support/store-rows.js';
import { describeTwins, inserted, meeting, TWIN_WORKSPACE as ws } from '../support/twin-stores.js';

/** What one worker has at a time, until it is done or its lease is over. */
describeTwins('what waits for a worker', (twin) => {
  let store: Store;
  let erasures: ErasureStore;
  beforeEach(() => { ({ store, erasures } = twin()); });
  const tx = <T>(work: (transaction: StoreTransaction) => Promise<T>) => store.transaction(work);
  const lane = { workspaceId: ws, connectionId: 'crm' };

  describe('gates of pushes', () => {
    const place = { workspaceId: ws, connectionId: 'crm', segmentId: 's' };
    const held = { segmentId: 's', reason: PUSH_HELD, dueAt: 99 };

    it('are given by id, each as its next version', async () => {
      const gate = askedGate(place, 49, 7);
      await tx((t) => t.writePushGates([gate]));
      const found = await tx((t) => t.findPushGates([gate.gateId, 'acme|none']));
      expect([...found]).toEqual([[gate.gateId, { ...gate, version: 1 }]]);
    });

    it('know what waits at them, and what is still to come; what waits holds up nothing of other segments', async () => {
      await tx((t) => t.insertDeliveries([
        row.delivery('second', { ...held, profileId: 'p1', createdAt: 2 }), row.delivery('first', { ...held, profileId: 'p2', createdAt: 1 }), row.delivery('other', { ...held, profileId: 'p3', segmentId: 'o' }),
        row.delivery('leaves', { profileId: 'p4', segmentId: 's', class: 'suppression', cause: 'segment-left', dueAt: 99, reason: 'destination-failed', attempt: 1 }),
        row.delivery('takes back', { profileId: 'p5', segmentId: 's', class: 'suppression', cause: 'consent-withdrawn', dueAt: 99 }), row.delivery('night', { profileId: 'p6', segmentId: 's', dueAt: 99, reason: QUIET_HOURS_RELEASED }), row.delivery('paused', { profileId: 'p7', segmentId: 's', dueAt: 99, reason: FLOW_PAUSED }),
        row.delivery('free', { profileId: 'p1', createdAt: 3, dueAt: 10 }), row.delivery('behind', { profileId: 'p4', createdAt: 3, dueAt: 10 }),
      ]));
      const ids = (rows: { deliveryId: string }[]) => rows.map(({ deliveryId }) => deliveryId.slice(ws.length + 1));
      expect(await tx(async (t) => [ids(await t.findHeldDeliveries(place, { createdUpTo: null, limit: 9 })), ids(await t.findHeldDeliveries(place, { createdUpTo: 1, limit: 9 })), ids(await t.findHeldDeliveries(place, { createdUpTo: null, limit: 1 }))])).toEqual([['first', 'second'], ['first'], ['first']]);
      expect(await tx(async (t) => [await t.countPendingChanges(place, 'suppression', 9), await t.countPendingChanges(place, 'data', 9), (await t.findHeldPeople(place, ['p1', 'p3', 'p9']))])).toEqual([1, 0, ['p1']]);
      expect(ids(await store.findDueDeliveries(lane, 50, 10, []))).toEqual(['free']);
      await tx((t) => t.updateDeliveries([{ deliveryId: `${ws}|first`, state: 'pending', reason: null, attempt: 0, dueAt: 5, retryFrom: 5 }]));
      expect(await tx((t) => t.findDeliveries([`${ws}|first`]))).toMatchObject([{ dueAt: 5, retryFrom: 5, reason: null }]);
    });
  });

  it.each(HOLDS_UP_NOTHING)('what waits as `%s` holds up nothing else of its person', async (reason) => {
    await tx((t) => t.insertDeliveries([row.delivery('waits', { profileId: 'p1', attempt: 1, createdAt: 2, dueAt: 99, reason }), row.delivery('free', { profileId: 'p1', createdAt: 3, dueAt: 10 })]));
    expect([await store.findDueDeliveries(lane, 50, 10, []), await store.findDueDeliveries(lane, 99, 10, [])].map((due) => due.map(({ deliveryId }) => deliveryId))).toEqual([[`${ws}|free`], [`${ws}|waits`, `${ws}|free`]]);
  });

  it('lets go what waits of a flow that was paused, some of each at a time, the oldest deliveries first', async () => {
    const held = { flowId: 'f', reason: FLOW_PAUSED, attempt: 2, dueAt: PAUSED_DUE_AT };
    const runs = [row.run('a', { flowId: 'f', dueAt: PAUSED_DUE_AT }), row.run('b', { flowId: 'f', dueAt: PAUSED_DUE_AT }), row.run('c', { flowId: 'f', dueAt: 7 }), row.run('d', { flowId: 'g', dueAt: PAUSED_DUE_AT })];
    await tx(async (t) => {
      await t.insertRuns(runs);
      await t.insertDeliveries([row.delivery('second', { ...held, createdAt: 2 }), row.delivery('first', { ...held, createdAt: 1 }), row.delivery('other', { ...held, flowId: 'h' }), row.delivery('gone', { ...held, flowId: 'i', state: 'cancelled' })]);
    });
    const flows = async () => (await store.findPausedFlows()).map(({ workspaceId, flowId }) => `${workspaceId} ${flowId}`).sort();
    expect(await flows()).toEqual([`${ws} f`, `${ws} g`, `${ws} h`]);
    const resume = () => store.resumeFlow({ workspaceId: ws, flowId: 'f' }, 50, 1);
    await resume();
    expect([(await store.findDueRuns(60, 9)).length, (await store.findDueDeliveries(lane, 60, 9, [])).map(({ deliveryId, attempt, reason, retryFrom, dueAt }) => [deliveryId, attempt, reason, retryFrom, dueAt])]).toEqual([2, [[`${ws}|first`, 2, null, 50, 50]]]);
    await resume();
    await resume();
    expect([(await store.findDueRuns(60, 9)).map(({ runId }) => runId).sort(), await flows()]).toEqual([[`${ws}|a`, `${ws}|b`, `${ws}|c`], [`${ws} g`, `${ws} h`]]);
  });

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
      expect((await store.findWaitingData(lane, 10)).map(({ deliveryId }) => deliveryId).sort()).toEqual(['behind', 'busy', 'first', 'future', 'late'].map((id) => `acme|${id}`));
      expect(await store.findWaitingData(lane, 2)).toHaveLength(2);
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

    it('give rows in flight to another, and tell who takes them out again whose they are', async () => {
      const of = (name: string) => row.delivery(name, { profileId: 'p1', eventId: `${ws}|e-${name}` });
      const block = { blockId: `${ws}|crm|1`, ...lane, rows: [of('a'), of('b'), of('c')] };
      const other = { blockId: `${ws}|crm|2`, ...lane, rows: [of('d')] };
      for (const one of [block, other]) await tx((t) => t.insertInFlight(one));
      for (const name of ['a', 'b']) await tx((t) => t.moveDeliveries(ws, { from: 'p1', to: 'p2', eventIds: [`${ws}|e-${name}`] }));
      await tx((t) => t.moveDeliveries(ws, { from: 'p3', to: 'p4', eventIds: [`${ws}|e-c`] }));
      const told = await tx((t) => t.keepInFlight([{ ...block, rows: [of('b'), of('c')] }, { ...other, rows: [] }]));
      expect([told.get('acme|a'), told.has('acme|c'), told.has('acme|d')]).toEqual(['p2', false, false]);
      expect(await tx((t) => t.keepInFlight([{ ...block, rows: [of('b')] }]))).toEqual(told);
      await expect(tx((t) => t.keepInFlight([{ ...block, rows: [] }, { ...other, rows: [] }]))).rejects.toThrow(FenceLost);
      expect(await tx((t) => t.recoverInFlight(lane))).toBe(1);
      expect((await tx((t) => t.findDeliveries(['acme|b']))).map(({ profileId }) => profileId)).toEqual(['p2']);
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
      await tx(async (t) => { await t.advanceLane(lease, { seq: 1, hash: 'h1', until: 150 }); await t.insertEvidence(block); });
      await expect(tx(async (t) => { await t.advanceLane(lease, { seq: 2, hash: 'h2' }); await t.insertEvidence(block); })).rejects.toMatchObject({ code: 'CONFLICT' });
      await tx((t) => t.advanceLane(lease, { seq: 1, hash: 'h1' }));
      expect(await take('b', 149)).toBeNull();
      expect(await take('b', 150)).toMatchObject({ fence: 2, chainSeq: 1, chainHash: 'h1' });
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

  it('find who has a row at the lane that waits for another try, and until when', async () => {
    await tx((t) => t.insertDeliveries([
      row.delivery('w1', { profileId: 'p1', attempt: 1, dueAt: 2_000 }), row.delivery('w2', { profileId: 'p1', attempt: 1, dueAt: 3_000, reason: 'destination-failed' }), row.delivery('due', { profileId: 'p2', dueAt: 1_500 }),
      row.delivery('night', { profileId: 'p3', attempt: 1, dueAt: 9_000, reason: 'quiet-hours' }), row.delivery('over', { profileId: 'p4', state: 'dead', dueAt: 9_000 }), row.delivery('else', { profileId: 'p5', connectionId: 'esp', dueAt: 9_000 }),
      row.delivery('not-asked', { profileId: 'p6', attempt: 1, dueAt: 9_000 }),
    ]));
    expect(await tx((t) => t.findWaitingPeople({ workspaceId: ws, connectionId: 'crm' }, ['p1', 'p2', 'p3', 'p4', 'p5'], 1_500))).toEqual(new Map([['p1', 3_000]]));
    expect(await tx((t) => t.findWaitingPeople({ workspaceId: ws, connectionId: 'crm' }, [], 1_500))).toEqual(new Map());
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
      await tx((t) => t.writeIdentityLinks([row.identityLink('l1', { keys: ['userId|u9', 'email|ana@example.com'] }), row.identityLink('l2')]));
      expect(await tx((t) => t.removePeople(ws, ['p1', 'p0'], ['email|ana@example.com']))).toEqual({ profiles: 1, identities: 1, identityLinks: 1, consentStates: 1, runs: 1 });
      expect([...(await tx((t) => t.findIdentityLinks([row.identityLink('l1').linkId, row.identityLink('l2').linkId]))).keys()]).toEqual([row.identityLink('l2').linkId]);
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
      // Another is on its way: it is hers as well when it is written down, with the note that it has arrived.
      const sent = row.delivery('sent-ana', { profileId: 'p0' });
      await tx((t) => t.insertInFlight({ blockId: `${ws}|crm|1`, workspaceId: ws, connectionId: 'crm', rows: [sent] }));
      await erasures.finish((await claim(4_000, 'b'))!, { recipients: [], dueAt: 5_000 }, 4_000);
      expect(await tx((t) => t.findErasure(`${ws}|e1`))).toMatchObject({ people: done.people, profileIds: ['p1', 'p0'], dueAt: 5_000 });
      await tx(async (t) => {
        await t.keepInFlight([{ blockId: `${ws}|crm|1`, workspaceId: ws, connectionId: 'crm', rows: [] }]);
        await t.insertDeliveries([{ ...sent, state: 'delivered' }]);
        await t.insertContacts([{ contactId: sent.deliveryId, workspaceId: ws, profileId: 'p0', channel: 'email', at: 4_500 }]);
      });
      await erasures.finish((await claim(5_000, 'b'))!, { recipients: [], dueAt: 6_000 }, 5_000);
      const finished = await tx((t) => t.findErasure(`${ws}|e1`));
      expect(finished).toMatchObject({ counts: { ...done.counts, disclosures: 1, deliveries: 4, contacts: 1 }, people: [], profileIds: [], finishedAt: 3_000, dueAt: null });
      expect(await tx((t) => t.findDisclosures(ws, ['p1', 'p2']))).toHaveLength(1);
      expect(await claim(99_000, 'a')).toBeNull();
    });

    it('find who else is known by an identity, the first before the others, and meet at its row whoever shares it or has it passed on', async () => {
      const [device, phone] = ['anonymousId|tablet', 'phone|+14155550123'];
      const sharing = (profileId: string, createdAt: number, ...sharedKeys: string[]) => ({ profile: row.profile(profileId, { createdAt, ...(sharedKeys.length === 0 ? {} : { sharedKeys }) }), dueAt: null });
      await tx((t) => t.writeProfiles({ inserted: [sharing('p1', 1), sharing('p2', 9, device, phone), sharing('p3', 5, device), sharing('p5', 5, device)], updated: [], deleted: [] }));
      await tx((t) => t.insertIdentities(ws, new Map([[device, 'p1'], [phone, 'p1']]), 1));
      expect(await tx((t) => t.findSharers(ws, [device, phone, 'email|ana@example.com'], ['p1']))).toEqual(new Map([[device, 'p3'], [phone, 'p2']]));
      expect(await tx((t) => t.findSharers(ws, [device, phone], ['p1', 'p2', 'p3']))).toEqual(new Map([[device, 'p5']]));
      expect(await tx((t) => t.findSharers('other', [device], []))).toEqual(new Map());
      const all = await tx((t) => t.findAllSharers(ws, [device, phone, 'email|ana@example.com'], 3));
      expect([...all].map(([key, ids]) => [key, [...ids].sort()]).sort()).toEqual([[device, ['p2', 'p3', 'p5']], [phone, ['p2']]]);
      expect((await tx((t) => t.findAllSharers(ws, [device], 2))).get(device)).toHaveLength(2);
      expect(await tx((t) => t.findAllSharers('other', [device], 3))).toEqual(new Map());
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        await t.findIdentities(ws, [device]);
        if (runs === 1) await tx((other) => other.shareIdentities(ws, new Map([[device, null]])));
        await t.shareIdentities(ws, new Map([[device, 'p3'], [phone, null], ['email|nobody@example.com', null]]));
      });
      expect([runs, await tx((t) => t.findIdentities(ws, [device, phone, 'email|nobody@example.com']))]).toEqual([2, new Map([[device, 'p3'], [phone, 'p1']])]);
    });

    it('mark an identity in one write, and hand it on page by page to all who share it, also who come between and when it is marked again', async () => {
      const device = 'anonymousId|tablet';
      const sharing = (profileId: string, createdAt: number, key = device) => ({ profile: row.profile(profileId, { createdAt, sharedKeys: [key] }), dueAt: null });
      await tx((t) => t.writeProfiles({ inserted: [sharing('p5', 5), sharing('p2', 9), sharing('p3', 5), sharing('p4', 1, 'anonymousId|other'), { profile: row.profile('p1'), dueAt: null }], updated: [], deleted: [] }));
      await tx((t) => t.insertIdentities(ws, new Map([[device, 'p1'], ['anonymousId|other', 'p1']]), 1));
      const ids = ['p1', 'p2', 'p3', 'p4', 'p5'];
      const marked = async (): Promise<string[]> => [...(await tx((t) => t.findProfiles(ws, ids))).values()].filter(({ mustRefold }) => mustRefold === true).map(({ profileId }) => profileId).sort();
      const marks = async (): Promise<string[]> => (await store.findMarks(10)).filter(({ workspaceId }) => workspaceId === ws).map(({ identityKey }) => identityKey);
      const read = async (): Promise<string[]> => [...await store.snapshot((reads) => reads.findMarked(ws, [device, 'anonymousId|other', 'anonymousId|nobody']))];
      const handOn = (now: number): Promise<void> => tx((t) => t.handOnMark(ws, device, 2, now));
      await expect(tx((t) => t.markShared(ws, 'anonymousId|nobody', 1))).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(tx((t) => t.markShared('other', device, 1))).rejects.toMatchObject({ code: 'INTERNAL' });
      await handOn(1);
      expect([await marks(), await read(), await marked()]).toEqual([[], [], []]);
      await tx((t) => t.markShared(ws, device, 2));
      await tx((t) => t.markShared(ws, device, 3));
      expect([await marks(), await read(), await marked()]).toEqual([[device], [device], []]);
      await handOn(4);
      expect([await marked(), (await store.findDueProfiles(4, 10)).filter(({ workspaceId }) => workspaceId === ws).map(({ profileId }) => profileId).sort()]).toEqual([['p3', 'p5'], ['p3', 'p5']]);
      // They are written, and something more is refused before the others' turn.
      await tx((t) => t.writeProfiles({ inserted: [], updated: [sharing('p3', 5), sharing('p5', 5)], deleted: [] }));
      await tx((t) => t.markShared(ws, device, 5));
      await handOn(6);
      expect([await marked(), await marks(), await read()]).toEqual([['p2'], [device], [device]]);
      await handOn(7);
      // Whom it was handed on to is erased: nothing names them there, and nobody is passed over.
      await tx((t) => t.removePeople(ws, ['p5']));
      expect(await marked()).toEqual(['p2', 'p3']);
      await tx((t) => t.writeProfiles({ inserted: [sharing('p6', 5)], updated: [sharing('p3', 5)], deleted: [] }));
      ids.push('p6');
      await handOn(8);
      expect([await marked(), await marks()]).toEqual([['p2', 'p3', 'p6'], [device]]);
      await handOn(9);
      expect([await marks(), await read()]).toEqual([[], []]);
    });

    it('leave an identity that is marked again its turn', async () => {
      const [device, other] = ['anonymousId|tablet', 'anonymousId|other'];
      await tx((t) => t.insertIdentities(ws, new Map([[device, 'p1'], [other, 'p1']]), 1));
      for (const [key, at] of [[device, 2], [other, 3], [device, 4]] as const) await tx((t) => t.markShared(ws, key, at));
      expect((await store.findMarks(10)).map(({ identityKey }) => identityKey)).toEqual([device, other]);
    });

    it('let who shares an identity at the moment at which it is marked run again', async () => {
      const device = 'anonymousId|tablet';
      await tx((t) => t.insertIdentities(ws, new Map([[device, 'p1']]), 1));
      await tx((t) => t.markShared(ws, device, 1));
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        await t.findIdentities(ws, [device]);
        if (runs === 1) await tx((other) => other.markShared(ws, device, 2));
        await t.shareIdentities(ws, new Map([[device, null]]));
      });
      expect(runs).toBe(2);
    });

    it('keep on the row of an identity until when any who share it have agreed, and the mark, whoever it goes to', async () => {
      const [device, other] = ['anonymousId|tablet', 'anonymousId|other'];
      await tx((t) => t.insertIdentities(ws, new Map([[device, 'p1'], [other, 'p1']]), 1));
      await tx((t) => t.noteAgreed(ws, new Map<string, Record<string, number>>([[device, { 'news|own': 5, 'a%2Eb|own': 1 }], ['anonymousId|nobody', { 'news|own': 5 }]])));
      await tx((t) => t.noteAgreed(ws, new Map([[device, { 'news|own': 3, 'ads|own': 4 }]])));
      await tx((t) => t.noteAgreed('other', new Map([[device, { 'news|own': 9 }]])));
      await tx((t) => t.markShared(ws, device, 2));
      await tx((t) => t.moveIdentities([{ moveId: `${ws}|move`, workspaceId: ws, identityKey: device, from: 'p1', to: 'p2', at: 1, causeEventId: null, before: row.profile('p1') }]));
      await tx((t) => t.shareIdentities(ws, new Map([[device, 'p3']])));
      expect(await tx((t) => t.findAgreed(ws, [device, other, 'anonymousId|nobody']))).toEqual(new Map([[device, { 'news|own': 5, 'a%2Eb|own': 1, 'ads|own': 4 }]]));
      expect(await tx((t) => t.findMarked(ws, [device]))).toEqual(new Set([device]));
    });

    it('name nobody who was erased in profiles that disown an identity of theirs', async () => {
      const disowning = row.profile('p2', { identities: [email('bo')], mergedFrom: ['p3'], disowned: ['email|ana@example.com', 'email|cy@example.com'] });
      const having = row.profile('p4', { identities: [email('ana')] });
      await tx((t) => t.writeProfiles({ inserted: [{ profile: disowning, dueAt: null }, { profile: having, dueAt: null }], updated: [], deleted: [] }));
      expect(await tx((t) => t.maskDisowned(ws, new Map([['email|ana@example.com', 'erased|x'], ['email|dee@example.com', 'erased|y']])))).toEqual(['p2', 'p3']);
      expect((await tx((t) => t.findProfiles(ws, ['p2']))).get('p2')).toEqual({ ...disowning, disowned: ['erased|x', 'email|cy@example.com'] });
      // Who has it as their own is not touched.
      expect((await tx((t) => t.findProfiles(ws, ['p4']))).get('p4')).toEqual(having);
      expect(await tx((t) => t.maskDisowned(ws, new Map([['email|dee@example.com', 'erased|y']])))).toEqual([]);
    });

    it('keep how people were before merges and moves, and take what is written instead', async () => {
      const [one, two] = [row.profile('p2', { identities: [email('bo')] }), row.profile('p3', { identities: [email('ana')] })];
      await tx((t) => t.insertIdentities(ws, new Map([['email|ana@example.com', 'p2']]), 1));
      await tx((t) => t.insertMerges([{ mergeId: `${ws}|m`, workspaceId: ws, winner: 'p2', loser: 'p3', at: 1, causeEventId: null, before: { winner: one, loser: two } }]));
      await tx((t) => t.moveIdentities([{ moveId: `${ws}|v`, workspaceId: ws, identityKey: 'email|ana@example.com', from: 'p2', to: 'p1', at: 2, causeEventId: null, before: one }]));
      const copiesOf = async (...ids: string[]) => (await tx((t) => t.findCopies(ws, ids))).sort((a, b) => (a.copyId < b.copyId ? -1 : 1));
      const [merge, move] = [{ copyId: `${ws}|m`, loser: 'p3', before: { winner: one, loser: two } }, { copyId: `${ws}|v`, loser: 'p2', movedKey: 'email|ana@example.com', before: { loser: one } }];
      expect([await copiesOf('p2'), await copiesOf('p1'), await copiesOf('p3', 'p9'), await copiesOf()]).toEqual([[merge, move], [move], [merge], []]);
      const nobody = { ...two, identities: [] };
      await tx((t) => t.writeCopies(ws, [{ ...merge, before: { winner: one, loser: nobody } }, { ...move, movedKey: 'erased|x', before: { loser: nobody } }]));
      expect((await tx((t) => t.findMerge(ws, 'p3')))?.before).toEqual({ winner: one, loser: nobody });
      expect((await tx((t) => t.findJournal(ws, ['p2']))).moves.map(({ key }) => key)).toEqual(['erased|x']);
      expect((await copiesOf('p1'))[0]?.before).toEqual({ loser: nobody });
    });

    it('meet whoever notes a disclosure at that moment, the first one of its place or another, and leave what is noted as it is', async () => {
      for (const identifiers of [[{ email: 'one' }], [{ email: 'two' }]]) {
        let runs = 0;
        await tx(async (t) => {
          runs += 1;
          await t.findDisclosures(ws, ['p1']);
          if (runs === 1) await tx((other) => other.meetDisclosures([row.disclosure(), row.disclosure(), row.disclosure({ profileId: 'p9' })]));
          await t.addDisclosures([row.disclosure({ identifiers })]);
        });
        expect(runs).toBe(2);
      }
      expect(await tx((t) => t.findDisclosures(ws, ['p1', 'p9']))).toEqual([row.disclosure({ identifiers: [{ email: 'one' }, { email: 'two' }] })]);
    });

    it('meet whoever notes a place in an audience at that moment, and leave what is noted as it is', async () => {
      const place = { workspaceId: ws, connectionId: 'crm', action: 'audience', profileId: 'p1' };
      await tx((t) => t.writeAudienceMembers([{ ...place, sets: [] }]));
      let runs = 0;
      await tx(async (t) => {
        runs += 1;
        const [known] = await t.findAudienceMembers(ws, ['p1']);
        if (runs === 1) await tx((other) => other.meetAudienceMembers([{ ...place, sets: [] }, { ...place, profileId: 'p9', sets: [] }]));
        await t.writeAudienceMembers([{ ...known!, sets: [{ identifiers: { email: 'one' }, state: 'in', digest: null, at: 1, deliveryId: '', holders: [] }] }]);
      });
      expect([runs, (await tx((t) => t.findAudienceMembers(ws, ['p1', 'p9']))).map(({ profileId, sets }) => [profileId, sets.length])]).toEqual([2, [['p1', 1]]]);
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
