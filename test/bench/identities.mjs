import { randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { compileMapping, compileTracked, createDictionary, DEFAULT_FLOW_SETTINGS, DEFAULT_REQUEST_SETTINGS } from '@firsthand/domain';
import { connectStore, migrate } from '@firsthand/persistence';
import { createApply, createIngest } from '@firsthand/pipeline';
import web from '@firsthand/plugin-web';

/**
 * What it costs to find out who somebody is, at a tenth and less of the people and at all of them: `node test/bench/identities.mjs PEOPLE`, after `npm run build`, with MONGODB_URI. Each has ten identities. What is measured is the
 * way from the inbox to the profile, once for people who are known and once for records that add an identity; people are picked at random.
 */
const WORKSPACE = 'bench';
const IDENTITIES = 10;
const SMALL = 10_000;
const BATCH = 5_000;
const RECORDS = 4_000;
const PER_DOCUMENT = 100;
const ROUNDS = 3;
const NOW = Date.UTC(2026, 10, 24, 12);
const quiet = { info: () => undefined, warn: () => undefined };

const people = Number(process.argv[2] ?? 100_000);
const connected = await connectStore({ uri: process.env.MONGODB_URI, databaseName: `identities_${randomBytes(4).toString('hex')}`, log: quiet });
try {
  await migrate(connected.connection);
  const rows = [];
  let filled = 0;
  for (const size of [Math.min(SMALL, people), people]) {
    await fill(connected, filled, size);
    filled = size;
    rows.push({ size, known: await measure(connected, size, (person) => ({ userId: `u${person}` })), grown: await measure(connected, size, (person) => ({ userId: `u${person}`, traits: { email: `e${person}-new@example.com` } })) });
  }
  const [small, large] = rows;
  console.log('records per second from the inbox to the profile');
  for (const { size, known, grown } of rows) console.log(`${size.toLocaleString('en')} people, ${(size * IDENTITIES).toLocaleString('en')} identities   known ${Math.round(known).toLocaleString('en')}   with one more ${Math.round(grown).toLocaleString('en')}`);
  console.log(`of the speed at ${small.size.toLocaleString('en')}: known ${(large.known / small.known).toFixed(2)}, with one more ${(large.grown / small.grown).toFixed(2)}`);
} finally {
  await connected.connection.dropDatabase();
  await connected.close();
}

/** Keys as people have them: an account, a membership, a phone, an address, and browsers. */
function identitiesOf(person) {
  return [
    ['userId', `u${person}`], ['memberNo', `M${person}`], ['phone', `+86139${String(person).padStart(8, '0')}`], ['email', `p${person}@example.com`],
    ...Array.from({ length: IDENTITIES - 4 }, (_, browser) => ['anonymousId', `a${person}-${browser}`]),
  ].map(([namespace, value]) => ({ namespace, value }));
}

async function fill({ collections }, from, to) {
  for (let start = from; start < to; start += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, to - start) }, (_, index) => ({ person: start + index, profileId: randomUUID() }));
    await collections.profiles.insertMany(some.map(({ person, profileId }) => ({
      _id: `${WORKSPACE}|${profileId}`, schemaVersion: 1, workspaceId: WORKSPACE, profileId, subjectKey: randomUUID(), version: 1, seq: 0, identities: identitiesOf(person), verifiedKeys: identitiesOf(person).map(({ namespace, value }) => `${namespace}|${value}`),
      mergedFrom: [], fields: {}, activity: {}, memberships: {}, firstSeenAt: NOW, lastSeenAt: NOW, createdAt: NOW, dueAt: null,
    })), { ordered: false, writeConcern: { w: 1 } });
    await collections.identities.insertMany(some.flatMap(({ person, profileId }) => identitiesOf(person).map(({ namespace, value }) => (
      { _id: `${WORKSPACE}|${namespace}|${value}`, schemaVersion: 1, workspaceId: WORKSPACE, profileId, createdAt: NOW }))), { ordered: false, writeConcern: { w: 1 } });
  }
}

/** Records per second, the best of the rounds. */
async function measure({ store }, size, messageOf) {
  const configuration = configurationOf();
  const shared = { store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration }, clock: () => NOW, newId: randomUUID };
  const ingest = createIngest(shared);
  const speeds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let sent = 0; sent < RECORDS; sent += PER_DOCUMENT) {
      const raws = Array.from({ length: PER_DOCUMENT }, () => ({ type: 'identify', messageId: randomUUID(), timestamp: new Date(NOW).toISOString(), ...messageOf(Math.floor(Math.random() * size)) }));
      await ingest.accept({ configuration, connection: configuration.sources.get('web'), raws, receivedAt: NOW, isVerified: true, isImport: false });
    }
    const apply = createApply({ ...shared, tombstoneDigest: (_, key) => key, http: { request: () => Promise.reject(new TypeError('no network')) }, pluginLog: () => quiet, log: quiet });
    const began = performance.now();
    await apply.drain();
    speeds.push(RECORDS / ((performance.now() - began) / 1_000));
    await apply.stop();
  }
  return Math.max(...speeds);
}

function configurationOf() {
  const source = web.sources.events;
  return {
    workspaceId: WORKSPACE, version: 1, destinations: new Map(), purposes: new Map(), agreements: new Map(), segments: [], flows: [], flow: () => undefined, awaited: { events: new Set(), conditions: false },
    flowSettings: DEFAULT_FLOW_SETTINGS, requestSettings: DEFAULT_REQUEST_SETTINGS, tracked: compileTracked([]), dictionary: createDictionary(), sensitivePaths: [], ownerRank: () => 0,
    sources: new Map([['web', {
      connectionId: 'web', workspaceId: WORKSPACE, name: 'Web', pluginId: 'web', capability: 'events', status: 'enabled', settings: {}, publicSettings: {}, provenance: { collection: 'first-party', statement: 'Our own site.' }, agreementId: 'terms',
      collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', defaultCountry: 'CN', mappingVersion: 1, mapping: compileMapping(source.mapping), source,
    }]]),
  };
}
