import './run/check-node.mjs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compilerOf } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { binaryDir, rootDir } from './run/paths.mjs';
import { runCommand } from './run/run-command.mjs';
import { runScript } from './run/run-script.mjs';
import { bringUpServers } from './servers/bring-up.mjs';
import { makeTestDir } from './testing/temp-dir.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' }, events: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' }, stored: { type: 'string', default: '1000000' }, 'csv-mb': { type: 'string', default: '0' },
    due: { type: 'string', default: '0' }, waiting: { type: 'string', default: '0' }, leaving: { type: 'string', default: '0' }, segments: { type: 'string', default: '0' }, identities: { type: 'string', default: '0' }, freshness: { type: 'string', default: '0' },
    'outage-minutes': { type: 'string', default: '10' },
  },
});

/** 10,000,000 identities and their people take some 4 GB; by itself MongoDB takes half of a machine's memory for its cache. */
const IDENTITIES_CACHE_GB = 8;

/**
 * `npm run bench [-- --json FILE --events N --rounds N --stored N --csv-mb N --due N --waiting N --leaving N]`: Firsthand beside a bare forwarder, on servers of its own. First on an empty
 * store, then on one of so many stored events (0: not at all); with `--csv-mb` also the import of a file of that size, with `--due` also how quickly so many
 * due deliveries are drained, with `--waiting` what so many runs cost that wait, with `--leaving` how late so many people leave a segment whom time takes out at one moment. With `--segments PEOPLE` instead what many live segments cost an event, and the preview of one over so many people;
 * with `--identities PEOPLE` what it costs to find out who somebody is, at 10,000 people and at so many; with `--freshness SECONDS [--outage-minutes N]` how soon changes reach a vendor, at 100
 * changes/s for so long, and how soon it is caught up with after an outage of so many minutes (10; 0: not at all).
 */
await runScript(async ({ signal, defer, log }) => {
  await ensureInstalled({ rootDir, signal, log });
  const { exitCode } = await runCommand(process.execPath, [compilerOf(rootDir), '-b'], { cwd: rootDir, signal });
  if (exitCode !== 0) return exitCode;
  const { mongoUri, redisUrl, started } = await bringUpServers({ dataDir: makeTestDir({ defer }), binDir: binaryDir(), ...(options.identities === '0' ? {} : { cacheSizeGB: IDENTITIES_CACHE_GB }), signal, log, defer });
  const run = (file, ...args) => runCommand(process.execPath, [join(rootDir, 'test/bench', file), ...args], { cwd: rootDir, signal, env: { ...process.env, MONGODB_URI: mongoUri } });
  if (options.identities !== '0') return (await run('identities.mjs', options.identities)).exitCode;
  if (options.segments !== '0') {
    const events = await run('segments.mjs');
    return events.exitCode || (await run('preview.mjs', options.segments)).exitCode;
  }
  // After the build: it imports what was built.
  if (options.freshness !== '0') {
    const { benchFreshness } = await import('../test/bench/freshness.mjs');
    const { reportFreshness } = await import('../test/bench/report-freshness.mjs');
    const figures = await benchFreshness({ mongoUri, redisUrl, seconds: Number(options.freshness), outageMinutes: Number(options['outage-minutes']), root: rootDir, log });
    await reportFreshness(figures, options.json, (line) => console.log(line));
    return 0;
  }
  const { bench } = await import('../test/bench/bench.mjs');
  const { report } = await import('../test/bench/report.mjs');
  const servers = Object.fromEntries(started.map(({ name, pid }) => [name === 'MongoDB' ? 'mongod' : name.toLowerCase(), pid]));
  const results = await bench({
    mongoUri, redisUrl, servers, events: Number(options.events), rounds: Number(options.rounds), stored: Number(options.stored), csvMb: Number(options['csv-mb']), due: Number(options.due),
    waiting: Number(options.waiting), leaving: Number(options.leaving), root: rootDir, log,
  });
  await report(results, options.json, (line) => console.log(line));
  return 0;
});
