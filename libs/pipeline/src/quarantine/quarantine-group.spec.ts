import { quarantineGroupId, type QuarantineCause } from './quarantine-group.js';

const cause: QuarantineCause = { connectionId: 'till', code: 'INVALID_RECORD', places: [{ path: '/order/lines/0/price' }, { path: '/order/total' }], mappingVersion: 3 };

describe('the group of a quarantined record', () => {
  it('is the same for the same cause, wherever in an array and in whatever order it was found', () => {
    expect(quarantineGroupId('w', { ...cause, places: [{ path: '/order/total' }, { path: '/order/lines/7/price' }, { path: '/order/lines/8/price' }] })).toBe(quarantineGroupId('w', cause));
    expect(quarantineGroupId('w', cause)).toMatch(/^till\.INVALID_RECORD\./u);
  });

  it.each<[string, Partial<QuarantineCause>]>([
    ['connection', { connectionId: 'shop' }], ['code', { code: 'MISSING_IDENTITY' }], ['place', { places: [{ path: '/order/total' }] }], ['mapping', { mappingVersion: 4 }], ['rule', { rule: 'required' }], ['plan', { planVersion: 2 }],
  ])('is another one for another %s', (_, other) => {
    expect(quarantineGroupId('w', { ...cause, ...other })).not.toBe(quarantineGroupId('w', cause));
  });
});
