import type { InboxDocument } from '../ports/rows.js';
import { Intake } from './intake.js';

const document = (workspaceId: string, name: string, records: number): InboxDocument => ({
  inboxId: `${workspaceId}|${name}`, workspaceId, partition: 0, receivedAt: 0, attempt: 0, records: Array.from({ length: records }, () => ({}) as InboxDocument['records'][number]),
});
function newIntake(maxRecords = 10) {
  let token = 0;
  let taken = 0;
  const intake = new Intake({ clock: () => 1_000, leaseMs: 500, maxRecords, newToken: () => `t${(token += 1)}`, onTaken: () => { taken += 1; } });
  const put = (workspaceId: string, name: string, records: number): void => {
    const claim = intake.reserve(records);
    if (claim === null) throw new Error('full');
    intake.take(claim, [document(workspaceId, name, records)]);
  };
  return { intake, put, taken: () => taken };
}
const idsOf = (batch: ReturnType<Intake['next']>): string[] => batch.flatMap(({ claim }) => [...claim.inboxIds]);

describe('Intake', () => {
  it('gives a claim of its own to each reservation, for the length of a lease', () => {
    const { intake } = newIntake();
    expect(intake.reserve(1)).toEqual({ token: 't1', until: 1_500 });
    expect(intake.reserve(1)).toEqual({ token: 't2', until: 1_500 });
  });

  it('takes as many records as its limit, reserved or waiting, and has room again when they are cancelled or given out', () => {
    const { intake, put } = newIntake(10);
    put('a', '1', 6);
    expect(intake.reserve(4)).not.toBeNull();
    expect(intake.reserve(1)).toBeNull();
    intake.cancel(4);
    expect(intake.reserve(5)).toBeNull();
    expect(intake.reserve(4)).not.toBeNull();
    intake.next(100);
    expect(intake.reserve(7)).toBeNull();
    expect(intake.reserve(6)).not.toBeNull();
  });

  it('gives out the oldest first, as many as asked for, and at least one', () => {
    const { intake, put, taken } = newIntake(100);
    put('a', '1', 3);
    put('a', '2', 3);
    put('a', '3', 3);
    put('a', '4', 30);
    expect(taken()).toBe(4);
    expect(idsOf(intake.next(6))).toEqual(['a|1', 'a|2']);
    expect(idsOf(intake.next(6))).toEqual(['a|3']);
    expect(idsOf(intake.next(6))).toEqual(['a|4']);
    expect(intake.next(6)).toEqual([]);
  });

  it('never gives out two workspaces together, also when they were stored together', () => {
    const { intake } = newIntake(100);
    const claim = intake.reserve(3) as { token: string; until: number };
    const { token } = claim;
    intake.take(claim, [document('a', '1', 1), document('b', '1', 1), document('a', '2', 1)]);
    expect(intake.next(10)).toMatchObject([{ claim: { token, inboxIds: ['a|1', 'a|2'] } }]);
    expect(intake.next(10)).toMatchObject([{ claim: { token, inboxIds: ['b|1'] } }]);
  });

  it('shows what waits, so that its claims can be prolonged', () => {
    const { intake, put } = newIntake();
    put('a', '1', 1);
    put('b', '1', 1);
    intake.next(1);
    expect(intake.claimed()).toMatchObject([{ claim: { inboxIds: ['b|1'] } }]);
  });

  it('once closed takes nothing more, and still gives out what waits', () => {
    const { intake, put } = newIntake();
    put('a', '1', 1);
    intake.close();
    expect(intake.reserve(1)).toBeNull();
    expect(idsOf(intake.next(10))).toEqual(['a|1']);
  });
});
