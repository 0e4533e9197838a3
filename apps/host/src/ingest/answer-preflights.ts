import type { FastifyInstance } from 'fastify';

/** The write key is in the request, never in a cookie: any site may send, and no browser lends it credentials. */
const ANY_ORIGIN = '*';
const ONE_DAY_SECONDS = '86400';

/**
 * Lets browsers of any site call the tracking routes, `/v1/…`, and answers their preflights (Fetch standard, CORS protocol).
 * Webhooks and imports come from servers.
 */
export function answerPreflights(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.url.startsWith('/v1/')) return done();
    void reply.header('access-control-allow-origin', ANY_ORIGIN).header('access-control-expose-headers', 'retry-after');
    if (request.method !== 'OPTIONS') return done();
    void reply
      .header('access-control-allow-methods', 'GET, POST')
      .header('access-control-allow-headers', request.headers['access-control-request-headers'] ?? 'authorization, content-type')
      .header('access-control-max-age', ONE_DAY_SECONDS)
      .header('vary', 'access-control-request-headers')
      .status(204)
      .send();
  });
}
