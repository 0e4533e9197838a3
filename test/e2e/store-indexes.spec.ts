import { randomUUID } from 'node:crypto';
import { createAbility } from '@firsthand/access';
import { createDictionary } from '@firsthand/domain';
import { connectStore, createBalanceReportStore, createChangeLog, createConfigurationRepository, createFreshnessStore, createMatchStore, createQualityStore, migrate, queueAgeMs, readQuarantine, readRawRecords, recentOutcomes, type ConnectedStore } from '@firsthand/persistence';
import { heldAtGate, type LaneLease, type MatchLease, type QuarantineJobLease, type QuarantineQuery } from '@firsthand/pipeline';
import { newestRaws } from '../../apps/host/src/admin/mappings/newest-raws.js';
import { readCurves, readLatest } from '../../apps/host/src/admin/quality/read-results.js';
import { listGroups } from '../../apps/host/src/admin/quarantine/quarantine-groups.js';
import { hasWaitingRecords } from '../../apps/host/src/worker/has-waiting-records.js';
import { row } from '../support/store-rows.js';

/** One entry of MongoDB's profiler. */
interface Profiled {
  ns: string;
  op: string;
  planSummary?: string;
  hasSortStage?: boolean;
  docsExamined?: number;
  keysExamined?: number;
  command: { find?: string; filter?: object; insert?: string; aggregate?: string; writeConcern?: object };
}

const ws = 'acme';
const lane = { workspaceId: ws, connectionId: 'crm' };
let connected: ConnectedStore;

beforeAll(async () => {
  connected = await connectStore({ uri: process.env.MONGODB_URI as string, databaseName: `plans-${randomUUID()}`, log: { info: () => undefined, warn: () => undefined } });
  await migrate(connected.connection);
});
afterAll(async () => {
  await connected.connection.dropDatabase();
  await connected.close();
});

/** What the server did for the work, as its profiler saw it. */
async function profiled(work: () => Promise<unknown>): Promise<Profiled[]> {
  const db = connected.connection.getClient().db(connected.connection.name);
  await db.command({ profile: 2 });
  await work();
  await db.command({ profile: 0 });
  return db.collection<Profiled>('system.profile').find({ ns: { $not: /system\.profile/ } }).toArray();
}

/** What counts quality, judges it and reports of it. */
async function useQuality({ store, connection, collections }: ConnectedStore): Promise<void> {
  const place = { expectationId: 'e', stamp: 's', connectionId: 'web' };
  const names = Array.from({ length: 30 }, (_, index) => `d${index}`);
  await store.transaction((tx) => tx.insertQualityCounts({ workspaceId: ws, at: 1, counts: [{ ...place, at: 9e12, checked: 30, failed: 0, lastAt: 1, asked: names, asks: { kind: 'unseen', keptMs: 9e12 } }], known: [] }));
  const quality = createQualityStore(connection);
  await quality.compact(ws);
  const [state = null] = await quality.findStates(ws);
  await quality.findBuckets({ ...place, workspaceId: ws }, [9e12]);
  const about = { workspaceId: ws, expectationId: 'e', connectionId: 'web' };
  for (let n = 0; n < 30; n += 1) {
    await quality.save({
      state: n === 0 ? state : null, result: { ...about, hour: 9e12 + n * 3_600_000, kind: 'range', severity: 'info', event: null, field: 'order.total', score: 0, last: { status: 'failing', score: 0, checked: 1, failed: 1, observed: 1, expected: 0 } },
      alert: { ...about, alertId: `${ws}|a${n}`, tidings: 'failing', to: 'ops', content: { name: 'E', kind: 'range', severity: 'info', event: null, field: null, checked: 1, failed: 1, observed: 1, expected: 0 }, createdAt: 9e12 + n, attempt: 0, dueAt: n % 2 === 0 ? n + 1 : null, end: null },
    });
  }
  await quality.findDueAlerts(ws, 5);
  await quality.settleAlert({ alertId: `${ws}|a0`, attempt: 1, dueAt: null, end: { at: 1, as: 'told' } });
  await readCurves(collections, { workspaceId: ws, from: 9e12, to: 9.1e12, every: 'hour', by: 'field' });
  await readLatest(collections, ws, 9e12);
  await collections.qualityAlerts.find({ workspaceId: ws, createdAt: { $gte: 9e12, $lte: 9.1e12 } }, { sort: { createdAt: -1 }, limit: 5 }).toArray();
}

/** Every method of the store once, on rows that are there and rows that are not. */
async function useEverything({ store, collections }: ConnectedStore): Promise<void> {
  const names = Array.from({ length: 30 }, (_, i) => `n${i}`);
  await store.inbox.append(names.map((name) => row.inbox(name)));
  const { token, documents } = await store.inbox.claim({ now: 2_000, leaseMs: 10, maxRecords: 10 });
  await store.inbox.claim({ now: 2_000, leaseMs: 10, maxRecords: 10, workspaceId: ws, partition: 0 });
  const ids = documents.map(({ inboxId }) => inboxId);
  await store.inbox.extend(token, ids, 2_020);
  await store.inbox.release(token, ids.slice(0, 1), 9_000);
  await store.inbox.hasDue(2_000);
  const lease = (await store.acquireLane(lane, 'me', 2_000, 1_000)) as LaneLease;
  await store.acquireLane(lane, 'you', 2_000, 1_000);
  await store.extendLane(lease, 3_000);
  const profiles = names.map((name, i) => ({ profile: row.profile(name), dueAt: i % 2 ? 1_000 + i : null }));
  await store.transaction(async (t) => {
    await t.finishInbox([{ token, inboxIds: ids.slice(1) }]);
    await t.findEventIds([`${ws}|n1`]);
    await t.insertEvents(names.map((name) => row.event(name)));
    await t.findEvents([`${ws}|n1`]);
    await t.insertIdentities(ws, new Map(names.map((name) => [`userId|${name}`, name])), 1);
    await t.findIdentities(ws, names.map((name) => `userId|${name}`));
    await t.writeProfiles({ inserted: profiles, updated: [], deleted: [] });
    await t.writeProfiles({ inserted: [], updated: profiles.slice(0, 20), deleted: [{ workspaceId: ws, profileId: 'n29' }] });
    await t.findProfiles(ws, names);
    await t.insertMerges([{ mergeId: `${ws}|m`, workspaceId: ws, winner: 'n1', loser: 'n29', at: 1, causeEventId: null, before: { winner: row.profile('n1'), loser: row.profile('n29') } }]);
    await t.findProfiles(ws, ['n29']);
    await t.writeIdentityLinks(names.map((name, at) => row.identityLink(name, { at })));
    await t.findIdentityLinks([`${ws}|n1`]);
    for (const [at, name] of names.entries()) await t.writeMatch(row.matchSuggestion(name, { probability: at / 100 }));
    await t.findMatch(`${ws}|n1`);
    await t.outdateMatches(ws, ['n1', 'n2'], { states: ['open'], at: 1 });
    await t.findIdentitiesOf(ws, names);
    await t.findJournal(ws, ['n1', 'n29']);
    await t.findMerge(ws, 'n29');
    await t.countPending(lane, names);
    await t.findWaitingPeople(lane, names, 1);
    await t.takeLane(lane, 'you', 2_000, 1_000);
    await t.insertConsentRecords(names.map((name) => row.consent(name)));
    await t.findConsentRecords(ws, ['email|ana@example.com']);
    await t.writeConsentStates(ws, new Map(names.map((name) => [name, {}])));
    await t.findConsentStates(ws, names);
    await t.findTombstones(ws, ['x']);
    await t.addDisclosures([row.disclosure()]);
    await t.findDisclosures(ws, names, 'crm');
    await t.insertDeliveries(names.map((name, i) => row.delivery(name, { profileId: name, seq: i, attempt: i % 3 ? 0 : 1, dueAt: 1_000 + 100 * i, state: i % 4 ? 'pending' : 'delivered' })));
    await t.findPendingAdditions(ws, ['n1'], ['vips']);
    await t.writeAudienceMembers([{ ...lane, action: 'audience', profileId: 'n1', sets: [] }]);
    await t.findAudienceMembers(ws, ['n1'], 'crm');
    await t.findAudienceMembers(ws, ['n1']);
    await t.findAudienceMembersByKey({ ...lane, action: 'audience' }, ['k']);
    await t.writeSyncStates([{ ...lane, profileId: 'n1', names: [], fields: {} }]);
    await t.findSyncStates(ws, ['n1'], ['crm']);
    await t.findPendingRemovals(ws, ['n1', 'n2']);
    await t.findErases(ws, ['n1', 'n2']);
    await t.findPendingData(ws, ['n1']);
    await t.findPendingData(ws, ['n1'], 'crm');
    await t.insertInFlight({ ...lane, blockId: `${ws}|crm|1`, rows: [row.delivery('f1'), row.delivery('f2')] });
    await t.keepInFlight([{ ...lane, blockId: `${ws}|crm|1`, rows: [row.delivery('f1')] }]);
    await t.recoverInFlight(lane);
    await t.updateDeliveries([{ deliveryId: `${ws}|n1`, state: 'delivered', reason: null, attempt: 0, dueAt: 1 }]);
    await t.insertRuns(names.map((name) => row.run(name)));
    await t.takeRuns([`${ws}|n1`], 2_000);
    await t.replaceRuns([row.run('n2', { profileId: 'n2' }), row.run('n3', { dueAt: null, end: { as: 'ended', stepId: null, at: 1 } })]);
    await t.findWaitingRuns(ws, names);
    await t.writeFlowEntries([{ entryId: `${ws}|e`, workspaceId: ws, profileId: 'n1', at: 1 }]);
    await t.findFlowEntries([`${ws}|e`]);
    await t.insertContacts(names.map((name) => ({ contactId: `${ws}|${name}`, workspaceId: ws, profileId: name, channel: 'email', at: 1_000 })));
    await t.findContacts(ws, names, 500);
    await t.insertStepCounts([{ workspaceId: ws, flowId: 'f', flowVersion: 1, counts: [{ stepId: 's', outcome: 'entered', count: 1 }] }], 0);
    await t.compactStepCounts(ws, 3_600_000, 5);
    await t.deleteContacts([`${ws}|n3`]);
    await t.findRuns([`${ws}|n2`]);
    await t.answerRuns([{ workspaceId: ws, runId: `${ws}|n2`, deliveryId: `${ws}|n2`, result: { ok: true, answer: '{}' } }], 1);
    await t.findEventsAfter(ws, names, ['Order Completed'], 0);
    await t.writeSchedule({ workspaceId: ws, flowId: 'f', flowVersion: 1, pattern: 'UTC 0 9 * * *', nextAt: 1, running: null });
    await t.findSchedules(ws);
    await t.deleteSchedules(ws, ['f']);
    await t.findProfileIds(ws, 'n1', 5);
    await t.findListed(ws, 'guests', 'n1', 5);
    await t.insertChanges([{ workspaceId: ws, profileId: 'n1', version: 1, at: 1, changedFields: [], memberships: [] }]);
    await t.insertLedger(ws, [{ connectionId: 'web', minute: 0, counts: { received: 1 } }]);
    await t.insertFreshness({ ...lane, counts: [{ source: 'web', minute: 0, latency: { count: 1, maxMs: 5, negative: 0, buckets: { 17: 1 } } }] }, 1);
    await t.advanceLane(lease, { seq: 1, hash: 'h' });
    await t.insertQuarantineJob({ jobId: `${ws}|job`, workspaceId: ws, kind: 'release', selection: {}, connectionIds: null, startsFlows: false, reason: null, perSecond: null, by: { kind: 'user', id: 'u' }, startedAt: 1, after: null, counts: {}, dueAt: 1, end: null });
    await t.insertInbox([row.inbox('again')]);
    await t.insertEvidence({ ...lane, seq: 1, previousHash: '', hash: 'h', evaluatedAt: 1, content: '{"evidence":[],"outcomes":[]}', deliveryIds: [`${ws}|n1`] });
  });
  await store.findDueDeliveries(lane, 2_000, 5, ['n2']);
  await store.findDueDeliveries(lane, 2_000, 5, ['n2'], true);
  await store.hasDueTakeBacks(lane, 2_000);
  await store.findFresh(lane, { now: 2_000, after: 500, limit: 5 });
  await store.findWaitingData(lane, 5);
  await store.findDueLanes(2_000);
  await store.hasInFlight(lane);
  await store.findDueProfiles(2_000, 5);
  await store.findDueRuns(2_000, 5);
  await store.findPausedFlows();
  await store.resumeFlow({ workspaceId: ws, flowId: 'f' }, 2_000, 5);
  await store.listSchedules();
  const work = (await store.claimQuarantineJob({ now: 2_000, until: 3_000, holder: 'me' })) as QuarantineJobLease;
  await store.transaction((t) => t.writeQuarantineJob(work, work.job, 3_000));
  await store.releaseQuarantineJob(work, 4_000);
  await queueAgeMs(collections, lane, 2_000);
  await recentOutcomes(collections, lane, 0);
  const told = names.map((name) => ({ blockId: `${ws}|${name}`, workspaceId: ws, at: 1, keptUntil: 9e12, changes: [{ profileId: name, version: 1, kind: 'membership' as const, segmentId: 's', isMember: true }] }));
  await store.transaction(async (t) => { for (const block of told) await t.insertChangeBlock(block); });
  await store.hasOpenChanges(ws);
  await store.syncs.stopped(ws);
  await store.syncs.stopped(ws, 'crm', 'crm|n0');
  await store.syncs.markTold(ws, await store.syncs.countStopped(ws, { connectionId: 'crm' }), 1);
  await store.syncs.release(ws, 'crm', 'n1', 'phone');
  await store.transaction(async (t) => t.numberChanges(ws, await t.findOpenChanges(ws, 20)));
  const log = createChangeLog(collections);
  await Promise.all([log.last(ws), log.oldest(ws), log.read(ws, 3, 10), log.read(ws, 3, 10, 2)]);
  await store.releaseLane(lease);
  await readRawRecords(collections, [`${ws}|n1`]);
  // What the admin plane and erasure ask for.
  await collections.events.find({ workspaceId: ws, profileId: 'n1' }).sort({ 'record.occurredAt': -1 }).toArray();
  await collections.events.find({ workspaceId: ws, 'record.name': 'Order Completed' }).sort({ 'record.occurredAt': -1 }).toArray();
  await collections.deliveries.find({ workspaceId: ws, profileId: 'n1' }).sort({ seq: 1 }).toArray();
  await collections.deliveries.find({ workspaceId: ws }).sort({ createdAt: -1, _id: -1 }).limit(5).toArray();
  await collections.evidence.find({ workspaceId: ws, deliveryIds: { $in: [`${ws}|n1`] } }).toArray();
  await collections.identities.find({ workspaceId: ws, profileId: 'n1' }).toArray();
  await collections.identityLinks.find({ workspaceId: ws, state: { $eq: 'pending' } }).sort({ at: 1, _id: 1 }).limit(5).toArray();
  await collections.identityLinks.find({ workspaceId: ws, state: { $eq: 'pending' }, at: { $gte: 3 }, $or: [{ at: { $gt: 3 } }, { _id: { $gt: `${ws}|n3` } }] }).sort({ at: 1, _id: 1 }).limit(5).toArray();
  await collections.identityLinks.find({ workspaceId: ws, keys: { $in: ['userId|n1'] } }).toArray();
  await collections.matchSuggestions.find({ workspaceId: ws, state: { $eq: 'open' } }).sort({ probability: -1, _id: 1 }).limit(5).toArray();
  await collections.matchSuggestions.find({ workspaceId: ws, state: { $eq: 'open' }, probability: { $lte: 0.1 }, $or: [{ probability: { $lt: 0.1 } }, { _id: { $gt: `${ws}|n3` } }] }).sort({ probability: -1, _id: 1 }).limit(5).toArray();
  await matchEverything(connected, names);
  await collections.quarantine.find({ workspaceId: ws, connectionId: 'web' }).sort({ quarantinedAt: -1 }).toArray();
  await newestRaws({ collections, operatorDays: { quarantine: 30, deliveries: null }, clock: () => 2_000 }, ws, { connectionId: 'web', source: { emits: ['Order Completed'] } }, 5);
  await useQuality(connected);
  const freshness = createFreshnessStore(connected.connection);
  await freshness.compact(ws);
  await freshness.read(ws, { every: 'minute', from: 0, to: 9e12, source: 'web' });
  const reports = createBalanceReportStore(connected.connection);
  await reports.save({ workspaceId: ws, day: '2999-01-01', judgedAt: 1, minutes: 0, openMinutes: 0, difference: 0, connections: [], gaps: [], toldMinutes: 0, toldAt: null });
  await Promise.all([reports.find(ws, ['2999-01-01']), reports.list(ws, { before: '2999-12-31', limit: 5 })]);
  const repository = createConfigurationRepository(connected.connection);
  await repository.create('segments', ws, 's', {}, 1);
  await repository.list('segments', ws, { after: 'a', order: 'descending' });
  await repository.list('mappingVersions', ws, { where: { connectionId: 'web' }, order: 'descending' });
  await repository.readAll(ws);
}

/** Each step of a run of the matcher. */
async function matchEverything({ connection, collections }: ConnectedStore, names: readonly string[]): Promise<void> {
  const matches = createMatchStore(connection);
  const lease = (await matches.claim({ workspaceId: ws, now: 1, until: 2, holder: 'me' })) as MatchLease;
  const run = { ...lease.row, runId: 'r', startedAt: 2 };
  await matches.listProfileIds(ws, 'n1', 5);
  await matches.writeKeys(lease, run, names.map((profileId, at) => ({ key: `k${at % 5}`, profileId })), 2);
  await matches.readKeys(run, 'k1|n1', 5);
  await matches.countKey(run, 'k1');
  await matches.writeSizes(lease, run, new Map([['k1', 60]]), 2);
  await matches.findSizes(run, ['k1', 'k2']);
  await matches.suggest(lease, run, [{ suggestionId: `${ws}|n1`, profileIds: ['n1', 'n1-2'], probability: 0.9, rival: 'other', weights: [] }], 3, 4);
  await hasWaitingRecords(collections, 5_000);
  await matches.clear(lease, 3, 4);
  await matches.request(ws, 1);
  await matches.turnOff(ws, 3);
}

it('reads no collection whole and sorts nothing in memory', async () => {
  const done = await profiled(() => useEverything(connected));
  const planned = done.filter(({ planSummary }) => planSummary !== undefined);
  expect(planned.length).toBeGreaterThan(60);
  expect(planned.filter(({ planSummary, hasSortStage }) => planSummary?.includes('COLLSCAN') || hasSortStage)).toEqual([]);
  // The candidates of a claim come from the index alone: their documents are large.
  const candidates = done.filter(({ command }) => command.find === 'inbox' && command.filter !== undefined && 'dueAt' in command.filter);
  expect(candidates.map(({ docsExamined }) => docsExamined)).toEqual([0, 0, 0, 0]);
  // What put people into audiences is found without their other deliveries.
  const audiences = done.filter(({ command }) => command.find === 'deliveries' && command.filter !== undefined && 'segmentId' in command.filter);
  expect(audiences.map(({ planSummary }) => planSummary)).toEqual(['IXSCAN { workspaceId: 1, profileId: 1, segmentId: 1 }']);
  // One round trip finds no more than one lane's first row, whatever its backlog.
  expect(Math.max(...done.filter(({ command }) => command.find === 'deliveries').map(({ docsExamined }) => docsExamined ?? 0))).toBeLessThan(23);
});

it('keeps secondary indexes on events to two, and puts the workspace first wherever a workspace asks', async () => {
  const events = await connected.collections.events.indexes();
  expect(events.map(({ key }) => Object.keys(key)[0])).toEqual(['_id', 'workspaceId', 'workspaceId']);
  // What every workspace's worker looks through together: what is due, and the inbox in its order.
  const deadlines = ['dueAt', 'expireAt', 'isImport'];
  for (const collection of Object.values(connected.collections)) {
    for (const { key } of await collection.indexes()) expect(['_id', 'workspaceId', ...deadlines]).toContain(Object.keys(key)[0]);
  }
});

it('answers for an inbox document when a majority has it in the journal', async () => {
  const done = await profiled(() => connected.store.inbox.append([row.inbox('durable')]));
  expect(done.filter(({ command: { insert } }) => insert === 'inbox').at(-1)?.command.writeConcern).toEqual({ w: 'majority', j: true });
});

describe('a full quarantine', () => {
  const records = Array.from({ length: 400 }, (_, n) => ({
    quarantineId: `${ws}|q${String(n).padStart(4, '0')}`, workspaceId: ws, connectionId: n % 10 === 0 ? 'till' : 'web', receivedAt: 1_000 + Math.floor(n / 50), quarantinedAt: 5_000, code: n % 5 === 0 ? 'INVALID_RECORD' : 'MISSING_IDENTITY', places: [], raw: {}, mappingVersion: 1,
    groupId: `${n % 10 === 0 ? 'till' : 'web'}.X.${n % 4}`,
  }));
  const query: QuarantineQuery = { workspaceId: ws, selection: {}, connectionIds: null, keptSince: 1, until: 9_000, after: null, limit: 20 };
  beforeAll(() => connected.store.transaction((t) => t.insertQuarantine(records)));
  /** The looks at the quarantine that the work made; the profile holds those of before too. */
  const looksOf = async (work: () => Promise<unknown>): Promise<Profiled[]> => {
    const before = (await profiled(() => Promise.resolve())).length;
    return (await profiled(work)).slice(before).filter(({ ns, op }) => ns.endsWith('.quarantine') && (op === 'query' || op === 'command'));
  };

  it.each<[string, QuarantineQuery['selection']]>([['all', {}], ['a connection', { connectionId: 'till' }], ['a code', { code: 'INVALID_RECORD' }], ['a group', { groupId: 'web.X.1' }], ['a time', { from: 1_003, to: 1_006 }]])(
    'is read in the order of receipt by an index, page by page, and no page looks at the ones before it: %s', async (_, selection) => {
      const found: string[] = [];
      const looks = await looksOf(async () => {
        for (let after: QuarantineQuery['after'] = null, isMore = true; isMore;) {
          const page = await readQuarantine(connected.collections.quarantine, { ...query, selection, after });
          found.push(...page.map(({ _id }) => _id));
          const last = page.at(-1);
          if (last !== undefined) after = { receivedAt: last.receivedAt, quarantineId: last._id };
          isMore = page.length === query.limit;
        }
      });
      const { connectionId, code, groupId, from = 0, to = Infinity } = selection;
      const wanted = records.filter((one) => (connectionId ?? one.connectionId) === one.connectionId && (code ?? one.code) === one.code && (groupId ?? one.groupId) === one.groupId && one.receivedAt >= from && one.receivedAt < to);
      expect(found).toEqual(wanted.map(({ quarantineId }) => quarantineId));
      expect(looks.length).toBeGreaterThan(1);
      expect(looks.filter(({ planSummary, hasSortStage }) => hasSortStage === true || planSummary?.startsWith('IXSCAN') !== true)).toEqual([]);
      expect(Math.max(...looks.map(({ docsExamined }) => docsExamined ?? 0))).toBeLessThanOrEqual(query.limit);
    });

  it('is counted by its groups from an index alone', async () => {
    const admin = { collections: connected.collections, connection: connected.connection, operatorDays: { quarantine: null, deliveries: null }, clock: () => 9_000, configuration: { workspace: () => ({ dictionary: createDictionary() }) } };
    const caller = { workspaceId: ws, ability: createAbility([{ actions: ['read'], subjects: ['quarantine'] }]), principal: {} };
    const looks = await looksOf(async () => {
      const { items } = await listGroups(admin as never, caller as never, { limit: 50 });
      expect(items.map(({ id, count }) => [id, count])).toEqual([...new Set(records.map(({ groupId }) => groupId))].sort().map((id) => [id, records.filter(({ groupId }) => groupId === id).length]));
    });
    // What is sorted in memory are the groups of the page.
    expect(looks.map(({ planSummary, command: { aggregate } }) => (aggregate === undefined ? planSummary?.split(' ')[0] : `groups by ${planSummary?.split(' ')[0]}`)).filter((plan) => plan !== 'IXSCAN' && plan !== 'COUNT_SCAN')).toEqual(['groups by DISTINCT_SCAN']);
    // Their documents are read for the samples alone.
    const samples = looks.filter(({ command: { find }, docsExamined = 0 }) => find !== undefined && docsExamined > 0);
    expect(samples).toHaveLength(new Set(records.map(({ groupId }) => groupId)).size);
    expect(Math.max(...samples.map(({ docsExamined }) => docsExamined ?? 0))).toBe(3);
    expect(looks.filter(({ command: { find }, docsExamined = 0 }) => find === undefined && docsExamined > 0)).toEqual([]);
  });
});

it('finds an account by its address and an API key by its hash, each once and without looking at others', async () => {
  const repository = createConfigurationRepository(connected.connection);
  for (let n = 0; n < 30; n += 1) {
    await repository.create('apiKeys', ws, `k${n}`, { hash: `hash-${n}` }, 1);
    await repository.create('users', ws, `u${n}`, { email: `u${n}@example.com` }, 1);
  }
  await expect(repository.create('apiKeys', ws, 'k30', { hash: 'hash-7' }, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
  const done = await profiled(async () => {
    await expect(repository.list('apiKeys', ws, { where: { hash: 'hash-7' }, limit: 1 })).resolves.toMatchObject([{ id: 'k7' }]);
    await expect(repository.list('users', ws, { where: { email: 'u7@example.com' }, limit: 1 })).resolves.toMatchObject([{ id: 'u7' }]);
  });
  const looks = done.filter(({ command: { find, filter } }) => (find === 'apiKeys' || find === 'users') && Object.keys(filter ?? {}).some((path) => path.startsWith('content.')));
  expect(looks.map(({ docsExamined }) => docsExamined)).toEqual([1, 1]);
});

it('finds who has an identity, and what waits for a decision, by their keys alone, however many there are', async () => {
  const { collections, store } = connected;
  const many = Array.from({ length: 300 }, (_, n) => `scale${n}`);
  await store.transaction(async (t) => {
    await t.insertIdentities(ws, new Map(many.map((name) => [`phone|${name}`, name])), 1);
    await t.writeProfiles({ inserted: many.map((name) => ({ profile: row.profile(name), dueAt: null })), updated: [], deleted: [] });
    await t.writeIdentityLinks(many.map((name, at) => row.identityLink(name, { at: 1_000 + at, state: at % 2 === 0 ? 'pending' : 'rejected' })));
  });
  const done = await profiled(() => store.transaction(async (t) => {
    await t.findIdentities(ws, ['phone|scale1', 'phone|scale2', 'phone|nobody']);
    await t.findProfiles(ws, ['scale1', 'scale2', 'gone']);
    await t.findIdentitiesOf(ws, ['scale3']);
    await t.findJournal(ws, ['scale3']);
    await t.findIdentityLinks([`${ws}|scale4`]);
    await t.findIdentityLinksOf(ws, ['userId|scale6'], 10);
  }));
  // The profiler keeps what it saw before, too.
  const looks = done.filter(({ planSummary }) => planSummary !== undefined).slice(-7);
  expect(looks.map(({ command: { find } }) => find)).toEqual(['identities', 'profiles', 'aliases', 'identities', 'merges', 'identityLinks', 'identityLinks']);
  expect(looks.filter(({ planSummary }) => planSummary?.includes('COLLSCAN'))).toEqual([]);
  expect(looks.map(({ docsExamined }) => docsExamined)).toEqual([2, 2, 0, 1, 0, 1, 1]);
  // As the server plans them itself, apart from what its profiler saw.
  const plans = await Promise.all([
    collections.identities.find({ _id: { $in: [`${ws}|phone|scale1`, `${ws}|phone|scale2`] } }).explain('executionStats'),
    collections.identities.find({ workspaceId: ws, profileId: { $in: ['scale3'] } }).explain('executionStats'),
    collections.identityLinks.find({ workspaceId: ws, state: { $eq: 'pending' } }).sort({ at: 1, _id: 1 }).limit(10).explain('executionStats'),
    collections.identityLinks.find({ workspaceId: ws, keys: { $in: ['userId|scale5'] } }).explain('executionStats'),
  ]);
  for (const plan of plans) expect(JSON.stringify(plan)).not.toContain('COLLSCAN');
  expect(plans.map(({ executionStats }) => (executionStats as { totalDocsExamined: number }).totalDocsExamined)).toEqual([2, 1, 10, 1]);
});

it('finds what is due at a lane, and that nothing is, without looking at what is held at a gate of it', async () => {
  const { deliveries } = connected.collections;
  const held = (index: number) => {
    const { deliveryId: _id, ...delivery } = row.delivery(`held-${index}`, { connectionId: 'gated', profileId: `h${index}`, seq: index, segmentId: 'vips', createdAt: index });
    return { _id, schemaVersion: 1, ...delivery, ...heldAtGate({ deliveryId: _id, attempt: 0 }), deliveryId: undefined };
  };
  for (let from = 0; from < 100_000; from += 5_000) await deliveries.insertMany(Array.from({ length: 5_000 }, (_, index) => held(from + index)) as never[], { ordered: false, ignoreUndefined: true });
  const gated = { workspaceId: ws, connectionId: 'gated' };
  const { store } = connected;
  const done = await profiled(async () => {
    expect(await store.findDueDeliveries(gated, 200_000, 5, [])).toEqual([]);
    expect(await store.findFresh(gated, { now: 200_000, after: 0, limit: 5 })).toEqual([]);
    expect(await store.findBehindWaiting(gated, { now: 200_000, after: 0, actions: ['upsert-contact'] })).toEqual({ rows: [], next: 0 });
    expect(await store.findDueLanes(200_000)).not.toContainEqual(gated);
  });
  expect(Math.max(...done.filter(({ ns }) => ns.endsWith('.deliveries')).map(({ keysExamined }) => keysExamined ?? 0))).toBeLessThan(50);
  expect(await queueAgeMs(connected.collections, gated, 200_000)).toBe(0);
  // A fresh row of one of them, made since, is found at once.
  await store.transaction((tx) => tx.insertDeliveries([row.delivery('fresh', { connectionId: 'gated', profileId: 'h7', seq: 200_000, createdAt: 200_000 })]));
  const found = await profiled(async () => {
    expect((await store.findDueDeliveries(gated, 200_000, 5, [])).map(({ deliveryId }) => deliveryId)).toEqual([`${ws}|fresh`]);
  });
  expect(Math.max(...found.filter(({ ns }) => ns.endsWith('.deliveries')).map(({ keysExamined }) => keysExamined ?? 0))).toBeLessThan(50);
});

it('finds the dead letters of a connection without looking at what was delivered, in the order of their replay', async () => {
  const { deliveries } = connected.collections;
  await connected.store.transaction((t) => t.insertDeliveries(Array.from({ length: 60 }, (_, seq) => row.delivery(`letter-${seq}`, { connectionId: 'letters', seq, state: seq % 20 === 0 ? 'dead' : 'delivered', reason: seq % 20 === 0 ? 'invalid-payload' : null }))));
  const done = await profiled(async () => {
    // As the list asks, and as a replay does by filter.
    await deliveries.find({ workspaceId: ws, state: { $eq: 'dead' }, connectionId: { $eq: 'letters' } }, { sort: { createdAt: -1, _id: -1 }, limit: 51 }).toArray();
    await deliveries.find({ workspaceId: ws, connectionId: 'letters', state: 'dead', reason: 'invalid-payload' }, { sort: { createdAt: 1, seq: 1 }, limit: 500 }).toArray();
  });
  const looks = done.filter(({ command: { find, filter } }) => find === 'deliveries' && JSON.stringify(filter).includes('letters'));
  expect(looks.map(({ docsExamined }) => docsExamined)).toEqual([3, 3]);
  expect(looks.at(-1)?.hasSortStage).toBeUndefined();
});

it('finds who came first of those who share a device without looking at the others', async () => {
  const ids = Array.from({ length: 60 }, (_, n) => `s${n}`);
  await connected.store.transaction((tx) => tx.writeProfiles({ inserted: ids.map((id, n) => ({ profile: row.profile(id, n < 10 ? {} : { sharedKeys: ['anonymousId|kiosk'], createdAt: 100 - n }), dueAt: null })), updated: [], deleted: [] }));
  let sharers = new Map<string, string>();
  const looks = (await profiled(async () => { sharers = await connected.store.transaction((tx) => tx.findSharers(ws, ['anonymousId|kiosk', 'anonymousId|other'], ['s59', 's58'])); })).filter(({ command: { find, filter } }) => find === 'profiles' && filter !== undefined && 'sharedKeys' in filter);
  expect(sharers).toEqual(new Map([['anonymousId|kiosk', 's57']]));
  expect(looks.map(({ planSummary, docsExamined, hasSortStage }) => [planSummary, docsExamined, hasSortStage])).toEqual([
    ['IXSCAN { workspaceId: 1, sharedKeys: 1, createdAt: 1, profileId: 1 }', 1, undefined], ['IXSCAN { workspaceId: 1, sharedKeys: 1, createdAt: 1, profileId: 1 }', 0, undefined],
  ]);
});

it('finds who share a device without looking at the others, nor at more of them than are asked for', async () => {
  let sharers = new Map<string, string[]>();
  await connected.store.transaction((tx) => tx.writeProfiles({ inserted: Array.from({ length: 60 }, (_, n) => ({ profile: row.profile(`f${n}`, n < 57 ? {} : { sharedKeys: ['anonymousId|family'] }), dueAt: null })), updated: [], deleted: [] }));
  // What was profiled stays: each look is all of them so far.
  const look = async (limit: number) => (await profiled(async () => { sharers = await connected.store.transaction((tx) => tx.findAllSharers(ws, ['anonymousId|family', 'anonymousId|another'], limit)); })).filter(({ command: { find, filter } }) => find === 'profiles' && JSON.stringify(filter).includes('family'));
  await look(200);
  const looks = await look(2);
  expect([...sharers].map(([key, ids]) => [key, ids.length])).toEqual([['anonymousId|family', 2]]);
  expect(looks.map(({ planSummary, docsExamined }) => [planSummary, docsExamined])).toEqual([['IXSCAN { workspaceId: 1, sharedKeys: 1, createdAt: 1, profileId: 1 }', 3], ['IXSCAN { workspaceId: 1, sharedKeys: 1, createdAt: 1, profileId: 1 }', 2]]);
});

it('hands on to the next who share a device without looking at the others', async () => {
  await connected.store.transaction(async (tx) => {
    await tx.writeProfiles({ inserted: Array.from({ length: 60 }, (_, n) => ({ profile: row.profile(`h${n}`, { sharedKeys: ['anonymousId|mall'], createdAt: n % 3 }), dueAt: null })), updated: [], deleted: [] });
    await tx.insertIdentities(ws, new Map(Array.from({ length: 60 }, (_, n) => [n === 0 ? 'anonymousId|mall' : `anonymousId|m${n}`, 'h0'])), 1);
    await tx.markShared(ws, 'anonymousId|mall', 1);
  });
  let marks: { identityKey: string }[] = [];
  const done = await profiled(async () => {
    marks = await connected.store.findMarks(5);
    for (let page = 0; page < 3; page += 1) await connected.store.transaction((tx) => tx.handOnMark(ws, 'anonymousId|mall', 15, 2));
  });
  expect(marks.map(({ identityKey }) => identityKey)).toEqual(['anonymousId|mall']);
  const looks = done.filter(({ command: { find, filter } }) => find === 'profiles' && JSON.stringify(filter).includes('mall'));
  expect(looks.map(({ docsExamined, hasSortStage }) => [docsExamined, hasSortStage])).toEqual([15, 5, 10, 10, 5].map((seen) => [seen, undefined]));
  const found = done.filter(({ command: { find, filter } }) => find === 'identities' && JSON.stringify(filter) === '{"dueAt":{"$gt":0}}');
  expect(found.map(({ planSummary, docsExamined, hasSortStage }) => [planSummary, docsExamined, hasSortStage])).toEqual([['IXSCAN { dueAt: 1, workspaceId: 1 }', 1, undefined]]);
});

it('finds who disowns what is erased without looking at other profiles', async () => {
  const ids = Array.from({ length: 60 }, (_, n) => `d${n}`);
  await connected.store.transaction((tx) => tx.writeProfiles({ inserted: ids.map((id) => ({ profile: row.profile(id, id === 'd7' ? { disowned: ['email|wrong@example.com'] } : {}), dueAt: null })), updated: [], deleted: [] }));
  const masks = new Map([['email|wrong@example.com', 'erased|x'], ...ids.map((id) => [`userId|${id}`, `erased|${id}`] as const)]);
  const looks = (await profiled(() => connected.store.transaction((tx) => tx.maskDisowned(ws, masks)))).filter(({ command: { find, filter } }) => find === 'profiles' && filter !== undefined && 'disowned' in filter);
  expect(looks.map(({ planSummary, docsExamined }) => [planSummary, docsExamined])).toEqual([['IXSCAN { workspaceId: 1, disowned: 1 }', 1]]);
});
