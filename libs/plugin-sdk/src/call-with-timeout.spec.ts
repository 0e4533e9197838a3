import { jest } from '@jest/globals';
import { callWithTimeout } from './call-with-timeout.js';
import { InvalidPayload, RetryableError } from './errors.js';

const never = (): Promise<never> => new Promise(() => undefined);

describe('callWithTimeout', () => {
  beforeEach(() => { jest.useFakeTimers(); });
  afterEach(() => { jest.useRealTimers(); });

  it('gives what the function gives, and leaves no timer and no listener', async () => {
    const parent = new AbortController();
    const removed = jest.spyOn(parent.signal, 'removeEventListener');
    await expect(callWithTimeout(async () => 'done', 1000, parent.signal)).resolves.toBe('done');
    expect(jest.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledTimes(1);
  });

  it('throws what the function throws, also when it throws at once', async () => {
    await expect(callWithTimeout(async () => { throw new InvalidPayload('No.'); }, 1000)).rejects.toThrow(InvalidPayload);
    await expect(callWithTimeout(() => { throw new InvalidPayload('No.'); }, 1000)).rejects.toThrow(InvalidPayload);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is retryable when time is up, and aborts the signal', async () => {
    let seen: AbortSignal | undefined;
    const call = expect(callWithTimeout((signal) => { seen = signal; return never(); }, 1000)).rejects.toThrow(RetryableError);
    jest.advanceTimersByTime(999);
    expect(seen?.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(seen?.aborted).toBe(true);
    await call;
  });

  it('is retryable when the parent aborts, and hands that on', async () => {
    const parent = new AbortController();
    let seen: AbortSignal | undefined;
    const call = expect(callWithTimeout((signal) => { seen = signal; return never(); }, 1000, parent.signal)).rejects.toThrow(RetryableError);
    parent.abort();
    await call;
    expect(seen?.aborted).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not call at all when the parent has aborted', async () => {
    const call = jest.fn(never);
    await expect(callWithTimeout(call, 1000, AbortSignal.abort())).rejects.toThrow(RetryableError);
    expect(call).not.toHaveBeenCalled();
  });
});
