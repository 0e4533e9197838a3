import { createConfigurationRepository, storeKey } from '@firsthand/persistence';
import { until } from './until.mjs';

const WORKSPACE = 'bench';
const SEGMENT = 'recent';
const DAYS = 30;
const DAY_MS = 86_400_000;
const BATCH = 1_000;
/** Before the moment: for the host to start, and for each person to be stored. */
const LEAD_MS = 20_000;
const FILL_MS = 0.5;
const LIMIT_MS = 60 * 60_000;

/**
 * How late so many people leave a segment whom time takes out of it at one moment, nobody sending an event: from the moment on to when each has left, with the event that tells of it. One worker sweeps.
 * @param {{ connected: object, withHost: Function, leaving: number, log: (line: string) => void }} options
 * @returns {Promise<{ leaving: number, perSecond: number, p50Ms: number, p99Ms: number, lastMs: number }>}
 */
export async function measureLeaving({ connected: { collections, connection }, withHost, leaving, log }) {
  await writeSegment(connection);
  const leaveAt = Date.now() + LEAD_MS + Math.ceil(leaving * FILL_MS);
  await fill(collections, leaving, leaveAt);
  log(`${leaving} people are to leave in ${Math.round((leaveAt - Date.now()) / 1000)} s`);
  const left = { workspaceId: WORKSPACE, 'record.name': 'Segment Exited', 'record.properties.segmentId': SEGMENT };
  return withHost({ FIRSTHAND_ROLES: 'worker' }, async () => {
    if (Date.now() >= leaveAt) throw new Error('the moment had passed before the host was ready: raise LEAD_MS or FILL_MS');
    await until(async () => (await collections.events.countDocuments(left)) === leaving, leaveAt - Date.now() + LIMIT_MS, 'not everybody has left');
    const late = (await collections.events.find(left, { projection: { receivedAt: 1 } }).toArray()).map(({ receivedAt }) => receivedAt - leaveAt).sort((a, b) => a - b);
    if (late[0] < 0) throw new Error(`somebody has left ${-late[0]} ms too soon`);
    const [p50Ms, p99Ms, lastMs] = [0.5, 0.99, 1].map((share) => late[Math.min(late.length - 1, Math.floor(late.length * share))]);
    log(`${leaving} have left within ${lastMs} ms`);
    return { leaving, perSecond: Math.round((leaving / lastMs) * 1000), p50Ms, p99Ms, lastMs };
  });
}

async function writeSegment(connection) {
  const { create } = createConfigurationRepository(connection);
  await create('purposes', WORKSPACE, 'service', {
    name: { en: 'Service' }, description: { en: 'What was ordered' }, lawfulBasis: 'contract', fields: ['*'], lawfulBasisIn: {}, dataCategories: [], separateConsent: [], channels: [], recipients: null, retentionDays: null, expiresAfterDays: null,
  }, Date.now());
  const segment = { name: 'Recent', purpose: 'service', condition: { event: 'Product Viewed', within: { days: DAYS } } };
  await create('segments', WORKSPACE, SEGMENT, { ...segment, description: '', status: 'live', published: { ...segment, version: 1, publishedAt: Date.now() } }, Date.now());
}

/** Members by an event of so long ago that they are none from that moment on. */
async function fill({ profiles }, leaving, leaveAt) {
  const at = leaveAt - DAYS * DAY_MS;
  const day = new Date(at).toISOString().slice(0, 10);
  const counter = { first: at, last: at, total: 1, days: { [day]: 1 } };
  for (let start = 0; start < leaving; start += BATCH) {
    await profiles.insertMany(Array.from({ length: Math.min(BATCH, leaving - start) }, (_, offset) => {
      const profileId = `leaver-${start + offset}`;
      return {
        _id: storeKey(WORKSPACE, profileId), schemaVersion: 1, workspaceId: WORKSPACE, profileId, subjectKey: profileId, version: 1, seq: 0, verifiedKeys: [], mergedFrom: [], identities: [{ namespace: 'userId', value: profileId }],
        fields: {}, activity: { 'Product Viewed': counter, '*': counter }, memberships: { [SEGMENT]: { n: 1, isMember: true, at, segmentVersion: 1 } }, firstSeenAt: at, lastSeenAt: at, createdAt: at, dueAt: leaveAt,
      };
    }), { ordered: false, writeConcern: { w: 1 } });
  }
}
