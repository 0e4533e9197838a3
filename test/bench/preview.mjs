import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { BUILT_IN_PERMISSIONS, createAbility } from '@firsthand/access';
import { connectStore, createConfigurationRepository, migrate, storeKey } from '@firsthand/persistence';
import { createDictionary, compileTracked } from '@firsthand/domain';
import { previewSegment } from '../../apps/host/dist/admin/segments/preview-segment.js';

/**
 * How long the preview of a segment of five conditions takes: `MONGODB_URI=… node test/bench/preview.mjs [people]`, after `npm run build`. An estimate with
 * its error, then the exact size by a query.
 */
const PEOPLE = Number(process.argv[2] ?? 100_000);
const BATCH = 5_000;
const DAY_MS = 86_400_000;
const NOW = Date.now();
const ROUNDS = 3;
const workspaceId = 'bench';
const day = (ago) => new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10);

function person(index) {
  const profileId = randomUUID();
  const field = (value) => ({ value, at: NOW, source: 's', origin: 'o', version: 1 });
  const ago = index % 90;
  const counter = { first: NOW - 200 * DAY_MS, last: NOW - ago * DAY_MS, total: 3 + (index % 4), days: { [day(ago)]: 1 + (index % 4), [day(ago + 30)]: 2 } };
  return {
    _id: storeKey(workspaceId, profileId), schemaVersion: 1, workspaceId, profileId, subjectKey: profileId, version: 1, seq: 0, dueAt: null, verifiedKeys: [], mergedFrom: [],
    identities: [{ namespace: 'email', value: `p${index}@example.com` }, ...(index % 3 === 0 ? [{ namespace: 'phone', value: `+861391234${index}` }] : [])],
    fields: { city: field(['Shanghai', 'Suzhou', 'Lima', 'Quito'][index % 4]), memberSince: field(new Date(NOW - (index % 900) * DAY_MS).toISOString()), membershipLevel: field(['gold', 'silver'][index % 2]), language: field('en') },
    activity: { 'Order Completed': counter, '*': counter }, memberships: { other: { n: 1, isMember: index % 2 === 0, at: NOW, segmentVersion: 1 } }, firstSeenAt: NOW, lastSeenAt: NOW, createdAt: NOW,
  };
}

const CONDITION = {
  all: [
    { trait: 'city', op: 'in', value: ['Shanghai', 'Suzhou'] }, { trait: 'memberSince', op: 'before', value: { ago: { days: 90 } } }, { event: 'Order Completed', within: { days: 60 }, count: { op: 'gte', value: 2 } },
    { not: { segment: 'other' } }, { reachable: 'email', purpose: 'marketing' },
  ],
};

const connected = await connectStore({ uri: process.env.MONGODB_URI, databaseName: `preview_${randomUUID().slice(0, 8)}`, log: { info() {}, warn() {} } });
try {
  await migrate(connected.connection);
  const { profiles, consentStates } = connected.collections;
  const own = { decision: 'granted', recordId: 'r', agreementId: 'a', agreementVersion: 1, textHash: null, method: 'api', effectiveAt: 0, recordedAt: 0 };
  for (let at = 0; at < PEOPLE; at += BATCH) {
    const people = Array.from({ length: Math.min(BATCH, PEOPLE - at) }, (_, index) => person(at + index));
    await profiles.insertMany(people, { ordered: false });
    await consentStates.insertMany(people.filter((_person, index) => index % 2 === 1).map(({ _id, profileId }) => ({ _id, schemaVersion: 1, workspaceId, profileId, state: { marketing: { own } } })), { ordered: false });
  }
  const dictionary = createDictionary();
  const repository = createConfigurationRepository(connected.connection);
  const purpose = { name: { en: 'M' }, description: { en: 'M' }, lawfulBasis: 'consent', fields: ['*'], lawfulBasisIn: {}, dataCategories: [], separateConsent: [], channels: [], recipients: null, retentionDays: null, expiresAfterDays: null };
  await repository.create('purposes', workspaceId, 'marketing', purpose, NOW);
  const anyCondition = { all: [] };
  await repository.create('segments', workspaceId, 'other', { name: 'other', description: '', purpose: 'marketing', condition: anyCondition, status: 'live', published: { version: 1, name: 'other', purpose: 'marketing', condition: anyCondition, publishedAt: NOW } }, NOW);
  const workspace = {
    workspaceId, dictionary, purposes: new Map([['marketing', { key: 'marketing', ...purpose }]]), segments: [], tracked: compileTracked([]), ownerRank: () => 0, sensitivePaths: [],
    agreements: new Map([['a', [{ agreementId: 'a', version: 1, isMaterial: true, purposes: ['marketing'], texts: {}, textHashes: {}, publishedAt: 0 }]]]),
  };
  const admin = { collections: connected.collections, repository, configuration: { workspace: () => workspace }, clock: () => NOW };
  const body = { purpose: 'marketing', condition: CONDITION };
  for (const [name, estimateOnly] of [['estimate', true], ['exact', false]]) {
    const runs = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      const { matching, members, margin, evaluated } = await previewSegment(admin, { workspaceId, ability: createAbility(BUILT_IN_PERMISSIONS.owner) }, { ...body, estimateOnly });
      runs.push({ ms: Math.round(performance.now() - began), matching, members, margin: margin.members, evaluated });
    }
    for (const { ms, members, margin, evaluated } of runs) console.log(`${PEOPLE} people, ${name}: ${ms} ms, ${members} members${margin > 0 ? ` ± ${margin}` : ''}, ${evaluated} looked at`);
  }
} finally {
  await connected.connection.dropDatabase();
  await connected.close();
}
