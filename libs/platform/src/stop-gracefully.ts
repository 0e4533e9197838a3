import type { Logger } from './create-logger.js';
import { describeError } from './create-logger.js';

/** The steps that end a process, run last in, first out. */
export interface GracefulStop {
  /** Adds a step. What is started later is stopped earlier. */
  onStop(name: string, step: () => Promise<void> | void): void;
  /** Runs the steps once; more calls wait for the same run. Gives false when the time ran out or a step failed; the remaining steps are tried all the same. */
  stop(): Promise<boolean>;
  readonly isStopping: boolean;
}

/**
 * Collects what has to be stopped, and stops it within `graceMs` in all. A step that takes longer is left behind; after it each other step still gets a moment.
 *
 * @example
 * const shutdown = stopGracefully({ graceMs: 20_000, logger });
 * shutdown.onStop('store', () => store.close());
 * process.once('SIGTERM', () => void shutdown.stop().then((isClean) => process.exit(isClean ? 0 : 1)));
 */
export function stopGracefully({ graceMs, logger }: { graceMs: number; logger: Logger }): GracefulStop {
  const steps: { name: string; step: () => Promise<void> | void }[] = [];
  let running: Promise<boolean> | undefined;

  const runAll = async (): Promise<boolean> => {
    const deadline = performance.now() + graceMs;
    let isClean = true;
    for (let next = steps.pop(); next !== undefined; next = steps.pop()) {
      const leftMs = Math.max(deadline - performance.now(), LAST_MOMENT_MS);
      try {
        if (!(await isDoneWithin(next.step, leftMs))) {
          isClean = false;
          logger.warn({ step: next.name }, 'A step of the shutdown took too long and was left behind.');
        }
      } catch (error) {
        isClean = false;
        logger.error({ step: next.name, err: describeError(error) }, 'A step of the shutdown failed.');
      }
    }
    return isClean;
  };

  return {
    onStop: (name, step) => void steps.push({ name, step }),
    stop: () => (running ??= runAll()),
    get isStopping() {
      return running !== undefined;
    },
  };
}

const LAST_MOMENT_MS = 200;

async function isDoneWithin(step: () => Promise<void> | void, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  try {
    return await Promise.race([Promise.resolve(step()).then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
