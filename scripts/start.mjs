import './run/check-node.mjs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { closeFirstRun, knownWorkspaceId, readFirstRun } from './run/first-run.mjs';
import { hostGraceMs, startHost, untilReady } from './run/host-process.mjs';
import { bringUpPlatform, claimPlace } from './run/local-platform.mjs';
import { OperatorError } from './run/operator-error.mjs';
import { dataDir, rootDir } from './run/paths.mjs';
import { runScript } from './run/run-script.mjs';
import { createStopwatch } from './run/stopwatch.mjs';
import { untilSomethingEnds } from './run/until-something-ends.mjs';
import { welcomeText } from './run/welcome-text.mjs';

// Ctrl-C is the normal way to end it, so it exits with 0.
await runScript(start, { interruptedExitCode: 0 });

/** `npm start`: from a fresh clone to a running platform, and everything down again at the end. */
async function start({ signal, defer, log }) {
  const { withDemo } = readArguments();
  const stopwatch = createStopwatch();
  const { port, baseUrl } = await claimPlace({ dataDir, defer, log });
  await stopwatch.time('install', () => ensureInstalled({ rootDir, signal, log }));
  await stopwatch.time('build', () => build({ rootDir, signal, log }));
  const { hostEnv, servers } = await stopwatch.time('databases', () => bringUpPlatform({ dataDir, port, nodeEnv: 'production', signal, log, defer }));

  signal.throwIfAborted();
  // The demo's vendors listen on this machine. Later starts refuse private addresses again, and a value of the operator's own wins.
  const isDemo = withDemo && knownWorkspaceId(dataDir) === undefined;
  const host = startHost({ rootDir, dataDir, env: { ...(isDemo ? { FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS: 'true' } : {}), ...hostEnv } });
  defer((force) => host.stop({ graceMs: hostGraceMs, force }));
  let isReady = false;
  const { ended, endedSignal } = untilSomethingEnds({ host, servers, signal, log, isReady: () => isReady });

  const ready = stopwatch.time('host', () => untilReady({ baseUrl, signal: endedSignal }))
    .then(() => { isReady = true; return greet({ baseUrl, withDemo, stopwatch, log }); });
  // Whatever ends first decides: a host that cannot start says why by itself, and its exit code is passed on.
  return Promise.race([ended, ready.then(() => ended, (error) => (endedSignal.aborted ? ended : Promise.reject(error)))]);
}

function readArguments() {
  try {
    const { values } = parseArgs({ options: { 'no-demo': { type: 'boolean', default: false } } });
    return { withDemo: !values['no-demo'] };
  } catch (error) {
    throw new OperatorError(`${error.message.split('.')[0]}. Usage: npm start [-- --no-demo]`, 2);
  }
}

async function greet({ baseUrl, withDemo, stopwatch, log }) {
  log(`ready in ${stopwatch.totalSeconds()} s (${stopwatch.summary()})`);
  const firstRun = readFirstRun(dataDir);
  if (firstRun && withDemo) await playDemo({ baseUrl, ...firstRun, log });
  console.log(welcomeText({ baseUrl, firstRun, workspaceId: firstRun?.workspaceId ?? knownWorkspaceId(dataDir) }));
  if (firstRun) closeFirstRun(dataDir, firstRun);
}

/** The demo fills an empty platform with a story; without it the platform runs all the same. */
async function playDemo({ baseUrl, workspaceId, ownerEmail, ownerPassword, log }) {
  const script = join(rootDir, 'scripts/demo/play.mjs');
  if (!existsSync(script)) return;
  try {
    const { play } = await import(pathToFileURL(script).href);
    await play({ baseUrl, workspaceId, ownerEmail, ownerPassword, log });
  } catch (error) {
    log(`the demo did not finish: ${error.message}`);
  }
}
