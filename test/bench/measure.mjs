import { sendAtRate, sendClosedLoop, uniqueCount } from './load.mjs';
import { cpuMicros, residentMemory } from './process-figures.mjs';

const FORWARDER = { at32: 'forwarder, 32 connections', at128: 'forwarder, 128 connections', batch: 'forwarder, batches of 100' };
const HOST = { at32: 'Firsthand, 32 connections', at128: 'Firsthand, 128 connections', batch: 'Firsthand, batches of 100', arrays: 'Firsthand, batches of 100, arrays out' };
const ARRIVAL_LIMIT_MS = 300_000;

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const percentile = (values, share) => +[...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))].toFixed(1);

/**
 * Measures every case in turn, round by round, and the latency at two rates.
 * @param {{ sink: object, forwarder: object, host: object, site: object, servers: Record<string, number>, name: string, events: number, rounds: number, people: number,
 *   log: (line: string) => void }} options `servers`: the pids of the servers that run here, by name; `name`: apart from the other measurements of one run
 */
export async function measure({ sink, forwarder, host, site, servers, name, events, rounds, people, log }) {
  const subject = { url: host.url, writeKey: site.writeKey };
  const processes = { host: host.pid, ...servers };
  const figures = new Map([...Object.values(FORWARDER), ...Object.values(HOST)].map((ofCase) => [ofCase, []]));
  const run = async (ofCase, round, to, connections, batch) => {
    const took = await throughput({ sink, to, processes, connections, batch, events, people, run: `${name}-${round}-${figures.get(ofCase).length}-${connections}-${ofCase.length}` });
    figures.get(ofCase).push(took);
    log(`${name}, round ${round}: ${ofCase}: ${Math.round(took.perSecond)} events/s${to === subject ? cpuText(took.cpu) : ''}`);
  };
  for (let round = 1; round <= rounds; round += 1) {
    await run(FORWARDER.at32, round, forwarder, 32, 1);
    await run(HOST.at32, round, subject, 32, 1);
    await run(FORWARDER.at128, round, forwarder, 128, 1);
    await run(HOST.at128, round, subject, 128, 1);
    await run(FORWARDER.batch, round, forwarder, 16, 100);
    await run(HOST.batch, round, subject, 16, 100);
    await site.takeArrays(true);
    await run(HOST.arrays, round, subject, 16, 100);
    await site.takeArrays(false);
  }
  const of = (ofCase) => Math.round(median(figures.get(ofCase).map(({ perSecond }) => perSecond)));
  const ratio = (one, other) => +(of(one) / of(other)).toFixed(3);
  return {
    forwarder: { eventsPerSecond: of(FORWARDER.at128), at32: of(FORWARDER.at32), batch: of(FORWARDER.batch) },
    single: {
      eventsPerSecond: of(HOST.at128), at32: of(HOST.at32), ratio: ratio(HOST.at128, FORWARDER.at128), ratioAt32: ratio(HOST.at32, FORWARDER.at32),
      cpu: medianCpu(figures.get(HOST.at128).map(({ cpu }) => cpu)),
    },
    batch: { eventsPerSecond: of(HOST.batch) },
    batchArray: { eventsPerSecond: of(HOST.arrays) },
    latency: {
      at10: await latency({ sink, subject, perSecond: 10, count: 200, people, run: `${name}-l10` }),
      at200: await latency({ sink, subject, perSecond: 200, count: 2_000, people, run: `${name}-l200` }),
    },
    startMs: host.startMs,
    rssMb: (await residentMemory(host.pid))?.nowMb ?? null,
  };
}

/** Events per second from the first request to the last arrival, and what each process spent on an event. */
async function throughput({ sink, to, processes, connections, batch, events, people, run }) {
  sink.reset();
  const before = await cpuOf(processes);
  const begin = performance.now();
  const arrived = sink.waitFor(uniqueCount(events), ARRIVAL_LIMIT_MS);
  const [at] = await Promise.all([arrived, sendClosedLoop({ url: to.url, writeKey: to.writeKey, connections, count: events, batch, run, people })]);
  const after = await cpuOf(processes);
  return { perSecond: (uniqueCount(events) / (at - begin)) * 1000, cpu: perEvent(before, after, events) };
}

async function cpuOf(processes) {
  return Object.fromEntries(await Promise.all(Object.entries(processes).map(async ([name, pid]) => [name, await cpuMicros(pid)])));
}

/** Microseconds per event by process, without those that cannot be seen. */
function perEvent(before, after, events) {
  const seen = Object.keys(before).filter((name) => before[name] !== null && after[name] !== null);
  return Object.fromEntries(seen.map((name) => [name, (after[name] - before[name]) / events]));
}

function medianCpu(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map((name) => [name, Math.round(median(runs.map((cpu) => cpu[name])))]));
}

function cpuText(cpu) {
  const parts = Object.entries(cpu).map(([name, micros]) => `${name} ${Math.round(micros)}`);
  return parts.length === 0 ? '' : `, CPU µs per event: ${parts.join(', ')}`;
}

async function latency({ sink, subject, perSecond, count, people, run }) {
  sink.reset();
  const arrived = sink.waitFor(count, ARRIVAL_LIMIT_MS);
  const [, sentAt] = await Promise.all([arrived, sendAtRate({ url: subject.url, writeKey: subject.writeKey, perSecond, count, run, people })]);
  const took = [...sentAt].map(([id, at]) => sink.arrivals.get(id) - at);
  return { p50Ms: percentile(took, 0.5), p95Ms: percentile(took, 0.95), p99Ms: percentile(took, 0.99) };
}
