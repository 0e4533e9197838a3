const BATCH = 1_000;
const TEMPLATES = 5_000;
/** What "nothing waits" is measured on: enough for a rate, too little for a backlog to show. */
export const SHORT_QUEUE = 5_000;
const SPREAD_OVER_MS = 3_600_000;
const DRAIN_LIMIT_MS = 2 * 3_600_000;

/**
 * How quickly due deliveries are drained: first a short queue of them, then so many. Both lie there, due and untried, before a worker is started; what it then does is
 * all of step 3: consent decided, evidence written ahead, one request each, outcome written down.
 * @param {{ connected: object, sink: object, withHost: Function, due: number, log: (line: string) => void }} options
 * @returns {Promise<{ due: number, perSecond: number, shortQueue: number, shortPerSecond: number, ratio: number }>}
 */
export async function measureDue({ connected, sink, withHost, due, log }) {
  const shortPerSecond = await drain({ connected, sink, withHost, count: SHORT_QUEUE, run: 's' });
  log(`a queue of ${SHORT_QUEUE}: ${shortPerSecond} deliveries/s`);
  const unwatch = sink.watch(logTenths(due, log));
  const perSecond = await drain({ connected, sink, withHost, count: due, run: 'd' });
  unwatch();
  log(`a queue of ${due}: ${perSecond} deliveries/s`);
  return { due, perSecond, shortQueue: SHORT_QUEUE, shortPerSecond, ratio: +(perSecond / shortPerSecond).toFixed(2) };
}

/** A rate for each tenth: whether it falls as the backlog does, or once because the machine was busy, shows in nothing else. */
function logTenths(due, log) {
  const tenth = Math.ceil(due / 10);
  let count = 0;
  let begin;
  return (_message, at) => {
    begin ??= at;
    count += 1;
    if (count % tenth !== 0) return;
    log(`${count} of ${due} drained, the last ${tenth} at ${Math.round((tenth / (at - begin)) * 1000)}/s`);
    begin = at;
  };
}

async function drain({ connected, sink, withHost, count, run }) {
  await makeDue(connected, count, run);
  sink.reset();
  const drained = sink.waitForTotal(count, DRAIN_LIMIT_MS);
  return withHost({ FIRSTHAND_ROLES: 'worker' }, async () => {
    const { firstAt, lastAt } = await drained;
    return Math.round(((count - 1) / (lastAt - firstAt)) * 1000);
  });
}

/** Delivered rows once more, as rows of their own that nobody has tried: people, events and mappings are the real ones. No host may be at work. */
async function makeDue({ collections: { deliveries, profiles } }, count, run) {
  const templates = await deliveries.find({ state: 'delivered', operation: 'send' }, { sort: { $natural: 1 }, limit: TEMPLATES }).toArray();
  if (templates.length === 0) throw new Error('there is no delivery to make others of');
  const [{ seq: above }] = await profiles.aggregate([{ $group: { _id: null, seq: { $max: '$seq' } } }]).toArray();
  const begin = Date.now() - SPREAD_OVER_MS;
  for (let start = 0; start < count; start += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - start) }, (_, offset) => {
      const index = start + offset;
      const at = begin + Math.floor((index / count) * SPREAD_OVER_MS);
      const template = templates[index % templates.length];
      return { ...template, _id: `${template._id}~${run}${index}`, seq: above + 1 + index, createdAt: at, dueAt: at, attempt: 0, state: 'pending', reason: null };
    });
    await deliveries.insertMany(rows, { ordered: false, writeConcern: { w: 1 } });
  }
  await profiles.updateMany({}, { $inc: { seq: above + count } });
}
