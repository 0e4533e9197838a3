import { Pool } from 'undici';

/** People and their events; the same for every subject. 0.5 % are duplicates of an earlier event. */
export function messageAt(index, { run, people }) {
  const original = index % 200 === 199 ? index - 100 : index;
  return {
    type: 'track', event: original % 10 === 0 ? 'Order Completed' : 'Product Viewed', messageId: `${run}-${original}`, userId: `u${(original * 7919) % people}`,
    timestamp: new Date().toISOString(),
    properties: { sku: `S-${original % 100}`, price: 12.5, currency: 'USD', name: 'Shirt', category: 'Clothes', quantity: 1 },
    context: { locale: 'en-US', userAgent: 'Mozilla/5.0', page: { path: '/shirts', url: 'https://shop.example/shirts' } },
  };
}

/** How many different events `count` messages are. */
export function uniqueCount(count) {
  return count - Math.floor(count / 200);
}

function headersOf(writeKey) {
  return { 'content-type': 'application/json', authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}` };
}

/**
 * Sends as fast as the answers come, over a fixed number of connections.
 * @returns {Promise<void>} when every request was answered with 200; rejects otherwise
 */
export async function sendClosedLoop({ url, writeKey, connections, count, batch, run, people }) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = headersOf(writeKey);
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const start = next;
      next += batch;
      const messages = Array.from({ length: Math.min(batch, count - start) }, (_, offset) => messageAt(start + offset, { run, people }));
      const body = JSON.stringify(batch === 1 ? messages[0] : { batch: messages });
      const answer = await pool.request({ method: 'POST', path: batch === 1 ? '/v1/track' : '/v1/batch', headers, body });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, worker));
  } finally {
    await pool.close();
  }
}

/**
 * Sends at a fixed rate, whatever the answers do.
 * @returns {Promise<Map<string, number>>} message id → when it was sent, epoch ms
 */
export async function sendAtRate({ url, writeKey, perSecond, count, run, people }) {
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  const headers = headersOf(writeKey);
  const sentAt = new Map();
  const begin = performance.now();
  const answers = [];
  for (let index = 0; index < count; index += 1) {
    const dueMs = begin + (index * 1000) / perSecond - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    const message = { ...messageAt(index, { run, people }), messageId: `${run}-${index}` };
    sentAt.set(message.messageId, performance.timeOrigin + performance.now());
    answers.push(pool.request({ method: 'POST', path: '/v1/track', headers, body: JSON.stringify(message) }).then((answer) => answer.body.dump()));
  }
  await Promise.all(answers);
  await pool.close();
  return sentAt;
}
