import { createServer } from 'node:http';

/**
 * The local destination: takes single messages and lists, answers at once, and notes when each event arrived.
 * @returns {Promise<{ port: number, arrivals: Map<string, number>, waitFor: (count: number, timeoutMs: number) => Promise<number>,
 *   waitForTotal: (count: number, timeoutMs: number) => Promise<{ firstAt: number, lastAt: number }>, watch: (watcher: (message: object, at: number) => void) => () => void, reset: () => void, close: () => void }>}
 */
export async function startSink() {
  const arrivals = new Map();
  let waiting = null;
  let total = { count: 0, firstAt: 0 };
  let waitingForTotal = null;
  const watchers = new Set();
  const note = (message) => {
    for (const watch of watchers) watch(message, performance.timeOrigin + performance.now());
    const id = message.data?.event?.messageId ?? message.messageId;
    if (!arrivals.has(id)) arrivals.set(id, performance.timeOrigin + performance.now());
    if (total.count === 0) total.firstAt = performance.now();
    total.count += 1;
    if (waitingForTotal !== null && total.count >= waitingForTotal.count) waitingForTotal.done();
    if (waiting !== null && arrivals.size >= waiting.count) waiting.done();
  };
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      if (Array.isArray(body)) body.forEach(note);
      else note(body);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    arrivals,
    /** Resolves with the time of the last arrival, or rejects: a bench that lost events has no figure. */
    waitFor: (count, timeoutMs) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`only ${arrivals.size} of ${count} events arrived within ${timeoutMs} ms`)), timeoutMs);
      const done = () => { clearTimeout(timer); waiting = null; resolve(performance.now()); };
      waiting = { count, done };
      if (arrivals.size >= count) done();
    }),
    /** Counts every message, also several about one event. */
    waitForTotal: (count, timeoutMs) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`only ${total.count} of ${count} messages arrived within ${timeoutMs} ms`)), timeoutMs);
      const done = () => { clearTimeout(timer); waitingForTotal = null; resolve({ firstAt: total.firstAt, lastAt: performance.now() }); };
      waitingForTotal = { count, done };
    }),
    /** Calls for each message with when it arrived, until the function that is given back is called. */
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    reset: () => {
      arrivals.clear();
      total = { count: 0, firstAt: 0 };
    },
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
