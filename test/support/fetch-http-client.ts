import { RetryableError, type HttpClient, type JsonValue } from '@firsthand/plugin-sdk';

/**
 * An HttpClient over the global `fetch`, for specs that talk to a fake vendor without a host: no egress rules, no pool.
 *
 * @example const http = fetchHttpClient(); await http.request({ method: 'GET', url: fake.url });
 */
export function fetchHttpClient(): HttpClient {
  return {
    async request({ method, url, headers = {}, json, form, text, timeoutMs = 10_000 }, { signal } = {}) {
      const body = json === undefined ? (form === undefined ? text : new URLSearchParams(form)) : JSON.stringify(json);
      const options: RequestInit = {
        method,
        body,
        redirect: 'manual',
        headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]),
      };
      const [response, answer] = await fetch(url, options)
        .then(async (given) => [given, await given.text()] as const)
        .catch((cause: unknown) => {
          throw new RetryableError('The request failed.', { cause });
        });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: answer,
        json: () => {
          try {
            return JSON.parse(answer) as JsonValue;
          } catch {
            throw new RetryableError('The answer is not JSON.');
          }
        },
      };
    },
  };
}
