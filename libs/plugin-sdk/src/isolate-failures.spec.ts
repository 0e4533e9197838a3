import type { SendResult } from './destination.js';
import { InvalidPayload, RateLimited, RetryableError } from './errors.js';
import { isolateFailures } from './isolate-failures.js';

function vendor(bad: ReadonlySet<number>): { sent: number[][]; sendAll(items: readonly number[]): Promise<SendResult[]> } {
  const sent: number[][] = [];
  return {
    sent,
    async sendAll(items) {
      sent.push([...items]);
      if (items.some((item) => bad.has(item))) throw new InvalidPayload('Refused.');
      return items.map(() => ({ ok: true }));
    },
  };
}

describe('isolateFailures', () => {
  it('sends once when nothing is refused', async () => {
    const { sent, sendAll } = vendor(new Set());
    await expect(isolateFailures([1, 2, 3], sendAll)).resolves.toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    expect(sent).toEqual([[1, 2, 3]]);
  });

  it('fails the bad items alone, in their places', async () => {
    const { sendAll } = vendor(new Set([2, 5]));
    const results = await isolateFailures([1, 2, 3, 4, 5], sendAll);
    expect(results.map((result) => result.ok)).toEqual([true, false, true, true, false]);
  });

  it('finds one bad item of 100 in few requests', async () => {
    const { sent, sendAll } = vendor(new Set([77]));
    const results = await isolateFailures(Array.from({ length: 100 }, (_, index) => index), sendAll);
    expect(results.filter((result) => !result.ok)).toHaveLength(1);
    expect(sent.length).toBeLessThanOrEqual(15);
  });

  it('throws what concerns all, and the refusal of a single item', async () => {
    const down = new RetryableError('Down.');
    await expect(isolateFailures([1, 2], () => Promise.reject(down))).rejects.toBe(down);
    await expect(isolateFailures([1], vendor(new Set([1])).sendAll)).rejects.toThrow(InvalidPayload);
  });

  it('keeps what was sent before the vendor asked to wait, and asks no more', async () => {
    const sent: number[][] = [];
    const results = await isolateFailures([1, 2, 3, 4, 5, 6, 7, 8], async (items) => {
      sent.push([...items]);
      if (items.length === 8) throw new InvalidPayload('Refused.');
      if (items.includes(3)) throw items.length > 2 ? new InvalidPayload('Refused.') : new RateLimited(1000);
      return items.map(() => ({ ok: true }));
    });
    expect(results.map((result) => (result.ok ? 'ok' : result.error.name))).toEqual(['ok', 'ok', ...Array<string>(6).fill('RateLimited')]);
    expect(sent).toEqual([[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [1, 2], [3, 4]]);
  });
});
