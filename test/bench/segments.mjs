import { randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { activityKeysOf, compileCondition, compileMapping, compileTracked, createDictionary, DEFAULT_FLOW_SETTINGS, DEFAULT_REQUEST_SETTINGS, foldRecord, newProfile } from '@firsthand/domain';
import { connectStore, migrate } from '@firsthand/persistence';
import { createApply, createIngest, moveSegments, newPersonWork, noteFold } from '@firsthand/pipeline';
import web from '@firsthand/plugin-web';

/**
 * What an event costs with many live segments: `node test/bench/segments.mjs [events]`, after `npm run build`. First without a server: folding an event into its person
 * and moving them among segments, without the transaction around it. Then, with MONGODB_URI, all of its way from the inbox to the profile.
 */
const EVENTS = Number(process.argv[2] ?? 40_000);
const PEOPLE = 500;
const ROUNDS = 5;
const NOW = Date.UTC(2026, 10, 24, 12);
const MINUTE_MS = 60_000;
const quiet = { info: () => undefined, warn: () => undefined };
const [FEW, MANY] = [5, 200];
const PER_DOCUMENT = 10;
const STORED_EVENTS = 4_000;
const STORED_ROUNDS = 7;

/** Segments as people make them: each reads fields and events of its own, some read time, some each other. Every fifth reads what the stream brings. */
function segments(count) {
  return Array.from({ length: count }, (_, index) => {
    const event = index % 5 === 0 ? 'Product Viewed' : `Event ${index % 40}`;
    const condition = {
      all: [
        { any: [{ trait: 'city', op: 'in', value: ['Shanghai', 'Suzhou'] }, { trait: `custom.field${index % 30}`, op: 'exists' }] },
        index % 3 === 0 ? { event, within: { days: 30 }, count: { op: 'gte', value: 3 } } : { not: { event, within: { days: 7 } } },
        { consent: 'service' }, { trait: 'memberSince', op: 'before', value: { ago: { days: 30 + index } } },
        index > 5 && index % 7 === 0 ? { not: { segment: 's1' } } : { trait: 'language', op: 'neq', value: 'fr' },
      ],
    };
    return { segmentId: `s${index}`, workspaceId: 'w', version: 1, name: `s${index}`, purpose: 'service', condition: compileCondition(condition) };
  });
}

function configurationOf(count) {
  const own = segments(count);
  const purpose = { key: 'service', name: {}, description: {}, lawfulBasis: 'contract', fields: ['*'], lawfulBasisIn: {}, dataCategories: [], separateConsent: [], channels: [], recipients: null, retentionDays: null, expiresAfterDays: null };
  const terms = { agreementId: 'terms', version: 1, isMaterial: true, purposes: ['service'], texts: {}, textHashes: {}, publishedAt: 0 };
  const source = web.sources.events;
  return {
    workspaceId: 'w', version: 1, destinations: new Map(), flows: [], flow: () => undefined, dictionary: createDictionary(), sensitivePaths: [], ownerRank: () => 0,
    flowSettings: DEFAULT_FLOW_SETTINGS, requestSettings: DEFAULT_REQUEST_SETTINGS, awaited: { events: new Set(), conditions: false },
    sources: new Map([['web', {
      connectionId: 'web', workspaceId: 'w', name: 'Web', pluginId: 'web', capability: 'events', status: 'enabled', settings: {}, publicSettings: {}, provenance: { collection: 'first-party', statement: 'Our own site.' }, agreementId: 'terms',
      collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', defaultCountry: 'US', mappingVersion: 1, mapping: compileMapping(source.mapping), source,
    }]]),
    purposes: new Map([['service', purpose]]), agreements: new Map([['terms', [terms]]]), segments: own, tracked: compileTracked(own.flatMap(({ condition }) => condition.activityKeys)),
  };
}

/** Microseconds per event, the best of the rounds. */
function measure(count, isSelective) {
  const configuration = configurationOf(count);
  const people = Array.from({ length: PEOPLE }, (_, index) => newProfile({ workspaceId: 'w', profileId: `p${index}`, subjectKey: 'k', seenAt: NOW, now: NOW }));
  let at = NOW;
  const handle = (index) => {
    const profile = people[index % PEOPLE];
    if (!isSelective) delete profile.evaluated;
    const person = newPersonWork(profile, {}, false);
    const record = {
      type: 'track', name: index % 3 === 0 ? 'Product Viewed' : 'Page Scrolled', messageId: `m${index}`, occurredAt: at, identities: [], profile: {}, properties: { sku: 'a' }, consents: {}, context: {}, flags: [],
    };
    noteFold(person, foldRecord(profile, record, { now: at, version: profile.version + 1, source: 's', isVerified: true, foreignKeys: new Set(), ownerRank: () => 0, activityKeysOf: (folded) => activityKeysOf(folded, configuration.tracked) }));
    moveSegments(person, configuration, at);
  };
  for (let index = 0; index < PEOPLE * 4; index += 1) handle(index);
  const times = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    for (let index = 0; index < EVENTS / ROUNDS; index += 1, at += MINUTE_MS / PEOPLE) handle(index);
    return ((performance.now() - began) * 1_000) / (EVENTS / ROUNDS);
  });
  return Math.min(...times);
}

const row = (count) => ({ segments: count, selective: measure(count, true), all: measure(count, false) });
const [few, many] = [row(FEW), row(MANY)];
console.log('µs per event: fold and segments, in memory');
for (const { segments: count, selective, all } of [few, many]) console.log(`${String(count).padStart(4)} live segments   selective ${selective.toFixed(1).padStart(7)}   every one ${all.toFixed(1).padStart(7)}`);
console.log(`200 against 5: ${(many.selective / few.selective).toFixed(2)} times, ${(many.selective - few.selective).toFixed(1)} µs more (every one: ${(many.all / few.all).toFixed(2)} times, ${(many.all - few.all).toFixed(1)} µs more)`);

if (process.env.MONGODB_URI !== undefined) await measureStored();

/** In turn, so that whatever else the machine does falls on both. */
async function measureStored() {
  const stores = [];
  try {
    const subjects = [];
    for (const count of [FEW, MANY]) {
      const connected = await connectStore({ uri: process.env.MONGODB_URI, databaseName: `segments_${randomBytes(4).toString('hex')}`, log: quiet });
      stores.push(connected);
      await migrate(connected.connection);
      subjects.push({ connected, configuration: configurationOf(count), costs: [] });
    }
    // The first round makes the people.
    for (let round = -1; round < STORED_ROUNDS; round += 1) {
      for (const { connected, configuration, costs } of subjects) {
        const cost = await applyRound(connected, configuration, NOW + round * MINUTE_MS);
        if (round >= 0) costs.push(cost);
      }
    }
    const ratios = subjects[0].costs.map((cost, round) => subjects[1].costs[round] / cost).toSorted((a, b) => a - b);
    const [fewCost, manyCost] = subjects.map(({ costs }) => costs.toSorted((a, b) => a - b)[STORED_ROUNDS >> 1]);
    console.log(`µs per event from the inbox to the profile, ${PER_DOCUMENT} to a request: ${fewCost.toFixed(0)} with ${FEW} live segments, ${manyCost.toFixed(0)} with ${MANY}; of a round ${ratios[STORED_ROUNDS >> 1].toFixed(2)} times (${ratios[0].toFixed(2)} to ${ratios.at(-1).toFixed(2)})`);
  } finally {
    for (const connected of stores) {
      await connected.connection.dropDatabase();
      await connected.close();
    }
  }
}

/** Microseconds per event of one round. */
async function applyRound({ store }, configuration, at) {
  const shared = { store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration }, clock: () => at, newId: randomUUID };
  const ingest = createIngest(shared);
  const raws = Array.from({ length: STORED_EVENTS }, (_, index) => ({ type: 'track', event: index % 3 === 0 ? 'Product Viewed' : 'Page Scrolled', messageId: randomUUID(), userId: `u${index % PEOPLE}`, timestamp: new Date(at).toISOString(), properties: { sku: 'a' } }));
  for (let sent = 0; sent < raws.length; sent += PER_DOCUMENT) await ingest.accept({ configuration, connection: configuration.sources.get('web'), raws: raws.slice(sent, sent + PER_DOCUMENT), receivedAt: at, isVerified: true, isImport: false });
  const apply = createApply({ ...shared, tombstoneDigest: (_, key) => key, http: { request: () => Promise.reject(new TypeError('no network')) }, pluginLog: () => quiet, log: quiet });
  const began = performance.now();
  await apply.drain();
  const cost = ((performance.now() - began) * 1_000) / STORED_EVENTS;
  await apply.stop();
  return cost;
}
