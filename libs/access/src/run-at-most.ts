/**
 * Runs so much work at once and no more; what comes then waits for its turn.
 *
 * @example const run = runAtMost(2); await run(() => hash(password));
 */
export function runAtMost(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Who comes next takes the place over.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
