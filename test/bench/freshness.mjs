import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mergeLatencies, quantileOf } from '@firsthand/domain';
import { createConfigurationRepository, createFreshnessStore } from '@firsthand/persistence';
import { Pool } from 'undici';
import { consentBatches, seed } from './seed.mjs';
import { startSlowVendor } from './slow-vendor.mjs';
import { startHost } from './start-subjects.mjs';
import { until } from './until.mjs';

const WORKSPACE = 'bench';
const PEOPLE = 5_000;
const CHANGES_PER_SECOND = 100;
const ANSWER_MS = 50;
const RATE_LIMIT = { perSecond: 150, burst: 30 };
/** The goals of the product. */
export const GOALS = { p99Ms: 2_000, caughtUpSeconds: 300 };
/** What is older than this is not caught up with. */
const BEHIND_MS = 2_000;
const LIMIT_MS = 15 * 60_000;
/** By an index: the bench must not be what is measured. */
const PENDING = { workspaceId: WORKSPACE, connectionId: 'sink', state: 'pending' };

const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

/**
 * How soon changes of profiles reach a vendor that answers after 50 ms, at 100 changes a second, under a rate limit of its own; then how soon it is caught up with after an outage of so many minutes, in which it answers 503.
 * Changes go on all the time, and all is in real time.
 * @param {{ mongoUri: string, redisUrl: string, seconds: number, outageMinutes: number, root: string, log: (line: string) => void }} options `outageMinutes`: 0 leaves the outage out
 */
export async function benchFreshness({ mongoUri, redisUrl, seconds, outageMinutes, root, log }) {
  const undo = [];
  const defer = (stop) => undo.unshift(stop);
  try {
    const work = await mkdtemp(join(tmpdir(), 'firsthand-bench-'));
    defer(() => rm(work, { recursive: true, force: true }));
    const vendor = await startSlowVendor(ANSWER_MS);
    defer(() => vendor.close());
    const place = { mongoUri, redisUrl, databaseName: `bench_${randomBytes(4).toString('hex')}`, secretKey: randomBytes(32).toString('base64') };
    const site = await seed({ ...place, sinkUrl: vendor.url });
    defer(async () => {
      await site.connected.connection.dropDatabase();
      await site.connected.close();
    });
    await mirrorProfiles(site.connected);
    const host = await startHost({ ...place, root, work });
    defer(() => host.stop());
    const fresh = await measureFresh({ host, site, vendor, seconds, log });
    return outageMinutes === 0 ? { fresh } : { fresh, outage: await measureOutage({ host, site, vendor, minutes: outageMinutes, log }) };
  } finally {
    for (const stop of undo) await stop();
  }
}

/** The vendor gets the newest state of whoever moves to another city. */
async function mirrorProfiles({ connection }) {
  const repository = createConfigurationRepository(connection);
  const { version, content } = await repository.get('connections', WORKSPACE, 'sink');
  await repository.update('connections', WORKSPACE, 'sink', version, { ...content, rateLimit: RATE_LIMIT, headOfLine: 'replace' }, Date.now());
  const flow = {
    flowId: 'mirror', version: 1, name: 'Mirror', purpose: 'marketing', trigger: { type: 'profile', fields: ['city'] }, acceptsHistorical: true,
    steps: [{ id: 'write', type: 'deliver', connectionId: 'sink', action: 'send-profile', mapping: { identities: '{{identities}}', profile: '{{profile}}' } }],
  };
  await repository.create('flows', WORKSPACE, 'mirror', { draft: null, status: 'live', liveVersion: 1, versions: [{ ...flow, publishedAt: Date.now() }] }, Date.now());
}

async function measureFresh({ host, site, vendor, seconds, log }) {
  const { collections, connection } = site.connected;
  for (const batch of consentBatches(PEOPLE)) await post(host, site, { batch });
  await until(async () => (await collections.consentStates.countDocuments({})) === PEOPLE, 60_000, 'the consents were not applied');
  await changeCities({ host, site, seconds: 3, run: 'warm' });
  await until(() => isQuiet(collections), LIMIT_MS, 'the first changes were not delivered');
  // Figures are kept by the minute: those of before are not looked at.
  await new Promise((resolve) => setTimeout(resolve, 60_000 - (Date.now() % 60_000)));
  vendor.reset();
  const from = Date.now();
  const sentAt = await changeCities({ host, site, seconds, run: 'fresh' });
  await until(() => isQuiet(collections), LIMIT_MS, 'the changes were not delivered');
  await until(async () => (await collections.freshnessCounts.countDocuments({})) === 0, 60_000, 'the figures were not added up');
  const sums = await createFreshnessStore(connection).read(WORKSPACE, { every: 'minute', from: from - (from % 60_000), to: Date.now() + 60_000, source: 'web', destination: 'sink' });
  const latency = mergeLatencies(sums.map((sum) => sum.latency));
  const seen = [...sentAt].flatMap(([city, at]) => (vendor.answered.has(city) ? [vendor.answered.get(city) - at] : []));
  const result = {
    changes: sentAt.size, confirmed: latency.count, p50Ms: Math.round(quantileOf(latency, 0.5)), p95Ms: Math.round(quantileOf(latency, 0.95)), p99Ms: Math.round(quantileOf(latency, 0.99)), maxMs: latency.maxMs,
    atVendor: { writes: seen.length, p50Ms: Math.round(percentile(seen, 0.5)), p99Ms: Math.round(percentile(seen, 0.99)) }, mostPerSecond: vendor.mostPerSecond(),
  };
  log(`${result.changes} changes at ${CHANGES_PER_SECOND}/s: p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms`);
  return result;
}

async function measureOutage({ host, site, vendor, minutes, log }) {
  const { collections } = site.connected;
  const outageMs = minutes * 60_000;
  const sentAt = new Map();
  let isOver = false;
  vendor.isDown = true;
  const traffic = changeCities({ host, site, seconds: (outageMs + LIMIT_MS) / 1_000, run: 'live', isOver: () => isOver, note: sentAt });
  // It is waited for at the end; until then a failure of it must end nothing but itself.
  traffic.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, outageMs));
  const [waiting, changes] = [await collections.deliveries.countDocuments(PENDING), sentAt.size];
  log(`after an outage of ${minutes} minutes and ${changes} changes ${waiting} deliveries wait`);
  vendor.reset();
  vendor.isDown = false;
  const backAt = Date.now();
  await until(async () => (await collections.deliveries.findOne({ ...PENDING, createdAt: { $lt: Date.now() - BEHIND_MS } }, { projection: { _id: 1 } })) === null, LIMIT_MS, 'it was not caught up with');
  const caughtUpSeconds = +((Date.now() - backAt) / 1_000).toFixed(1);
  const [writes, mostPerSecond] = [vendor.writes(), vendor.mostPerSecond()];
  isOver = true;
  await traffic;
  await until(() => isQuiet(collections), LIMIT_MS, 'the last changes were not delivered');
  // What a person was told first is what they were when the vendor came back, or newer; what was on its way then counts as either.
  const newest = new Map([...sentAt].filter(([, at]) => at < backAt - BEHIND_MS).map(([city, at]) => [userOf(city), at]));
  const stale = [...vendor.firsts].filter(([userId, city]) => sentAt.get(city) < (newest.get(userId) ?? 0)).length;
  const [profiles, replaced] = [await collections.profiles.find({}, { projection: { identities: 1, 'fields.city': 1 } }).toArray(), await collections.deliveries.countDocuments({ connectionId: 'sink', reason: 'replaced' })];
  const differing = profiles.filter(({ identities, fields }) => {
    const userId = identities.find(({ namespace }) => namespace === 'userId')?.value;
    return vendor.copies.get(userId)?.city !== fields.city?.value;
  }).length;
  log(`caught up with ${changes} changes after ${caughtUpSeconds} s`);
  return { minutes, changes, waiting, caughtUpSeconds, writes, replaced, mostPerSecond, limit: RATE_LIMIT, people: profiles.length, stale, differing };
}

async function isQuiet({ inbox, deliveries, inFlight }) {
  const [waiting, pending, sending] = await Promise.all([inbox.countDocuments({}), deliveries.countDocuments(PENDING), inFlight.countDocuments({})]);
  return waiting + pending + sending === 0;
}

/** One person after the other moves to a city that nobody has been in. @returns {Promise<Map<string, number>>} city → when they moved */
async function changeCities({ host, site, seconds, run, isOver = () => false, note = new Map() }) {
  const pool = new Pool(host.url, { connections: 32, pipelining: 1 });
  const begin = performance.now();
  const answers = [];
  for (let index = 0; index < seconds * CHANGES_PER_SECOND && !isOver(); index += 1) {
    const dueMs = begin + (index * 1_000) / CHANGES_PER_SECOND - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    const city = `City ${run} ${index}`;
    const body = { userId: userOf(city), messageId: `${run}-${index}`, timestamp: new Date().toISOString(), traits: { city } };
    note.set(city, performance.timeOrigin + performance.now());
    answers.push(untilTaken('a change', async () => {
      const answer = await pool.request({ method: 'POST', path: '/v1/identify', headers: headersOf(site), body: JSON.stringify(body) });
      await answer.body.dump();
      return answer.statusCode;
    }));
    answers.at(-1).catch(() => undefined);
  }
  await Promise.all(answers);
  await pool.close();
  return note;
}

/** Who moves there: one person after the other. */
const userOf = (city) => `u${(Number(city.split(' ').pop()) * 7_919) % PEOPLE}`;

const headersOf = ({ writeKey }) => ({ 'content-type': 'application/json', authorization: `Basic ${btoa(`${writeKey}:`)}` });

async function post({ url }, site, body) {
  await untilTaken('a batch', async () => {
    const answer = await fetch(`${url}/v1/batch`, { method: 'POST', headers: headersOf(site), body: JSON.stringify(body) });
    await answer.body?.cancel();
    return answer.status;
  });
}

/** A sender tries again what a busy host could not store; the time that this takes is in the figures, for a change keeps its time. */
async function untilTaken(what, send) {
  let status = 0;
  await until(async () => {
    status = await send();
    if (status !== 200 && status !== 503) throw new Error(`${what} was answered with ${status}`);
    return status === 200;
  }, LIMIT_MS, `${what} was not taken`);
}
