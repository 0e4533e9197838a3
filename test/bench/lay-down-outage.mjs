const WORKSPACE = 'bench';
const BATCH = 5_000;
/** The longest pause of a breaker. */
const PAUSE_MS = 60_000;

/**
 * Leaves the store as an outage of so many minutes leaves it: a pending delivery for each change of that time, untried but for what each probe of the breaker has tried, and the breaker open for the longest pause from now on.
 * Made of delivered rows, so that people, events and mappings are the real ones. No host may be at work.
 * @returns {Promise<number>} how many changes
 */
export async function layDownOutage({ connected: { collections: { deliveries, profiles, lanes, ledger } }, minutes, perSecond, log }) {
  const templates = await deliveries.find({ state: 'delivered', flowId: 'mirror' }, { sort: { createdAt: -1 } }).toArray();
  if (templates.length === 0) throw new Error('there is no delivery to make others of');
  const [{ seq: above }] = await profiles.aggregate([{ $group: { _id: null, seq: { $max: '$seq' } } }]).toArray();
  const count = minutes * 60 * perSecond;
  const begin = Date.now() - minutes * 60_000;
  for (let start = 0; start < count; start += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - start) }, (_, offset) => {
      const index = start + offset;
      const at = begin + Math.floor(index * 1_000 / perSecond);
      const template = templates[index % templates.length];
      return { ...template, _id: `${template._id}~o${index}`, seq: above + 1 + index, createdAt: at, dueAt: at, attempt: 0, state: 'pending', reason: null };
    });
    await deliveries.insertMany(rows, { ordered: false, writeConcern: { w: 1 } });
  }
  // The books know of them.
  const minute = begin - (begin % 60_000);
  await ledger.insertOne({ _id: `${WORKSPACE}|sink|${String(minute).padStart(13, '0')}|outage`, schemaVersion: 1, workspaceId: WORKSPACE, connectionId: 'sink', minute, counts: { deliveries: count } });
  await profiles.updateMany({}, { $inc: { seq: above + count } });
  await lanes.updateOne({ _id: `${WORKSPACE}|sink` }, { $set: { health: { failingSince: begin, failures: 200, pausedUntil: null, breaker: { openUntil: Date.now() + PAUSE_MS, openings: 60 } } } });
  log(`an outage of ${minutes} minutes laid down: ${count} deliveries wait`);
  return count;
}
