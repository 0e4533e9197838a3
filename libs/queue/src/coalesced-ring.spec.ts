import { coalescedRing } from './coalesced-ring.js';

describe('coalescedRing', () => {
  it('sends at once, and of all rings during a sending one more after it', async () => {
    const open: (() => void)[] = [];
    const ring = coalescedRing(() => new Promise((resolve) => { open.push(resolve); }));
    ring();
    expect(open).toHaveLength(1);
    for (let i = 0; i < 100; i += 1) ring();
    expect(open).toHaveLength(1);
    open[0]?.();
    await new Promise(setImmediate);
    expect(open).toHaveLength(2);
    open[1]?.();
    await new Promise(setImmediate);
    expect(open).toHaveLength(2);
    ring();
    expect(open).toHaveLength(3);
  });
});
