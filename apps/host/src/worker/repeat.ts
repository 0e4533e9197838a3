import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@firsthand/platform';

/**
 * Runs work again and again, `everyMs` apart and never two at once. A failure is logged when it begins, and the work goes on.
 *
 * @example const sweeping = repeat(() => sweep.tick(), { name: 'sweep', everyMs: 1_000, logger, onFailure });
 */
export function repeat(work: () => Promise<void>, { name, everyMs, logger, onFailure }: { name: string; everyMs: number; logger: Logger; onFailure: () => void }): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    let isFailing = false;
    while (!stopping.signal.aborted) {
      try {
        await work();
        isFailing = false;
      } catch (error) {
        if (!isFailing) logger.error({ work: name, err: error }, 'Background work fails; it is tried again.');
        isFailing = true;
        onFailure();
      }
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}
