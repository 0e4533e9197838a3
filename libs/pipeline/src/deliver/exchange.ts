import type { HttpClient, HttpRequest, HttpResponse } from '@firsthand/plugin-sdk';

/** One request of a plugin and what came back, as they were: not to be stored or shown. */
export interface Exchange {
  request: HttpRequest;
  /** Null when none came: a timeout, a reset, no socket. */
  response: HttpResponse | null;
  /** Epoch ms. */
  at: number;
  durationMs: number;
}

/** A client that tells of each request when it has ended. */
export function observing(http: HttpClient, clock: () => number, note: (exchange: Exchange) => void): HttpClient {
  return {
    async request(request, options) {
      const at = clock();
      const begin = performance.now();
      let response: HttpResponse | null = null;
      try {
        response = await http.request(request, options);
        return response;
      } finally {
        note({ request, response, at, durationMs: performance.now() - begin });
      }
    },
  };
}
