/**
 * Makes an object's methods run one after the other, in the order of their calls: one session takes one operation at a time. After a
 * failure nothing further runs, so that no late call reaches the session when it already serves the next attempt.
 */
export function oneAtATime<T extends object>(methods: T): { serial: T; settled(): Promise<void> } {
  let tail: Promise<unknown> = Promise.resolve();
  const wrap = (method: (...args: unknown[]) => Promise<unknown>) => (...args: unknown[]) => {
    const result = tail.then(() => method(...args));
    tail = result;
    return result;
  };
  const serial = Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, wrap(method as (...args: unknown[]) => Promise<unknown>)])) as T;
  return { serial, settled: () => tail.then(() => undefined, () => undefined) };
}
