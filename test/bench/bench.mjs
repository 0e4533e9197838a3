import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pickPort } from '../../scripts/servers/ports.mjs';
import { sendAtRate, sendClosedLoop, uniqueCount } from './load.mjs';
import { consentBatches, seed } from './seed.mjs';
import { startSink } from './sink.mjs';

const PEOPLE = 5_000;
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

/**
 * Measures the forwarder and Firsthand in turn, on the same machine in the same run.
 * @param {{ mongoUri: string, redisUrl: string, events: number, rounds: number, root: string, log: (line: string) => void }} options
 */
export async function bench({ mongoUri, redisUrl, events, rounds, root, log }) {
  const sink = await startSink();
  const sinkUrl = `http://127.0.0.1:${sink.port}/`;
  const work = await mkdtemp(join(tmpdir(), 'firsthand-bench-'));
  const started = [];
  const begin = async (subject) => { started.push(await subject); return started.at(-1); };
  try {
    const forwarder = await begin(startForwarder(sinkUrl));
    const single = await begin(startHost({ mongoUri, redisUrl, sinkUrl, arrays: false, root, work, log }));
    const arrays = await begin(startHost({ mongoUri, redisUrl, sinkUrl, arrays: true, root, work, log }));
    return await measure({ sink, forwarder, single, arrays, events, rounds, log });
  } finally {
    for (const subject of started) await subject.stop();
    sink.close();
    await rm(work, { recursive: true, force: true });
  }
}

async function measure({ sink, forwarder, single, arrays, events, rounds, log }) {
  let run = 0;
  /** Events per second from the first request to the last arrival. */
  const throughput = async (subject, connections, batch) => {
    run += 1;
    sink.reset();
    const cpu = subject.pid === undefined ? 0 : await cpuMicros(subject.pid);
    const begin = performance.now();
    const arrived = sink.waitFor(uniqueCount(events), 300_000);
    await sendClosedLoop({ url: subject.url, writeKey: subject.writeKey ?? 'none', connections, count: events, batch, run: `r${run}`, people: PEOPLE });
    const perSecond = (uniqueCount(events) / ((await arrived) - begin)) * 1000;
    const micros = subject.pid === undefined ? 0 : ((await cpuMicros(subject.pid)) - cpu) / events;
    return { perSecond, micros };
  };
  const cases = [
    ['forwarder, 32 connections', forwarder, 32, 1], ['Firsthand, 32 connections', single, 32, 1],
    ['forwarder, 128 connections', forwarder, 128, 1], ['Firsthand, 128 connections', single, 128, 1],
    ['forwarder, batches of 100', forwarder, 16, 100], ['Firsthand, batches of 100', single, 16, 100], ['Firsthand, batches of 100, arrays out', arrays, 16, 100],
  ];
  const figures = new Map(cases.map(([name]) => [name, { perSecond: [], micros: [] }]));
  const results = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, subject, connections, batch] of cases) {
      const { perSecond, micros } = await throughput(subject, connections, batch);
      figures.get(name).perSecond.push(perSecond);
      figures.get(name).micros.push(micros);
      log(`round ${round + 1}: ${name}: ${Math.round(perSecond)} events/s${micros > 0 ? `, ${Math.round(micros)} µs of host CPU per event` : ''}`);
    }
  }
  const of = (name) => Math.round(median(figures.get(name).perSecond));
  results.forwarder = { eventsPerSecond: of('forwarder, 128 connections'), at32: of('forwarder, 32 connections'), batch: of('forwarder, batches of 100') };
  results.single = {
    eventsPerSecond: of('Firsthand, 128 connections'), at32: of('Firsthand, 32 connections'), ratio: of('Firsthand, 128 connections') / of('forwarder, 128 connections'),
    ratioAt32: of('Firsthand, 32 connections') / of('forwarder, 32 connections'), cpuMicrosPerEvent: Math.round(median(figures.get('Firsthand, 128 connections').micros)),
  };
  results.batch = { eventsPerSecond: of('Firsthand, batches of 100') };
  results.batchArray = { eventsPerSecond: of('Firsthand, batches of 100, arrays out') };
  results.latency = {};
  for (const [perSecond, count] of [[10, 200], [200, 2_000]]) results.latency[`at${perSecond}`] = await latency({ subject: single, sink, perSecond, count });
  results.startMs = Math.round(single.startMs);
  results.rssMb = Math.round(await rssMb(single.pid));
  return results;
}

async function latency({ subject, sink, perSecond, count }) {
  sink.reset();
  const arrived = sink.waitFor(count, 120_000);
  const sentAt = await sendAtRate({ url: subject.url, writeKey: subject.writeKey, perSecond, count, run: `l${perSecond}-${Date.now()}`, people: PEOPLE });
  await arrived;
  const took = [...sentAt].map(([id, at]) => sink.arrivals.get(id) - at);
  return { p50Ms: +percentile(took, 0.5).toFixed(1), p95Ms: +percentile(took, 0.95).toFixed(1), p99Ms: +percentile(took, 0.99).toFixed(1) };
}

async function startForwarder(sinkUrl) {
  const child = fork(new URL('forwarder.mjs', import.meta.url), { env: { ...process.env, SINK_URL: sinkUrl } });
  const { port } = await new Promise((resolve) => child.once('message', resolve));
  return { url: `http://127.0.0.1:${port}`, stop: () => stopChild(child) };
}

async function startHost({ mongoUri, redisUrl, sinkUrl, arrays, root, work, log }) {
  const databaseName = `bench_${randomBytes(4).toString('hex')}`;
  const secretKey = randomBytes(32).toString('base64');
  const { writeKey, connected } = await seed({ mongoUri, databaseName, secretKey, sinkUrl, arrays });
  const port = await pickPort();
  const begin = performance.now();
  const child = spawn(process.execPath, [join(root, 'apps/host/dist/main.js')], {
    cwd: work, stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env, NODE_ENV: 'production', PORT: String(port), MONGODB_URI: mongoUri, FIRSTHAND_DATABASE: databaseName, REDIS_URL: redisUrl, FIRSTHAND_SECRET_KEY: secretKey,
      FIRSTHAND_TOKEN_SECRET: secretKey, FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS: 'true', LOG_LEVEL: 'warn',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child);
  const startMs = performance.now() - begin;
  for (const batch of consentBatches(PEOPLE)) {
    const answer = await fetch(`${url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${writeKey}:`)}` }, body: JSON.stringify({ batch }) });
    if (!answer.ok) throw new Error(`the consents were answered with ${answer.status}`);
  }
  await until(async () => (await connected.collections.consentStates.countDocuments({})) === PEOPLE, 60_000, 'the consents were not applied');
  log(`host ready after ${Math.round(startMs)} ms`);
  return { url, writeKey, pid: child.pid, startMs, async stop() { await stopChild(child); await connected.connection.dropDatabase(); await connected.close(); } };
}

async function untilReady(url, child) {
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}`);
    return (await fetch(`${url}/health/ready`).catch(() => ({ ok: false }))).ok;
  }, 60_000, 'the host was not ready');
}

async function until(isDone, timeoutMs, message) {
  const end = performance.now() + timeoutMs;
  while (!(await isDone())) {
    if (performance.now() > end) throw new Error(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function stopChild(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
}

/** User and system time of a process so far, in microseconds, from /proc. */
async function cpuMicros(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function rssMb(pid) {
  return Number(/VmRSS:\s+(\d+)/u.exec(await readFile(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** @param {string | undefined} file */
export async function report(results, file, log) {
  const { forwarder, single, batch, batchArray, latency: at } = results;
  const row = (name, perSecond, against) => log(`| ${name} | ${perSecond.toLocaleString('en')} | ${(perSecond / against).toFixed(2)} |`);
  log('\n| What | events/s | of the forwarder |\n|---|---|---|');
  row('forwarder, 32 connections', forwarder.at32, forwarder.at32);
  row('Firsthand, 32 connections', single.at32, forwarder.at32);
  row('forwarder, 128 connections', forwarder.eventsPerSecond, forwarder.eventsPerSecond);
  row('Firsthand, 128 connections', single.eventsPerSecond, forwarder.eventsPerSecond);
  row('forwarder, batches of 100', forwarder.batch, forwarder.batch);
  row('Firsthand, batches of 100, single posts out', batch.eventsPerSecond, forwarder.batch);
  row('Firsthand, batches of 100, arrays out', batchArray.eventsPerSecond, forwarder.batch);
  for (const [rate, { p50Ms, p95Ms, p99Ms }] of Object.entries(at)) log(`latency ${rate}/s: p50 ${p50Ms} ms, p95 ${p95Ms} ms, p99 ${p99Ms} ms`);
  log(`start ${results.startMs} ms, resident ${results.rssMb} MB, ${single.cpuMicrosPerEvent} µs of host CPU per event at 128 connections`);
  if (file !== undefined) await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}
