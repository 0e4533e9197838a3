import { compileSignals, type AgreementVersion, type ConsentSignal, type JsonObject } from '@firsthand/domain';
import { createNoticeIds, createQuarantineWorker } from '@firsthand/pipeline';
import { decide, event } from '../support/pipeline-story.js';
import { createWorld, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

/** A material version ends what was agreed to before, whatever consent tools go on telling of it. */
let world: World;
afterEach(() => world.close());

const HOUR_MS = 3_600_000;
const TABLE: ConsentSignal[] = [
  { signal: 'gpc', purpose: 'marketing', recipients: ['own', 'processor', 'third-party'] }, { signal: 'tcf', purposes: [1, 3, 4], vendor: 755, purpose: 'marketing', recipients: ['own', 'processor'] },
  { signal: 'consent-mode', field: 'ad_storage', purpose: 'marketing', recipients: ['own', 'processor'] },
];
/** The same consent, last updated on 1 March 2026, on that day at 13:30, and on 2 March. */
const OF_THE_DAY = 'CQgYw8AQgYw8AAfABBENAwFgALAAAAAAAAYgF5wAgAKgLzAAAAAA.IF5wAgAKgLzA';
const OF_13_30 = 'CQgYw8AQganlwAfABBENAwFgALAAAAAAAAYgF5wAgAKgLzAAAAAA.IF5wAgAKgLzA';
const OF_THE_NEXT_DAY = 'CQgYw8AQgcD4AAfABBENAwFgALAAAAAAAAYgF5wAgAKgLzAAAAAA.IF5wAgAKgLzA';

const hashOf = (version: number): string => String(version).repeat(64);
const tells = (isGranted: boolean, more: JsonObject = {}): JsonObject => ({ consent: { categoryPreferences: { marketing: isGranted }, ...more } });
const YES = tells(true);

async function start(adjust: (parts: WorldParts) => void = () => undefined): Promise<void> {
  world = await createWorld((parts) => {
    parts.sources = [{ connectionId: 'web', readSignals: compileSignals(TABLE) }];
    parts.agreements = parts.agreements.map((version) => ({ ...version, textHashes: { en: hashOf(1) } }));
    adjust(parts);
  });
}

/** Publishes the next version, an hour from now where nothing else is said. */
function publish(isMaterial = true, inMs = HOUR_MS): void {
  world.clock.now += inMs;
  world.rebuild((parts) => {
    const last = parts.agreements.at(-1) as AgreementVersion;
    parts.agreements = [...parts.agreements, { ...last, version: last.version + 1, isMaterial, textHashes: { en: hashOf(last.version + 1) }, publishedAt: world.clock.now }];
  });
}

let sent = 0;
type Who = { userId?: string | null; anonymousId?: string; isVerified?: boolean; agoMs?: number };
const seen = (context: JsonObject, { isVerified: _, agoMs = 0, ...who }: Who = {}) => event(world, `seen ${sent += 1}`, { context, ...who, timestamp: new Date(world.clock.now - agoMs).toISOString() });

/** One event with this context; gives what became of its delivery. */
async function see(context: JsonObject, who: Who = {}): Promise<string> {
  world.clock.now += 1_000;
  await world.track([seen(context, who)], { isVerified: who.isVerified ?? true });
  await world.settle();
  return outcome();
}

async function outcome(): Promise<string> {
  const [row] = await world.store.collections.deliveries.find({ class: 'data' }).sort({ createdAt: -1, seq: -1 }).limit(1).toArray();
  return row?.reason ?? row?.state ?? 'none';
}

const ledger = async () => (await world.store.collections.consents.find({}).sort({ recordedAt: 1 }).toArray()).map(({ method, decision, agreementVersion, textHash }) => [method, decision, agreementVersion, textHash]);
const SUPERSEDED = 'agreement-superseded';

it.each([['categories', YES], ['Consent Mode', { consentMode: { ad_storage: 'granted' } }], ['a TC string', { tcString: OF_THE_DAY }]])('holds against what %s repeat, which are recorded once and on no text', async (_, context) => {
  await start();
  expect(await see(context)).toBe('delivered');
  publish();
  expect([await see(context), await see(context)]).toEqual([SUPERSEDED, SUPERSEDED]);
  expect((await ledger()).map(([, ...rest]) => rest)).toEqual([['granted', 1, null]]);
  // Somebody else says so for the first time: of a TC string it is known when.
  expect(await see(context, { userId: 'u2' })).toBe('tcString' in context ? SUPERSEDED : 'delivered');
});

it('changes nothing where a version is not material', async () => {
  await start();
  expect(await see(YES)).toBe('delivered');
  publish(false);
  expect([await see(YES), await see(YES, { userId: 'u2' })]).toEqual(['delivered', 'delivered']);
  expect((await ledger()).map(([, , version]) => version)).toEqual([1, 2]);
});

it('is agreed to by a TC string of after it; one that names the day of it alone may be of before', async () => {
  await start();
  expect(await see({ tcString: OF_THE_DAY })).toBe('delivered');
  publish();
  world.clock.now += HOUR_MS;
  expect(await see({ tcString: OF_THE_DAY })).toBe(SUPERSEDED);
  expect(await see({ tcString: OF_13_30 })).toBe('delivered');
  expect(await see({ tcString: OF_THE_DAY }, { userId: 'u2' })).toBe(SUPERSEDED);
  world.clock.now += 24 * HOUR_MS;
  expect(await see({ tcString: OF_THE_NEXT_DAY }, { userId: 'u2' })).toBe('delivered');
  // What was agreed to anew is not taken back by an older string that another device still has.
  expect(await see({ tcString: OF_THE_DAY }, { userId: 'u2' })).toBe('delivered');
  expect((await ledger()).map(([method, , version, textHash]) => [method, version, textHash])).toEqual([['tcf', 1, null], ['tcf', 2, null], ['tcf', 1, null], ['tcf', 2, null]]);
});

it('is agreed to by a decision that comes with its notice; a claim of a version that was not there yet shows nothing', async () => {
  await start();
  expect(await see(YES)).toBe('delivered');
  const decidedBefore = 2 * HOUR_MS;
  world.clock.now += HOUR_MS;
  publish();
  const claim: JsonObject = { agreementId: 'terms', version: 2, textHash: hashOf(2), language: 'en' };
  expect(await see(tells(true, { servedNotice: claim }), { agoMs: decidedBefore, userId: 'u2' })).toBe(SUPERSEDED);
  expect(await see(tells(true, { servedNotice: { agreementId: 'terms', version: 2 } }))).toBe(SUPERSEDED);
  const notices = createNoticeIds({ secret: Buffer.alloc(32, 7), workspaceId: WORKSPACE, agreements: world.configuration.current.agreements });
  world.configuration.current = { ...world.configuration.current, notices };
  const id = notices.issue({ agreementId: 'terms', agreementVersion: 2, language: 'en', surface: 'page', origin: null, servedAt: world.clock.now })?.id as string;
  expect(await see(tells(true, { servedNotice: { id } }))).toBe('delivered');
  expect(await see(tells(true, { servedNotice: claim }), { userId: 'u2' })).toBe('delivered');
  // The tool remembers it from now on.
  expect(await see(YES)).toBe('delivered');
  expect(await ledger()).toEqual([['event', 'granted', 1, null], ['event', 'granted', 1, null], ['event', 'granted', 2, hashOf(2)], ['event', 'granted', 2, hashOf(2)]]);
});

it('is not agreed to by what happened before it and comes later: a batch of history, a backlog, a release', async () => {
  await start((parts) => { parts.sources = [{ connectionId: 'web', readSignals: compileSignals(TABLE), unknownEvents: 'quarantine' }]; });
  const aside = (userId: string) => ({ ...(seen(YES, { userId }) as JsonObject), event: 'Hat Waved' });
  await world.track([aside('late')], { isVerified: true });
  await world.settle();
  await world.track([seen(YES, { userId: 'waiting' })], { isVerified: true });
  // The clock of this device is some minutes ahead.
  await world.track([seen(YES, { userId: 'ahead', agoMs: -240_000 })], { isVerified: true });
  publish(true, 60_000);
  await world.track([seen(YES, { userId: 'past', agoMs: 2 * HOUR_MS })], { isVerified: true, isImport: true });
  // When all of it is taken up, the moment that it names is over.
  world.clock.now += HOUR_MS;
  await world.settle();
  world.rebuild((parts) => { parts.sources = parts.sources.map((source) => ({ ...source, unknownEvents: 'accept' })); });
  await world.store.store.transaction((tx) => tx.insertQuarantineJob({
    jobId: `${WORKSPACE}|job`, workspaceId: WORKSPACE, kind: 'release', selection: {}, connectionIds: null, startsFlows: false, reason: null, perSecond: null, by: { kind: 'user', id: 'u' }, startedAt: world.clock.now, after: null, counts: {}, dueAt: world.clock.now, end: null,
  }));
  await createQuarantineWorker({
    store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES, operatorDays: { quarantine: null }, holder: 'one', pageSize: 100,
  }).tick();
  const versions = async () => (await world.store.collections.consents.find({}).toArray()).map(({ identityKey, agreementVersion }) => [identityKey.slice(7), agreementVersion]).sort();
  expect(await versions()).toEqual([['ahead', 1], ['late', 1], ['past', 1], ['waiting', 1]]);
  for (const userId of ['ahead', 'late', 'past', 'waiting']) expect([userId, await see(YES, { userId })]).toEqual([userId, SUPERSEDED]);
  expect(await versions()).toHaveLength(4);
});

it('takes a no at any time, and a yes after it for a new one only where it is told by who told the no', async () => {
  await start();
  const other: Who = { userId: null, anonymousId: 'd2' };
  expect(await see(YES)).toBe('delivered');
  await world.track([seen({}, { userId: 'u1', anonymousId: 'd2' })], { isVerified: true });
  publish();
  // Another device of theirs says no: what the first one goes on telling is of before.
  expect(await see(tells(false), other)).toBe('consent-denied');
  expect(await see(YES)).toBe(SUPERSEDED);
  expect(await see(tells(false))).toBe('consent-denied');
  expect(await see(YES)).toBe('delivered');
  expect((await ledger()).map(([, decision, version]) => [decision, version])).toEqual([['granted', 1], ['denied', 2], ['granted', 1], ['denied', 2], ['granted', 2]]);
});

it('holds against a tool for who agreed by an act, too, and leaves an act what it is', async () => {
  await start();
  await decide(world, 'granted');
  publish();
  expect(await see(YES)).toBe(SUPERSEDED);
  await decide(world, 'granted', 'u1', 2);
  expect([await see(YES), await see({ tcString: OF_THE_DAY })]).toEqual(['delivered', 'delivered']);
  expect(await ledger()).toEqual([['toggle', 'granted', 1, hashOf(1)], ['toggle', 'granted', 2, hashOf(2)]]);
});

it('lets nothing be kept on a consent that it has ended, of a person or of a device that nobody is known on', async () => {
  await start((parts) => { parts.sources = [{ connectionId: 'web', collectionPurpose: 'marketing' }]; });
  const device: Who = { userId: null, anonymousId: 'd1', isVerified: false };
  const kept = async (context: JsonObject, who: Who): Promise<number> => {
    const before = await world.store.collections.events.countDocuments();
    await see(context, who);
    return await world.store.collections.events.countDocuments() - before;
  };
  expect([await kept(YES, {}), await kept(YES, device), await kept({}, { userId: 'u9' })]).toEqual([1, 1, 0]);
  publish();
  expect([await kept(YES, {}), await kept(YES, device), await kept(YES, { userId: 'u2', agoMs: 2 * HOUR_MS })]).toEqual([0, 0, 0]);
  expect([await kept(YES, { ...device, anonymousId: 'd2' }), await kept(YES, { userId: 'u3' })]).toEqual([1, 1]);
  const shown = tells(true, { servedNotice: { agreementId: 'terms', version: 2, textHash: hashOf(2) } });
  expect([await kept(shown, {}), await kept(YES, {}), await kept(shown, device)]).toEqual([1, 1, 1]);
});
