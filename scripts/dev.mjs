import './run/check-node.mjs';
import { ensureInstalled } from './install.mjs';
import { closeFirstRun, knownWorkspaceId, readFirstRun } from './run/first-run.mjs';
import { hostGraceMs, startHost, untilReady } from './run/host-process.mjs';
import { bringUpPlatform, claimPlace } from './run/local-platform.mjs';
import { dataDir, rootDir } from './run/paths.mjs';
import { runScript } from './run/run-script.mjs';
import { watchBuild } from './run/watch-build.mjs';
import { welcomeText } from './run/welcome-text.mjs';

await runScript(develop, { interruptedExitCode: 0 });

/** `npm run dev`: the platform without the demo; the compiler watches, and each clean build restarts the host. */
async function develop({ signal, defer, log }) {
  const { port, baseUrl } = await claimPlace({ dataDir, defer, log });
  await ensureInstalled({ rootDir, signal, log });
  const { hostEnv } = await bringUpPlatform({ dataDir, port, nodeEnv: 'development', signal, log, defer });

  let host;
  defer((force) => host?.stop({ graceMs: hostGraceMs, force }));
  const restart = async () => {
    const isRestart = host !== undefined;
    await host?.stop({ graceMs: hostGraceMs });
    signal.throwIfAborted();
    host = startHost({ rootDir, dataDir, env: hostEnv });
    await announceWhenReady({ host, isRestart, baseUrl, signal, log });
  };
  return watchBuild({ rootDir, signal, onCleanBuild: restart });
}

/** Comes back also when the host ends instead: the next clean build gets another try. */
async function announceWhenReady({ host, isRestart, baseUrl, signal, log }) {
  const ended = new AbortController();
  void host.exited.then(() => ended.abort());
  try {
    await untilReady({ baseUrl, signal: AbortSignal.any([signal, ended.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    log(ended.signal.aborted ? 'the host ended by itself; waiting for the next change' : error.message);
    return;
  }
  const firstRun = readFirstRun(dataDir);
  if (isRestart && !firstRun) return log('the host runs the new build');
  console.log(welcomeText({ baseUrl, firstRun, workspaceId: firstRun?.workspaceId ?? knownWorkspaceId(dataDir) }));
  if (firstRun) closeFirstRun(dataDir, firstRun);
}
