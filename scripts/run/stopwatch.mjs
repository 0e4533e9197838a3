/**
 * Measures the phases of a script.
 * @returns {{ time: <T>(name: string, work: () => Promise<T>) => Promise<T>, summary: () => string, totalSeconds: () => string }}
 */
export function createStopwatch(now = () => performance.now()) {
  const startedAt = now();
  const phases = [];
  const seconds = (since, until = now()) => ((until - since) / 1000).toFixed(1);
  return {
    /** Runs one phase and remembers how long it took. */
    async time(name, work) {
      const phaseStartedAt = now();
      const result = await work();
      phases.push(`${name} ${seconds(phaseStartedAt)} s`);
      return result;
    },
    /** @returns {string} for example `install 0.1 s, build 2.0 s` */
    summary: () => phases.join(', '),
    totalSeconds: () => seconds(startedAt),
  };
}
