import { randomUUID } from 'node:crypto';
import { compileMapping } from '@firsthand/domain';
import { createBalanceReportStore, createErasureStore, createFreshnessStore, createGroupNumberStore, createMatchStore, createReconcileStore, createRetentionStore, createOneTimeCodeStore, createLoginTryStore, createQualityStore, createSegmentSizeStore, type Stored } from '@firsthand/persistence';
import { askedGate, createChangeNumbering, createEraser, newReconcile, startErasure, type AudienceCompareRow, type MatchLease } from '@firsthand/pipeline';
import { decide, event, identify } from '../support/pipeline-story.js';
import { row } from '../support/store-rows.js';
import { createWorld, MARKETING, SERVICE, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

const COMPARE: AudienceCompareRow = {
  compareId: `${WORKSPACE}|${SINK}|later|put`, workspaceId: WORKSPACE, connectionId: SINK, flowId: 'later', stepId: 'put', isPreview: true, perSecond: null, startedAt: 1, after: null, isListed: false, listing: null,
  counts: { listed: 0, people: 0, confirmed: 0, missing: 0, changed: 0, unconfirmed: 0, surplus: 0, unusable: 0 }, dueAt: null, end: { at: 1, as: 'done' },
};

const PLACE = { expectationId: 'e', stamp: 's', connectionId: 'web' };

/** A story that leaves a row in every collection of the pipeline. */
let world: World;
const stored = new Map<string, Stored[]>();

beforeAll(async () => {
  world = await createWorld((parts) => {
    parts.purposes = [{ ...MARKETING, fields: ['*'] }, SERVICE];
    parts.segments = [{ segmentId: 'buyers', version: 1, name: 'Buyers', purpose: 'marketing', condition: { event: 'Product Viewed', within: { days: 30 } } }];
    const mapping = compileMapping({ type: { $const: 'delete' }, messageId: '{{id}}', 'identities.crmId': '{{crmId}}', 'properties.reason': { $const: 'privacy-request' } });
    parts.sources.push({ connectionId: 'crm', mapping });
    const wait = { id: 'wait', type: 'delay', span: { hours: 1 } } as const;
    parts.flows.push({ flowId: 'later', version: 1, name: 'Later', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'buyers', on: 'entered' }, acceptsHistorical: false, steps: [wait, { id: 'put', type: 'deliver', connectionId: SINK, action: 'audience' }] });
  });
  world.configuration.current = { ...world.configuration.current, changes: { since: 0, startsAfter: 0, keptForDays: 7, feeds: [] } };
  await world.track([event(world, 'm0', { userId: 'u2' }), event(world, 'nameless', { event: '' })], { isVerified: true });
  await decide(world, 'granted', 'u1');
  await world.track([event(world, 'm1'), identify(world, 'i1', 'u1', { email: 'ana@example.com', city: 'Shanghai' })], { isVerified: true });
  await world.settle();
  await world.track([identify(world, 'i2', 'u2', { email: 'ana@example.com' })], { isVerified: true });
  await world.settle();
  await world.track([{ id: 'd1', crmId: 'crm-1' }], { connectionId: 'crm', isVerified: true });
  await world.settle();
  await world.track([event(world, 'm5', { userId: 'u4' })], { isVerified: true });
  for (const messageId of ['m3', 'm4']) {
    await world.track([event(world, messageId, { userId: 'u3' })], { isVerified: true });
    await world.settle();
  }
  await world.store.store.transaction(async (tx) => {
    await tx.writeFlowEntries([{ entryId: `${WORKSPACE}|entry`, workspaceId: WORKSPACE, profileId: 'p', at: 1 }]);
    await tx.insertContacts([{ contactId: `${WORKSPACE}|contact`, workspaceId: WORKSPACE, profileId: 'p', channel: 'email', at: 1 }]);
    await tx.writeSchedule({ workspaceId: WORKSPACE, flowId: 'f', flowVersion: 1, pattern: 'UTC 0 9 * * *', nextAt: 1, running: null });
    await tx.writeAudienceMembers([{ workspaceId: WORKSPACE, connectionId: SINK, action: 'audience', profileId: 'p', sets: [] }]);
    await tx.writeSyncStates([{ workspaceId: WORKSPACE, connectionId: SINK, profileId: 'p', names: [], fields: {} }]);
    await tx.writeCompare(COMPARE);
    await tx.writePushGates([askedGate({ workspaceId: WORKSPACE, connectionId: SINK, segmentId: 'buyers' }, 0, 1)]);
    await tx.writeIdentityLinks([{ linkId: `${WORKSPACE}|link`, workspaceId: WORKSPACE, keys: ['userId|x', 'phone|+12025550123'], breach: { reason: 'too-many-identities', limit: 1 }, causeEventId: `${WORKSPACE}|e`, connectionId: 'web', at: 1, state: 'pending', decidedAt: null }]);
    await tx.insertQuarantineJob({ jobId: `${WORKSPACE}|j`, workspaceId: WORKSPACE, kind: 'discard', selection: {}, connectionIds: null, startsFlows: false, reason: null, perSecond: null, by: { kind: 'user', id: 'u' }, startedAt: 1, after: null, counts: {}, dueAt: null, end: { at: 1, as: 'done' } });
    await tx.insertInFlight({ blockId: `${WORKSPACE}|${SINK}|999`, workspaceId: WORKSPACE, connectionId: SINK, rows: [row.delivery('', { deliveryId: `${WORKSPACE}|d`, workspaceId: WORKSPACE })] });
  });
  await world.store.store.transaction((tx) => tx.writeConfirmations([{ confirmationId: `${WORKSPACE}|email|c@example.com`, workspaceId: WORKSPACE, identityKey: 'email|c@example.com', asks: [], nonce: '', language: 'en', connectionId: 'web', dueAt: null, sentAt: [], expiresAt: 1, forgetAt: 9e12 }]));
  await createOneTimeCodeStore(world.store.collections).issueOneTimeCode({ workspaceId: WORKSPACE, key: 'k' }, { digest: 'd', now: 1, expiresAt: 2, windowMs: 9e15, mostPerWindow: 1 });
  await createGroupNumberStore(world.store.collections).insert({ workspaceId: WORKSPACE, day: '2999-01-01', isShaped: true, numbers: [{ key: 'k', number: 1 }] });
  await createSegmentSizeStore(world.store.connection).insert([{ workspaceId: WORKSPACE, segmentId: 'buyers', segmentVersion: 1, hour: 0, at: 1, size: 1, toldSize: 1 }]);
  await world.store.store.transaction((tx) => tx.insertQualityCounts({ workspaceId: WORKSPACE, at: 1, counts: [{ ...PLACE, at: 9e12, checked: 1, failed: 0, lastAt: 1, asked: ['d'], asks: { kind: 'unseen', keptMs: 9e12 } }], known: [] }));
  const quality = createQualityStore(world.store.connection);
  await quality.compact(WORKSPACE);
  const [state = null] = await quality.findStates(WORKSPACE);
  const last = { status: 'failing', score: 0, checked: 1, failed: 1, observed: 1, expected: 0 } as const;
  const about = { workspaceId: WORKSPACE, expectationId: 'e', connectionId: 'web' };
  await quality.save({
    state, result: { ...about, hour: 9e12, kind: 'completeness', severity: 'info', event: null, field: null, score: 0, last },
    alert: { ...about, alertId: `${WORKSPACE}|a`, tidings: 'failing', to: SINK, content: { name: 'E', kind: 'completeness', severity: 'info', event: null, field: null, checked: 1, failed: 1, observed: 1, expected: 0 }, createdAt: 9e12, attempt: 0, dueAt: null, end: null },
  });
  await world.store.store.transaction((tx) => tx.insertQualityCounts({ workspaceId: WORKSPACE, at: 1, counts: [], known: [] }));
  await createFreshnessStore(world.store.connection).compact(WORKSPACE);
  await world.store.store.transaction((tx) => tx.insertFreshness({ workspaceId: WORKSPACE, connectionId: SINK, counts: [] }, 1));
  await createBalanceReportStore(world.store.connection).save({ workspaceId: WORKSPACE, day: '2999-01-01', judgedAt: 1, minutes: 0, openMinutes: 0, difference: 0, connections: [], gaps: [], toldMinutes: 0, toldAt: null });
  // Somebody is erased, and what a law obliges to keep stays.
  const { clock, configuration } = world;
  const hold = { id: 'tax', workspaceId: WORKSPACE, schemaVersion: 1, version: 1, createdAt: 1, updatedAt: 1, content: { category: 'event', reason: 'Law', until: clock.now + 1_000 } } as const;
  await world.store.collections.legalHolds.insertOne({ _id: `${WORKSPACE}|tax`, ...hold });
  await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u4' }], profileId: null }, {
    store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: randomUUID, tombstones: TOMBSTONES,
  });
  await createEraser({ erasures: createErasureStore(world.store.connection), clock: () => clock.now, holder: 'eraser' }).tick();
  const matches = createMatchStore(world.store.connection);
  const lease = (await matches.claim({ workspaceId: WORKSPACE, now: clock.now, until: clock.now, holder: 'matcher' })) as MatchLease;
  await matches.writeKeys(lease, { ...lease.row, runId: 'r' }, [{ key: 'k', profileId: 'p' }], clock.now);
  await matches.writeSizes(lease, { ...lease.row, runId: 'r' }, new Map([['k', 60]]), clock.now);
  await matches.suggest(lease, lease.row, [{ suggestionId: `${WORKSPACE}|match`, profileIds: ['p', 'q'], probability: 0.9, rival: 'other', weights: [] }], clock.now, clock.now);
  const reconciles = createReconcileStore(world.store.connection);
  const reconcile = newReconcile({ reconcileId: `${WORKSPACE}|r`, workspaceId: WORKSPACE, ruleId: 'crm', connectionId: SINK, repair: 'ask', by: null }, clock.now);
  await reconciles.begin(reconcile);
  await reconciles.transaction(async (tx) => {
    await tx.writeFindings([{ findingId: `${WORKSPACE}|r|k`, workspaceId: WORKSPACE, reconcileId: reconcile.reconcileId, profileId: 'p', kind: 'missing', reason: 'never-written', consent: null, fields: [], state: 'open', decision: null, repair: null, at: clock.now, decidedAt: null }]);
    await tx.markSeen(reconcile, [{ profileId: 'p', key: 'k' }], clock.now);
  });
  await createRetentionStore(world.store.connection).claim({ workspaceId: WORKSPACE, now: clock.now, until: clock.now, holder: 'sweeper' });
  await createChangeNumbering({ store: world.store.store, configuration: { workspace: () => configuration.current } }).tick([WORKSPACE]);
  // One stays behind in the inbox.
  await world.track([event(world, 'm2')]);
  // Tries of credentials are the one thing without a workspace: who signs in has not said which one yet.
  const { loginTries, ...ofWorkspaces } = world.store.collections;
  await createLoginTryStore({ loginTries }).countTry({ key: 'k', most: 1, now: 1, until: 9e12 });
  expect(await loginTries.find().toArray()).toEqual([{ _id: 'k', schemaVersion: 1, count: 1, until: 9e12, expireAt: new Date(9e12) }]);
  for (const [name, collection] of Object.entries(ofWorkspaces)) stored.set(name, await collection.find().toArray());
});
afterAll(() => world.close());

it('puts the workspace first in every key, and a version of its shape into every document', () => {
  for (const [name, rows] of stored) {
    expect([name, rows.filter(({ _id, workspaceId }) => workspaceId !== WORKSPACE || !_id.startsWith(`${WORKSPACE}|`)).map(({ _id }) => _id)]).toEqual([name, []]);
    expect([name, rows.filter(({ schemaVersion }) => !Number.isInteger(schemaVersion))]).toEqual([name, []]);
  }
  // Nobody has asked for a copy.
  expect([...stored].filter(([, rows]) => rows.length === 0).map(([name]) => name)).toEqual(['personExports', 'personExportChunks']);
});

it('stores a profile field with its time, source, origin and version', async () => {
  const [profile] = await world.store.collections.profiles.find().toArray();
  const [[, city]] = Object.entries(profile?.fields ?? {}).filter(([name]) => name.includes('city')) as [[string, object]];
  expect(Object.keys(city)).toEqual(expect.arrayContaining(['value', 'at', 'source', 'origin', 'version']));
});

it('keeps one row of changes for each version of a profile', () => {
  const changes = (stored.get('changes') ?? []) as (Stored & { profileId: string; version: number })[];
  const profiles = (stored.get('profiles') ?? []) as (Stored & { profileId: string; version: number; mergedFrom: string[] })[];
  for (const { profileId, version, mergedFrom } of profiles) {
    const versions = changes.filter((change) => change.profileId === profileId).map((change) => change.version).sort((a, b) => a - b);
    expect([profileId, versions.at(-1), new Set(versions).size]).toEqual([profileId, version, versions.length]);
    // A merge goes on from the higher version of the two.
    if (mergedFrom.length === 0) expect([profileId, versions]).toEqual([profileId, Array.from({ length: version }, (_, index) => index + 1)]);
  }
  expect(profiles.some(({ version, mergedFrom }) => version > 1 && mergedFrom.length === 0)).toBe(true);
});
