import type { DeliveryRow } from '../ports/rows.js';
import { isLateRemoval, isOpenRemoval, LATE_AFTER_MS, removalStatus } from './removal-status.js';

describe('the status of a removal', () => {
  it.each<[string, DeliveryRow['state'], string | null, boolean, boolean, string]>([
    ['waits for its turn', 'pending', null, false, true, 'queued'],
    ['waits for another try', 'pending', 'destination-failed', false, true, 'queued'],
    ['is on its way', 'pending', null, true, true, 'sent'],
    ['was carried out', 'delivered', null, false, true, 'confirmed'],
    ['was carried out, and the person has agreed again', 'delivered', null, false, false, 'confirmed'],
    ['had been carried out before', 'cancelled', 'already-confirmed', false, true, 'confirmed'],
    ['was tried for 72 hours', 'dead', 'retries-exhausted:destination-failed', false, true, 'failed'],
    ['was refused', 'dead', 'invalid-payload', false, true, 'failed'],
    ['was tried for 72 hours, and the person has agreed again', 'dead', 'retries-exhausted:destination-failed', false, false, 'not-needed'],
    ['cannot be carried out', 'dead', 'destination-cannot-remove', false, true, 'cannot-remove'],
    ['must not be carried out by erasing', 'dead', 'destination-cannot-remove:needed-for-another-purpose', false, true, 'cannot-remove'],
    ['could not be carried out, in rows of earlier days', 'cancelled', 'destination-cannot-remove', false, true, 'cannot-remove'],
    ['somebody has settled by hand', 'cancelled', 'confirmed-by-hand', false, true, 'confirmed'],
    ['found nothing', 'cancelled', 'nothing-disclosed', false, true, 'not-needed'],
    ['came after a new yes', 'cancelled', 'no-longer-refused', false, false, 'not-needed'],
    ['lost its connection', 'cancelled', 'connection-deleted', false, true, 'failed'],
  ])('that %s', (_, state, reason, isUnderWay, isOwed, expected) => {
    expect(removalStatus({ state, reason }, { isUnderWay, isOwed })).toBe(expected);
  });

  it('of a list that left as a file is for somebody to ask for, as long as it is refused', () => {
    const row = { action: 'list-export', state: 'dead', reason: 'told-by-hand' } as const;
    expect([true, false].map((isOwed) => removalStatus(row, { isUnderWay: false, isOwed }))).toEqual(['manual', 'not-needed']);
    expect([isOpenRemoval('manual'), isLateRemoval('manual', 0, LATE_AFTER_MS)]).toEqual([true, true]);
  });

  it('is late after a day, as long as it is open', () => {
    expect([isLateRemoval('queued', 0, LATE_AFTER_MS - 1), isLateRemoval('queued', 0, LATE_AFTER_MS), isLateRemoval('confirmed', 0, LATE_AFTER_MS)]).toEqual([false, true, false]);
  });
});
