import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillStore } from './fill-store.mjs';
import { measure } from './measure.mjs';
import { measureDue } from './measure-due.mjs';
import { measureImport } from './measure-import.mjs';
import { measureLeaving } from './measure-leaving.mjs';
import { measureMe } from './measure-me.mjs';
import { measureMapping } from './measure-mapping.mjs';
import { measureWaiting } from './measure-waiting.mjs';
import { measureWithdrawal } from './measure-withdrawal.mjs';
import { consentBatches, seed } from './seed.mjs';
import { startSink } from './sink.mjs';
import { startForwarder, startHost } from './start-subjects.mjs';
import { until } from './until.mjs';

const PEOPLE = 5_000;

/**
 * Measures the forwarder and Firsthand in turn, on the same machine in the same run: on an empty store (there also how soon a withdrawal takes effect), then on one that is filled up, then a file import, then
 * a backlog of due deliveries, runs that wait, and people who leave a segment at one moment.
 * @param {{ mongoUri: string, redisUrl: string, servers: Record<string, number>, events: number, rounds: number, stored: number, csvMb: number, due: number, waiting: number, leaving: number, root: string,
 *   log: (line: string) => void }} options `servers`: pids of the servers that run on this machine, by name; `stored`, `csvMb`, `due`, `waiting` and `leaving`: 0 leaves the part out
 */
export async function bench({ mongoUri, redisUrl, servers, events, rounds, stored, csvMb, due, waiting, leaving, root, log }) {
  // Before there is anything else in this process.
  const mapping = measureMapping();
  const undo = [];
  const defer = (stop) => undo.unshift(stop);
  try {
    const work = await mkdtemp(join(tmpdir(), 'firsthand-bench-'));
    defer(() => rm(work, { recursive: true, force: true }));
    const sink = await startSink();
    defer(() => sink.close());
    const sinkUrl = `http://127.0.0.1:${sink.port}/`;
    const forwarder = await startForwarder(sinkUrl);
    defer(() => forwarder.stop());

    const place = { mongoUri, redisUrl, databaseName: `bench_${randomBytes(4).toString('hex')}`, secretKey: randomBytes(32).toString('base64') };
    const site = await seed({ ...place, sinkUrl });
    defer(async () => {
      await site.connected.connection.dropDatabase();
      await site.connected.close();
    });
    const withHost = async (env, use) => {
      const host = await startHost({ ...place, root, work, env });
      log(`host ready after ${host.startMs} ms`);
      try {
        return await use(host);
      } finally {
        await host.stop();
      }
    };
    const measured = (name) => withHost({}, async (host) => {
      if (name === 'empty') await grantConsents(host.url, site);
      const results = await measure({ sink, forwarder, host, site, servers, name, events, rounds, people: PEOPLE, log });
      await until(async () => (await site.connected.collections.deliveries.countDocuments({ state: 'pending' })) === 0, 60_000, 'deliveries were left over');
      results.me = await measureMe({ host, site, people: PEOPLE, log });
      if (name === 'empty') results.withdrawal = await measureWithdrawal({ sink, host, site, log });
      return results;
    });

    const results = { ...(await measured('empty')), mapping };
    if (stored > 0) {
      log(`filling the store up to ${stored} events`);
      const fill = await fillStore(site.connected, stored);
      log(`${fill.events} events after ${fill.seconds} s`);
      results[`stored${shortCount(stored)}`] = { ...(await measured(shortCount(stored))), fill };
    }
    if (csvMb > 0) {
      // Without the worker, which would go on for as long again: what is measured is the way into the store.
      results.csv = await withHost({ FIRSTHAND_ROLES: 'ingest' }, (host) => measureImport({ host, ...site.files, megabytes: csvMb }));
    }
    if (due > 0) {
      await site.takeArrays(false);
      results.due = await measureDue({ connected: site.connected, sink, withHost, due, log });
    }
    if (waiting > 0) {
      await site.takeArrays(false);
      results.waiting = await measureWaiting({ connected: site.connected, sink, site, withHost, people: PEOPLE, waiting, log });
    }
    if (leaving > 0) results.leaving = await measureLeaving({ connected: site.connected, withHost, leaving, log });
    return results;
  } finally {
    for (const stop of undo) await stop();
  }
}

/** @example shortCount(1_000_000) // '1M' */
function shortCount(count) {
  if (count % 1_000_000 === 0) return `${count / 1_000_000}M`;
  return count % 1_000 === 0 ? `${count / 1_000}k` : String(count);
}

async function grantConsents(url, { writeKey, connected }) {
  for (const batch of consentBatches(PEOPLE)) {
    const answer = await fetch(`${url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${writeKey}:`)}` }, body: JSON.stringify({ batch }) });
    if (!answer.ok) throw new Error(`the consents were answered with ${answer.status}`);
  }
  await until(async () => (await connected.collections.consentStates.countDocuments({})) === PEOPLE, 60_000, 'the consents were not applied');
}
