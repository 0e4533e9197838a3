import { withinLimit } from './within-limit.js';

describe('withinLimit', () => {
  it('gives what the work gives, throws what it throws, and UNAVAILABLE at the limit', async () => {
    expect(await withinLimit(1_000, Promise.resolve(1))).toBe(1);
    await expect(withinLimit(1_000, Promise.reject(new RangeError()))).rejects.toThrow(RangeError);
    await expect(withinLimit(1, new Promise(() => undefined))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 1 });
  });
});
