import { randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { compileMapping, compileTracked, createDictionary, DEFAULT_FLOW_SETTINGS, DEFAULT_REQUEST_SETTINGS } from '@firsthand/domain';
import { connectStore, migrate } from '@firsthand/persistence';
import { createApply, createIngest } from '@firsthand/pipeline';
import web from '@firsthand/plugin-web';

/**
 * What it costs to find out who somebody is, at a tenth and less of the people and at all of them: `node test/bench/identities.mjs PEOPLE`, after `npm run build`, with MONGODB_URI. Each has ten identities. What is measured is the
 * way from the inbox to the profile, once for people who are known and once for records that each add an identity (a browser); people are picked at random, each once in a round, so that a round is the same work at any size.
 */
const WORKSPACE = 'bench';
const IDENTITIES = 10;
const SMALL = 10_000;
const BATCH = 5_000;
const RECORDS = 4_000;
const PER_DOCUMENT = 100;
const ROUNDS = 7;
const NOW = Date.UTC(2026, 10, 24, 12);
const quiet = { info: () => undefined, warn: () => undefined };

const people = Number(process.argv[2] ?? 100_000);
const sizes = [Math.min(SMALL, people), people];
const stores = [];
try {
  for (const size of sizes) {
    const connected = await connectStore({ uri: process.env.MONGODB_URI, databaseName: `identities_${randomBytes(4).toString('hex')}`, log: quiet });
    stores.push(connected);
    await migrate(connected.connection);
    await fill(connected, size);
  }
  console.log('records per second from the inbox to the profile, the median of the rounds');
  for (const [name, messageOf] of [['known', (person) => ({ userId: `u${person}` })], ['with one more', (person) => ({ userId: `u${person}`, anonymousId: randomUUID() })]]) {
    const speeds = sizes.map(() => []);
    for (const [at, size] of sizes.entries()) await measure(stores[at], size, messageOf);
    // In turn, so that whatever else the machine does falls on both.
    for (let round = 0; round < ROUNDS; round += 1) for (const [at, size] of sizes.entries()) speeds[at].push(await measure(stores[at], size, messageOf));
    const [small, large] = speeds.map((all) => all.toSorted((a, b) => a - b)[ROUNDS >> 1]);
    const ratios = speeds[0].map((speed, round) => speeds[1][round] / speed).toSorted((a, b) => a - b);
    console.log(`${name}: ${Math.round(small).toLocaleString('en')} of ${sizes[0].toLocaleString('en')} people, ${Math.round(large).toLocaleString('en')} of ${people.toLocaleString('en')}; of a round ${ratios[ROUNDS >> 1].toFixed(2)} (${ratios[0].toFixed(2)} to ${ratios.at(-1).toFixed(2)})`);
  }
} finally {
  for (const connected of stores) {
    await connected.connection.dropDatabase();
    await connected.close();
  }
}

/** Keys as people have them: an account, a membership, a phone, an address, and browsers. */
function identitiesOf(person) {
  return [
    ['userId', `u${person}`], ['memberNo', `M${person}`], ['phone', `+86139${String(person).padStart(8, '0')}`], ['email', `p${person}@example.com`],
    ...Array.from({ length: IDENTITIES - 4 }, (_, browser) => ['anonymousId', `a${person}-${browser}`]),
  ].map(([namespace, value]) => ({ namespace, value }));
}

async function fill({ collections, connection }, people) {
  for (let start = 0; start < people; start += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, people - start) }, (_, index) => ({ person: start + index, profileId: randomUUID() }));
    await collections.profiles.insertMany(some.map(({ person, profileId }) => ({
      _id: `${WORKSPACE}|${profileId}`, schemaVersion: 1, workspaceId: WORKSPACE, profileId, subjectKey: randomUUID(), version: 1, seq: 0, identities: identitiesOf(person), verifiedKeys: identitiesOf(person).map(({ namespace, value }) => `${namespace}|${value}`),
      mergedFrom: [], fields: {}, activity: {}, memberships: {}, firstSeenAt: NOW, lastSeenAt: NOW, createdAt: NOW, dueAt: null,
    })), { ordered: false, writeConcern: { w: 1 } });
    await collections.identities.insertMany(some.flatMap(({ person, profileId }) => identitiesOf(person).map(({ namespace, value }) => (
      { _id: `${WORKSPACE}|${namespace}|${value}`, schemaVersion: 1, workspaceId: WORKSPACE, profileId, createdAt: NOW }))), { ordered: false, writeConcern: { w: 1 } });
  }
  // What was filled in must not be flushed while the records are measured.
  await connection.getClient().db('admin').command({ fsync: 1 });
}

/** Records per second of one round. */
async function measure({ store }, size, messageOf) {
  const configuration = configurationOf();
  const shared = { store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration }, clock: () => NOW, newId: randomUUID };
  const ingest = createIngest(shared);
  const picked = new Set();
  while (picked.size < RECORDS) picked.add(Math.floor(Math.random() * size));
  const raws = [...picked].map((person) => ({ type: 'identify', messageId: randomUUID(), timestamp: new Date(NOW).toISOString(), ...messageOf(person) }));
  for (let sent = 0; sent < RECORDS; sent += PER_DOCUMENT) {
    await ingest.accept({ configuration, connection: configuration.sources.get('web'), raws: raws.slice(sent, sent + PER_DOCUMENT), receivedAt: NOW, isVerified: true, isImport: false });
  }
  const apply = createApply({ ...shared, tombstoneDigest: (_, key) => key, http: { request: () => Promise.reject(new TypeError('no network')) }, pluginLog: () => quiet, log: quiet });
  const began = performance.now();
  await apply.drain();
  const speed = RECORDS / ((performance.now() - began) / 1_000);
  await apply.stop();
  return speed;
}

function configurationOf() {
  const service = { key: 'service', name: {}, description: {}, lawfulBasis: 'contract', fields: ['*'], lawfulBasisIn: {}, dataCategories: [], separateConsent: [], channels: [], recipients: null, retentionDays: null, expiresAfterDays: null };
  const terms = { agreementId: 'terms', version: 1, isMaterial: true, purposes: ['service'], texts: {}, textHashes: {}, publishedAt: 0 };
  const source = web.sources.events;
  return {
    workspaceId: WORKSPACE, version: 1, destinations: new Map(), purposes: new Map([['service', service]]), agreements: new Map([['terms', [terms]]]), segments: [], flows: [], flow: () => undefined, awaited: { events: new Set(), conditions: false },
    flowSettings: DEFAULT_FLOW_SETTINGS, requestSettings: DEFAULT_REQUEST_SETTINGS, tracked: compileTracked([]), dictionary: createDictionary(), sensitivePaths: [], ownerRank: () => 0,
    sources: new Map([['web', {
      connectionId: 'web', workspaceId: WORKSPACE, name: 'Web', pluginId: 'web', capability: 'events', status: 'enabled', settings: {}, publicSettings: {}, provenance: { collection: 'first-party', statement: 'Our own site.' }, agreementId: 'terms',
      collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', defaultCountry: 'CN', mappingVersion: 1, mapping: compileMapping(source.mapping), source,
    }]]),
  };
}
