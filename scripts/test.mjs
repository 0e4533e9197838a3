import './run/check-node.mjs';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compilerOf } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { binaryDir, rootDir } from './run/paths.mjs';
import { runCommand } from './run/run-command.mjs';
import { runScript } from './run/run-script.mjs';
import { createStopwatch } from './run/stopwatch.mjs';
import { bringUpServers } from './servers/bring-up.mjs';
import { findMongod, findValkey } from './servers/find-server.mjs';
import { countLine, hasNamePattern, judgeJestRuns } from './testing/judge-jest-run.mjs';
import { makeTestDir, sweepDeadTestDirs } from './testing/temp-dir.mjs';

const jestArgs = process.argv.slice(2);

/** What is promised within seconds is tried by itself, after all else: beside another worker the machine would be measured. */
const PARTS = [['--selectProjects', 'unit', 'mocked', 'e2e'], ['--selectProjects', 'promises of time', '--runInBand']];
/** What only computes has the cores while those wait, and gives way at once. */
const BESIDE = ['--selectProjects', 'histories', '--runInBand'];

await runScript(test);

/** `npm test [-- jest arguments]`: real servers, then type check, lint and Jest. It stops at the first stage that fails. */
async function test(context) {
  const stopwatch = createStopwatch();
  const summary = { countLine: countLine(0, 1), stage: '' };
  // Deferred first, so it runs last: the counts are the last line whatever the clean-up prints.
  context.defer(() => {
    console.log(`\nfirsthand: ${stopwatch.summary()}; ${stopwatch.totalSeconds()} s in all`);
    if (context.signal.aborted) console.log('firsthand: interrupted');
    else if (summary.stage) console.log(`firsthand: the stage "${summary.stage}" failed`);
    console.log(summary.countLine);
  });

  for (const [name, run] of stages({ ...context, summary })) {
    summary.stage = name;
    const exitCode = await stopwatch.time(name, run);
    if (exitCode) return exitCode;
  }
  summary.stage = '';
  return 0;
}

/** Arguments for Jest mean that somebody works on one spec; type check and lint of everything would only make that slow. */
function stages({ signal, defer, log, summary }) {
  const node = (...args) => async () => (await runCommand(process.execPath, args, { cwd: rootDir, signal })).exitCode;
  let jestEnv;
  return [
    ['install', () => ensureInstalled({ rootDir, signal, log })],
    ['servers', async () => { jestEnv = await bringUpTestServers({ signal, defer, log }); }],
    ...(jestArgs.length > 0 ? [] : [
      ['build, type check of specs, lint', atOnce(inOrder(node(compilerOf(rootDir), '-b'), node(compilerOf(rootDir), '-p', 'tsconfig.spec.json')), node(join(rootDir, 'node_modules/eslint/bin/eslint.js'), '.'))],
    ]),
    ['jest', () => runAllJest({ env: jestEnv, signal, log, summary })],
  ];
}

/** Each takes one core. */
function atOnce(...runs) {
  return async () => (await Promise.all(runs.map((run) => run()))).find((exitCode) => exitCode !== 0) ?? 0;
}

/** Up to the first that fails. */
function inOrder(...runs) {
  return async () => {
    for (const run of runs) {
      const exitCode = await run();
      if (exitCode) return exitCode;
    }
    return 0;
  };
}

/** @returns {Promise<NodeJS.ProcessEnv>} what the specs find the servers by */
async function bringUpTestServers({ signal, defer, log }) {
  await sweepDeadTestDirs({ log });
  const dataDir = makeTestDir({ defer });
  const binDir = binaryDir();
  // One that was there before stays.
  if (process.env.MONGODB_URI) defer(async () => (await import('./testing/drop-databases.mjs')).dropDatabases(process.env.MONGODB_URI));
  // Nothing of the data is kept, so nothing is gained by a graceful stop, nor by waiting for the disk; fault tests have servers of their own.
  const servers = await bringUpServers({ dataDir, binDir, cacheSizeGB: 1, hasTtlMonitor: false, waitsForJournal: false, stopGraceMs: 0, signal, log, defer });
  return {
    ...process.env,
    MONGODB_URI: servers.mongoUri,
    REDIS_URL: servers.redisUrl,
    // Fault tests start and kill servers of their own.
    FIRSTHAND_MONGOD: servers.mongodPath ?? (await findMongod({ binDir, signal, log })),
    FIRSTHAND_VALKEY: servers.valkeyPath ?? (await findValkey({ binDir, signal, log })),
    FIRSTHAND_TEST: '1',
    FIRSTHAND_TEST_DIR: dataDir,
    // What specs and their browser unpack, hundreds of megabytes, goes with the folder.
    TMPDIR: dataDir,
    TEMP: dataDir,
  };
}

async function runAllJest({ env, signal, log, summary }) {
  const runs = jestArgs.length > 0 ? [await runJest({ args: jestArgs, env, signal })] : (await Promise.all([runParts({ env, signal }), runBeside({ env, signal })])).flat();
  const verdict = judgeJestRuns({ runs, isFiltered: hasNamePattern(jestArgs) });
  for (const note of verdict.notes) log(note);
  summary.countLine = verdict.countLine;
  return verdict.exitCode;
}

async function runParts({ env, signal }) {
  const runs = [];
  for (const args of PARTS) runs.push(await runJest({ args, env, signal }));
  return runs;
}

/** Two that write to one terminal would overwrite each other's lines. */
async function runBeside({ env, signal }) {
  const run = await runJest({ args: BESIDE, env, signal, options: { capture: true, priority: constants.priority.PRIORITY_LOW } });
  process.stdout.write(run.output);
  return run;
}

async function runJest({ args, env, signal, options }) {
  const resultFile = join(env.FIRSTHAND_TEST_DIR, `jest-result-${randomUUID()}.json`);
  const { exitCode, output } = await runCommand(process.execPath, [
    '--experimental-vm-modules', '--disable-warning=ExperimentalWarning', `--import=${pathToFileURL(join(rootDir, 'scripts/testing/bare/register.mjs')).href}`, join(rootDir, 'node_modules/jest/bin/jest.js'),
    // Jest's own place for it is the temporary folder.
    `--cacheDirectory=${join(rootDir, 'node_modules/.cache/jest')}`, '--json', `--outputFile=${resultFile}`, ...args,
  ], { cwd: rootDir, env, signal, stdin: 'inherit', ...options });
  return { exitCode, output, result: existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : undefined };
}
