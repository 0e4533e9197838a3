import type { Metrics } from '@firsthand/platform';
import type { FastifyInstance } from 'fastify';

/** Times every request by the pattern of its route, never by its path: a path holds ids and write keys. */
export function measureRequests(fastify: FastifyInstance, metrics: Metrics): void {
  const timers = new Map<string, { observe(seconds: number): void }>();
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const status = String(reply.statusCode);
    const key = `${route} ${status}`;
    let timer = timers.get(key);
    if (timer === undefined) timers.set(key, (timer = metrics.requestDuration.labels({ plane: 'data', route, status })));
    timer.observe(reply.elapsedTime / 1000);
    done();
  });
}
