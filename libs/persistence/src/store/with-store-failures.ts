import { storeFailure } from './store-failure.js';

/** Makes every method of an object throw what {@link storeFailure} makes of a driver's error. All methods give promises. */
export function withStoreFailures<T extends object>(methods: T): T {
  const wrap = (method: (...args: unknown[]) => Promise<unknown>) => async (...args: unknown[]) => {
    try {
      return await method(...args);
    } catch (error) {
      throw storeFailure(error);
    }
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, wrap(method as (...args: unknown[]) => Promise<unknown>)])) as T;
}
