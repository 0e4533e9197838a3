import { createServer } from 'node:http';

/**
 * A CRM that answers each request after so many ms, keeps the newest profile it was told of each person, and notes when requests came. While it is down it answers 503.
 * @param {number} answerMs
 * @returns {Promise<{ isDown: boolean, url: string, copies: Map<string, { city: string, at: number }>, firsts: Map<string, string>, writes: () => number, mostPerSecond: () => number, answered: Map<string, number>, reset: () => void, close: () => void }>}
 *   `firsts`: the city that was first told of each person since the last reset; `answered`: when a city was answered for first, epoch ms
 */
export async function startSlowVendor(answerMs) {
  const copies = new Map();
  const firsts = new Map();
  const answered = new Map();
  let arrivals = [];
  const vendor = { isDown: false };
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      arrivals.push(performance.now());
      const { data } = JSON.parse(Buffer.concat(chunks).toString());
      const [userId, city] = [data?.identities?.userId, data?.profile?.city];
      setTimeout(() => {
        if (vendor.isDown) {
          response.writeHead(503).end();
          return;
        }
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        if (userId === undefined) return;
        const at = performance.timeOrigin + performance.now();
        copies.set(userId, { city, at });
        if (!firsts.has(userId)) firsts.set(userId, city);
        if (!answered.has(city)) answered.set(city, at);
      }, answerMs);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(vendor, {
    url: `http://127.0.0.1:${server.address().port}/`, copies, firsts, answered,
    writes: () => arrivals.length,
    /** The most requests of any second, wherever it begins. */
    mostPerSecond: () => {
      let most = 0;
      for (let from = 0, to = 0; to < arrivals.length; to += 1) {
        while (arrivals[to] - arrivals[from] >= 1_000) from += 1;
        most = Math.max(most, to - from + 1);
      }
      return most;
    },
    reset: () => {
      arrivals = [];
      firsts.clear();
      answered.clear();
    },
    close: () => { server.closeAllConnections(); server.close(); },
  });
  return vendor;
}
