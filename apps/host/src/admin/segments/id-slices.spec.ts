import { randomUUID } from 'node:crypto';
import { ID_SLICES, sumOverSlices } from './id-slices.js';

describe('ID_SLICES', () => {
  it.each([randomUUID(), '0', '1', 'f', 'ffffffff', 'g', 'p-1', 'Z', '~', '00000000-0000-4000-8000-000000000000', 'a'])('holds %s once', (id) => {
    expect(ID_SLICES.filter(({ from = '', to }) => id > from && (to === undefined || id <= to))).toHaveLength(1);
  });
});

describe('sumOverSlices', () => {
  it('adds up every slice', async () => {
    expect(await sumOverSlices((slice) => Promise.resolve({ all: 1, open: slice.to === undefined ? 1 : 0 }), 60_000)).toEqual({ all: 16, open: 1 });
  });

  it('gives up at the slice that does, and without any time at all', async () => {
    let asked = 0;
    const tooLong = Object.assign(new Error('too long'), { code: 50 });
    expect(await sumOverSlices(() => ((asked += 1) < 3 ? Promise.resolve({ all: 1 }) : Promise.reject(tooLong)), 60_000)).toBeNull();
    expect(asked).toBe(3);
    expect(await sumOverSlices(() => Promise.reject(new RangeError('asked')), 0)).toBeNull();
    await expect(sumOverSlices(() => Promise.reject(new RangeError('broken')), 60_000)).rejects.toThrow(RangeError);
  });
});
