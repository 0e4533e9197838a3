import { until } from './until.js';

/**
 * Waits until a host that runs in another process knows the key of a source: it reads the configuration when it comes to it.
 *
 * @param path that takes the key, and nothing of an empty batch
 */
export async function untilKnown(hostUrl: string, key: string, path = '/v1/batch'): Promise<void> {
  const statusOf = async (): Promise<number> => (await fetch(hostUrl + path, { method: 'POST', headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' }, body: '{"batch":[]}' })).status;
  const status = await until(statusOf, (one) => one !== 401 && one !== 503);
  if (status === 401 || status === 503) throw new Error(`The host does not know the source: ${status}.`);
}
