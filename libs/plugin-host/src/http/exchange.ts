import type { Dispatcher, Pool } from 'undici';
import { RetryableError } from '@firsthand/plugin-sdk';

/** What came back. */
export interface Answer {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  /** UTF-8, cut off at the limit. */
  text: string;
}

export interface ExchangeLimits {
  /** For the request as a whole. */
  timeoutMs: number;
  /** Of the answer; the rest is not waited for. */
  maxBytes: number;
  signal?: AbortSignal | undefined;
  /** Unless a socket is there by then nothing is sent. */
  startWithinMs?: number | undefined;
}

/**
 * Sends one request over a pool and reads its answer. With a handler of its own instead of `pool.request`: no stream, no abort controller and one timer,
 * since every delivery comes through here.
 *
 * @throws RetryableError when time is up, no socket was there in time or `signal` aborts; else what the network layer throws
 */
export function exchange(pool: Pool, request: Pick<Dispatcher.DispatchOptions, 'method' | 'path' | 'headers' | 'body'>, { timeoutMs, maxBytes, signal, startWithinMs = timeoutMs }: ExchangeLimits): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(stopped());
    const begin = performance.now();
    let controller: Dispatcher.DispatchController | undefined;
    let isSettled = false;
    let statusCode = 0;
    let headers: Answer['headers'] = {};
    const chunks: Buffer[] = [];
    let size = 0;

    const settle = (error: Error | null): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (error === null) resolve({ statusCode, headers, text: Buffer.concat(chunks, Math.min(size, maxBytes)).toString('utf8') });
      else reject(error);
    };
    const breakOff = (error: Error): void => {
      settle(error);
      controller?.abort(error);
    };
    const onAbort = (): void => breakOff(stopped());
    const timer = setTimeout(() => breakOff(new RetryableError(`No answer within ${timeoutMs} ms.`)), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });

    pool.dispatch(request, {
      onRequestStart(given) {
        controller = given;
        // Nothing is on the wire yet.
        if (!isSettled && performance.now() - begin > startWithinMs) settle(new RetryableError(`No socket within ${startWithinMs} ms.`));
        if (isSettled) given.abort(stopped());
      },
      onResponseStart(_controller, status, answered) {
        statusCode = status;
        headers = answered;
      },
      onResponseData(given, chunk) {
        if (isSettled) return;
        chunks.push(chunk);
        size += chunk.byteLength;
        if (size < maxBytes) return;
        settle(null);
        given.abort(stopped());
      },
      onResponseEnd: () => settle(null),
      onResponseError: (_controller, error) => settle(error),
    });
  });
}

function stopped(): RetryableError {
  return new RetryableError('The call was stopped.');
}
