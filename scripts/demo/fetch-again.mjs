import { setTimeout as delay } from 'node:timers/promises';

const WITHIN_MS = 30_000;

/**
 * Fetches, and sends what a busy host did not take again after its Retry-After, for half a minute: at a first start the machine has much to do.
 * @param {string | URL} url
 * @param {RequestInit} [init] without a signal: each try has 30 s
 * @returns {Promise<Response>} a 503 only where it stays so
 */
export async function fetchAgain(url, init = {}) {
  for (const deadline = Date.now() + WITHIN_MS; ;) {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
    const waitS = Number(response.headers.get('retry-after'));
    if (response.status !== 503 || !(waitS > 0) || Date.now() > deadline) return response;
    await response.arrayBuffer();
    await delay(waitS * 1_000);
  }
}
