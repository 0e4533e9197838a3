import { createMemoryDoorbell } from './create-memory-doorbell.js';

const lane = { workspaceId: 'acme', connectionId: 'crm' };
const settled = () => new Promise(setImmediate);

describe('createMemoryDoorbell', () => {
  it('answers later, with one run at a time, and runs once more for the rings in between', async () => {
    const doorbell = createMemoryDoorbell();
    let running = 0;
    let runs = 0;
    doorbell.onApply(async () => {
      runs += 1;
      running += 1;
      expect(running).toBe(1);
      if (runs === 1) for (let i = 0; i < 5; i += 1) doorbell.ringApply();
      await Promise.resolve();
      running -= 1;
    });
    doorbell.ringApply();
    doorbell.ringApply();
    expect(runs).toBe(0);
    await settled();
    expect(runs).toBe(2);
    doorbell.ringApply();
    await settled();
    expect(runs).toBe(3);
  });

  it('answers open lanes only, each workspace apart', async () => {
    const doorbell = createMemoryDoorbell();
    const answered: unknown[] = [];
    expect(() => doorbell.openLane(lane)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    doorbell.onLane(async (rung) => { answered.push(rung); });
    doorbell.openLane(lane);
    doorbell.ringLane(lane);
    doorbell.ringLane({ ...lane, workspaceId: 'other' });
    await settled();
    expect(answered).toEqual([lane]);
    await doorbell.closeLane(lane);
    doorbell.ringLane(lane);
    await settled();
    expect(answered).toHaveLength(1);
  });

  it('goes on after a handler that throws, and is silent once closed', async () => {
    const doorbell = createMemoryDoorbell();
    let runs = 0;
    doorbell.onApply(async () => {
      runs += 1;
      throw new RangeError();
    });
    for (let i = 0; i < 2; i += 1) {
      doorbell.ringApply();
      await settled();
    }
    expect(runs).toBe(2);
    await doorbell.close();
    doorbell.ringApply();
    await settled();
    expect(runs).toBe(2);
  });
});
