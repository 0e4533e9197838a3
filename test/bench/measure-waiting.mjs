import { createConfigurationRepository } from '@firsthand/persistence';
import { sendClosedLoop } from './load.mjs';
import { residentMemory } from './process-figures.mjs';
import { until } from './until.mjs';

const WORKSPACE = 'bench';
const DAYS = 30;
const DAY_MS = 86_400_000;
const BATCH = 1_000;
/** Runs that wait at first, and are woken in each part: enough for a rate. */
export const WOKEN = 5_000;
const LIMIT_MS = 15 * 60_000;

/**
 * What so many runs that wait cost: storage for each, memory of the host beside an empty waiting room, and how quickly others are woken among them.
 * The first runs are the pipeline's own, by events of people; those among which they are woken are copies of them, with days still to wait.
 * @param {{ connected: object, sink: object, site: object, withHost: Function, people: number, waiting: number, log: (line: string) => void }} options
 * @returns {Promise<{ waiting: number, bytesPerRun: number, aloneMb: number | null, amongMb: number | null, alonePerSecond: number, amongPerSecond: number, ratio: number }>}
 */
export async function measureWaiting({ connected, sink, site, withHost, people, waiting, log }) {
  const { collections, connection } = connected;
  await writeFlow(connection);
  const woken = async (round) => {
    await startRuns({ collections, site, withHost, people, round });
    return wake({ sink, withHost });
  };
  const alone = await woken(1);
  log(`${WOKEN} woken alone: ${alone.perSecond}/s, ${alone.mb} MB`);
  const bytesPerRun = await fill(connected, waiting);
  log(`${waiting} runs wait, ${bytesPerRun} bytes each`);
  const among = await woken(2);
  log(`${WOKEN} woken among them: ${among.perSecond}/s, ${among.mb} MB`);
  return {
    waiting, bytesPerRun, aloneMb: alone.mb, amongMb: among.mb, alonePerSecond: alone.perSecond, amongPerSecond: among.perSecond, ratio: +(among.perSecond / alone.perSecond).toFixed(2),
  };
}

async function writeFlow(connection) {
  const flow = {
    flowId: 'later', version: 1, name: 'Later', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false,
    steps: [
      { id: 'wait', type: 'delay', span: { days: DAYS } },
      { id: 'send', type: 'deliver', connectionId: 'sink', action: 'send-event', mapping: { event: '{{event}}', identities: '{{identities}}' } },
    ],
  };
  await createConfigurationRepository(connection).create('flows', WORKSPACE, 'later', { draft: null, status: 'live', liveVersion: 1, versions: [{ ...flow, publishedAt: Date.now() }] }, Date.now());
}

/** Has the host begin runs, and gives them back as due as after all the days. Those of before stay as they are. */
async function startRuns({ collections: { runs, inbox, deliveries }, site, withHost, people, round }) {
  const isQuiet = async () => (await inbox.countDocuments({})) === 0 && (await deliveries.countDocuments({ state: 'pending' })) === 0;
  const begin = Date.now();
  await withHost({}, async ({ url }) => {
    // A tenth of the events are of another name, and a few come twice.
    await sendClosedLoop({ url, writeKey: site.writeKey, connections: 16, count: WOKEN * 1.2, batch: 100, run: `waiting-${round}`, people });
    await until(async () => await runs.countDocuments({ startedAt: { $gte: begin }, dueAt: { $gt: 0 } }) >= WOKEN && await isQuiet(), LIMIT_MS, 'the runs were not begun');
  });
  const own = await runs.find({ startedAt: { $gte: begin }, dueAt: { $gt: 0 } }, { projection: { _id: 1 } }).toArray();
  await runs.deleteMany({ _id: { $in: own.slice(WOKEN).map(({ _id }) => _id) } });
  const due = own.slice(0, WOKEN).map(({ _id }) => _id);
  await runs.updateMany({ _id: { $in: due } }, [{ $set: Object.fromEntries(['since', 'startedAt', 'dueAt', 'wait.since', 'wait.until'].map((time) => [time, { $subtract: [`$${time}`, (DAYS + 1) * DAY_MS] }])) }]);
}

/** From the first to the last request that due runs lead to, and the host's memory then. */
async function wake({ sink, withHost }) {
  sink.reset();
  const arrived = sink.waitForTotal(WOKEN, LIMIT_MS);
  return withHost({ FIRSTHAND_ROLES: 'worker' }, async ({ pid }) => {
    const { firstAt, lastAt } = await arrived;
    return { perSecond: Math.round(((WOKEN - 1) / (lastAt - firstAt)) * 1000), mb: (await residentMemory(pid))?.nowMb ?? null };
  });
}

/** Bytes on the disk of the collection and its indexes. */
async function storageOf(connection) {
  const { storageSize, totalIndexSize } = await connection.db.command({ collStats: 'runs' });
  return storageSize + totalIndexSize;
}

/** Copies of an ended run as they are while they wait, spread over days to come. Gives what each takes with its share of the indexes, on the disk. */
async function fill({ collections: { runs }, connection }, waiting) {
  const templates = await runs.find({ flowId: 'later' }, { limit: BATCH, projection: { expireAt: 0 } }).toArray();
  if (templates.length === 0) throw new Error('there is no run to make others of');
  const before = await storageOf(connection);
  const now = Date.now();
  for (let start = 0; start < waiting; start += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, waiting - start) }, (_, offset) => {
      const template = templates[offset % templates.length];
      const at = now - Math.floor(((start + offset) / waiting) * (DAYS / 2) * DAY_MS);
      const until = at + DAYS * DAY_MS;
      return { ...template, _id: `${template._id}~${start + offset}`, resumeAtStep: 0, wait: { since: at, until }, since: at, startedAt: at, dueAt: until, end: null };
    });
    await runs.insertMany(rows, { ordered: false, writeConcern: { w: 1 } });
  }
  await connection.getClient().db('admin').command({ fsync: 1 });
  return Math.round((await storageOf(connection) - before) / waiting);
}
