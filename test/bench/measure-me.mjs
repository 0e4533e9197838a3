import { SignJWT } from 'jose';

const RATES = [20, 200];
const SECONDS = 5;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const percentile = (values, share) => +[...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))].toFixed(1);

/**
 * How long a channel waits for what it may know of who is signed in (`GET /v1/me`), in milliseconds from the request to the parsed answer, with nothing else to do: at 20 and at 200 a second.
 * @param {{ host: { url: string }, site: { userTokenKey: { id: string, secret: string } }, people: number, log: (line: string) => void }} options
 * @returns {Promise<{ perSecond: number, p50: number, p95: number, p99: number }[]>}
 */
export async function measureMe({ host, site, people, log }) {
  const tokens = await Promise.all(Array.from({ length: 500 }, (_, index) => tokenOf(site.userTokenKey, `u${(index * 97) % people}`)));
  const ask = async (index) => {
    const began = performance.now();
    const response = await fetch(`${host.url}/v1/me`, { headers: { authorization: `Bearer ${tokens[index % tokens.length]}` } });
    const { isAllowed } = await response.json();
    if (isAllowed !== true) throw new Error(`/v1/me answered ${response.status}, allowed: ${isAllowed}`);
    return performance.now() - began;
  };
  for (let index = 0; index < 200; index += 1) await ask(index);
  const results = [];
  for (const perSecond of RATES) {
    const began = performance.now();
    const asked = [];
    for (let index = 0; index < perSecond * SECONDS; index += 1) {
      await wait(Math.max(0, began + (index * 1_000) / perSecond - performance.now()));
      asked.push(ask(index));
    }
    const took = await Promise.all(asked);
    results.push({ perSecond, p50: percentile(took, 0.5), p95: percentile(took, 0.95), p99: percentile(took, 0.99) });
  }
  log(`who is signed in: ${results.map(({ perSecond, p99 }) => `${p99} ms (p99) at ${perSecond}/s`).join(', ')}`);
  return results;
}

function tokenOf({ id, secret }, userId) {
  return new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid: id }).setSubject(userId).setAudience('web').setIssuedAt().setExpirationTime('1h').sign(Buffer.from(secret));
}
