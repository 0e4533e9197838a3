import { Slots } from './slots.js';

/** Takes a slot, and notes it when it has it. */
function taker(slots: Slots, limit: number, had: string[]): (name: string) => void {
  return (name) => void slots.take(limit).then(() => had.push(name));
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Slots', () => {
  it('gives as many as the limit at once, then to the next in line', async () => {
    const slots = new Slots();
    const had: string[] = [];
    const take = taker(slots, 2, had);
    for (const name of ['a', 'b', 'c', 'd']) take(name);
    await turn();
    expect(had).toEqual(['a', 'b']);
    slots.give(1);
    await turn();
    expect(had).toEqual(['a', 'b', 'c']);
    slots.give(2);
    slots.give(3);
    slots.give(4);
    await turn();
    for (const name of ['e', 'f', 'g']) take(name);
    await turn();
    expect(had).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('knows no speed while nobody had to wait, then that of the intervals between them', async () => {
    const slots = new Slots();
    const had: string[] = [];
    await slots.take(1);
    slots.give(0);
    expect(slots.perSecond).toBeNull();
    const take = taker(slots, 1, had);
    for (const name of ['a', 'b', 'c', 'd']) take(name);
    slots.give(1_000);
    expect(slots.perSecond).toBeNull();
    slots.give(1_020);
    expect(slots.perSecond).toBeCloseTo(50);
    // One slower interval of 120 ms moves the average of 20 ms by a hundredth of the difference.
    slots.give(1_140);
    expect(slots.perSecond).toBeCloseTo(1_000 / 21);
    await turn();
    expect(had).toEqual(['a', 'b', 'c', 'd']);
  });

  it('does not take an idle time for slowness, and stays finite when two are given at once', () => {
    const slots = new Slots();
    const take = taker(slots, 1, []);
    take('a');
    take('b');
    slots.give(0);
    slots.give(0);
    expect(slots.perSecond).toBe(100_000);
    take('c');
    slots.give(1_000_000);
    expect(slots.perSecond).toBe(100_000);
  });
});
