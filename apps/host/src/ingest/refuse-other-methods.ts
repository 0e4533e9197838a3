import { FirsthandError } from '@firsthand/domain';
import type { FastifyInstance } from 'fastify';

interface KnownPath {
  pattern: RegExp;
  methods: Set<string>;
}

/** Answers a path that is known under another method with 405 and `Allow` (RFC 9110 section 15.5.6), where Fastify says 404. */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  const paths = new Map<string, KnownPath>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}/?$`);
    const known = paths.get(url) ?? { pattern, methods: new Set() };
    for (const name of [method].flat()) known.methods.add(name);
    paths.set(url, known);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = [...paths.values()].filter(({ pattern }) => pattern.test(path)).flatMap((known) => [...known.methods]);
    if (methods.length === 0) return done();
    void reply.header('allow', [...new Set(methods)].join(', '));
    done(new FirsthandError('METHOD_NOT_ALLOWED'));
  });
}
