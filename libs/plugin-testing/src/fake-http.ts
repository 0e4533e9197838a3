import { InvalidPayload, RetryableError, type HttpClient, type HttpRequest, type HttpResponse, type JsonValue } from '@firsthand/plugin-sdk';

/** What a fake vendor answers. Default 200 without a body. */
export interface FakeAnswer {
  status?: number;
  /** Names in lower case. */
  headers?: Record<string, string>;
  json?: JsonValue;
  text?: string;
}

/** Plays the vendor: gives an answer, never answers, or throws RetryableError for a failure of the network. `index` counts from 0. */
export type FakeRespond = (request: HttpRequest, index: number) => FakeAnswer | Promise<FakeAnswer>;

/** A client that reaches no network, and the requests it was given. */
export interface FakeHttp extends HttpClient {
  readonly requests: readonly HttpRequest[];
}

/**
 * Makes a scripted HTTP client that keeps the host's rules: an absolute http(s) URL, one body at most, an abort ends a request at once with
 * RetryableError.
 *
 * @example const http = fakeHttp({ respond: () => ({ status: 429, headers: { 'retry-after': '7' } }) });
 */
export function fakeHttp({ respond = () => ({}) }: { respond?: FakeRespond } = {}): FakeHttp {
  const requests: HttpRequest[] = [];
  return {
    requests,
    async request(request, { signal } = {}) {
      const bodies = [request.json, request.form, request.text].filter((body) => body !== undefined);
      if (bodies.length > 1) throw new InvalidPayload('A request takes one of json, form and text.');
      if (!URL.canParse(request.url) || !/^https?:/.test(request.url)) throw new InvalidPayload('The URL of the request is not valid.');
      if (signal?.aborted) throw stopped();
      requests.push(structuredClone(request));
      return toResponse(await untilAborted(Promise.resolve(respond(request, requests.length - 1)), signal));
    },
  };
}

async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer;
  const aborted = new Promise<never>((_, reject) => { signal.addEventListener('abort', () => reject(stopped()), { once: true }); });
  return Promise.race([answer, aborted]);
}

function stopped(): RetryableError {
  return new RetryableError('The call was stopped.');
}

function toResponse({ status = 200, headers = {}, json, text = json === undefined ? '' : JSON.stringify(json) }: FakeAnswer): HttpResponse {
  return {
    status,
    headers,
    text,
    json() {
      try {
        return JSON.parse(text) as JsonValue;
      } catch {
        throw new RetryableError('The answer is not JSON.');
      }
    },
  };
}
