import { RetryableError } from './errors.js';

/**
 * Calls a function of a plugin and waits at most `timeoutMs`, or until `parentSignal` aborts. The signal handed to it aborts then, and what it
 * does later is ignored. A synchronous loop cannot be stopped.
 *
 * @throws RetryableError when time is up or the parent aborts; else whatever the function throws.
 * @example await callWithTimeout((signal) => destination.send({ ...context, signal }), 10_000, shutdown.signal);
 */
export async function callWithTimeout<T>(call: (signal: AbortSignal) => Promise<T>, timeoutMs: number, parentSignal?: AbortSignal): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onParentAbort: (() => void) | undefined;

  const stopped = new Promise<never>((_, reject) => {
    const stop = (error: RetryableError): void => {
      reject(error);
      controller.abort(error);
    };
    timer = setTimeout(() => stop(new RetryableError(`No answer within ${timeoutMs} ms.`)), timeoutMs);
    onParentAbort = () => stop(new RetryableError('The call was stopped.'));
    if (parentSignal?.aborted) onParentAbort();
    else parentSignal?.addEventListener('abort', onParentAbort, { once: true });
  });
  try {
    return await Promise.race([stopped, parentSignal?.aborted ? stopped : call(controller.signal)]);
  } finally {
    clearTimeout(timer);
    if (onParentAbort !== undefined) parentSignal?.removeEventListener('abort', onParentAbort);
  }
}
