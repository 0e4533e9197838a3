/**
 * Watches over what was started: the platform runs until its host ends, a database ends, or somebody asks it to stop.
 * @param {{ host: import('../servers/server-process.mjs').ServerProcess, servers: import('../servers/server-process.mjs').ServerProcess[],
 *   signal: AbortSignal, log: (line: string) => void, isReady: () => boolean }} options isReady: whether the host has been; one that cannot start
 *   has said why, on one line
 * @returns {{ ended: Promise<number>, endedSignal: AbortSignal }} ended gives the exit code; endedSignal is aborted with it
 */
export function untilSomethingEnds({ host, servers, signal, log, isReady }) {
  const controller = new AbortController();
  const stopRequested = new Promise((resolve) => signal.addEventListener('abort', () => resolve({ exitCode: 0 }), { once: true }));
  const hostEnded = host.exited.then(({ code, signal: killedBy }) => ({
    exitCode: code ?? 1,
    news: killedBy || isReady() ? `the host ended by itself (${killedBy ?? `code ${code}`}); its own message is above` : undefined,
  }));
  const serverEnded = servers.map((server) => server.exited.then(({ code, signal: killedBy }) => ({
    exitCode: 1,
    news: `${server.name} ended by itself (${killedBy ?? `code ${code}`}), so the platform stops; start it again when the cause is gone`,
  })));
  // Only the first end is news: the others are the clean-up that follows it.
  const ended = Promise.race([stopRequested, hostEnded, ...serverEnded]).then(({ exitCode, news }) => {
    controller.abort();
    if (news) log(news);
    return exitCode;
  });
  return { ended, endedSignal: controller.signal };
}
