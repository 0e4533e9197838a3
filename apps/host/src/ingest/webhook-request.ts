import type { WebhookRequest } from '@firsthand/plugin-sdk';
import type { FastifyRequest } from 'fastify';

/** The request as a plugin sees it. Of a header or parameter that comes twice the first counts. */
export function toWebhookRequest(request: FastifyRequest, body: Uint8Array, publicUrl: string): WebhookRequest {
  return {
    method: request.method,
    headers: firstOfEach(request.headers),
    query: firstOfEach(request.query as Record<string, string | string[] | undefined>),
    body,
    url: publicUrl + request.url,
  };
}

function firstOfEach(values: Record<string, string | string[] | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
}
