import fc from 'fast-check';
import { BUILT_IN_PERMISSIONS } from './built-in-permissions.js';
import { coversPermissions } from './covers-permissions.js';
import { createAbility } from './create-ability.js';
import { needsSecondFactor, withoutSecondFactor } from './second-factor-powers.js';
import { ACTIONS, BUILT_IN_ROLES, SUBJECTS, type Permission } from './roles.js';

const permissionsOf = (...roles: (typeof BUILT_IN_ROLES)[number][]): Permission[] => roles.flatMap((role) => BUILT_IN_PERMISSIONS[role]);

describe('a second factor', () => {
  it('is for owners and privacy officers, and for who may do what only they may', () => {
    expect(BUILT_IN_ROLES.filter((role) => needsSecondFactor([role], permissionsOf(role)))).toEqual(['owner', 'privacy-officer']);
    for (const subject of ['user', 'role', 'apiKey', 'accessSettings'] as const) expect([subject, needsSecondFactor(['own'], [{ actions: ['create'], subjects: [subject] }])]).toEqual([subject, true]);
    // By name, though what is left of it allows nothing.
    expect(needsSecondFactor(['privacy-officer'], [])).toBe(true);
    expect(needsSecondFactor(['own'], [{ actions: ['update'], subjects: ['user'], fields: ['name'] }, { actions: ['read'], subjects: ['delivery'], conditions: { connectionId: ['crm'] } }])).toBe(false);
    expect(needsSecondFactor(['own'], [{ actions: ['update'], subjects: ['user'] }])).toBe(true);
  });

  it('protects accounts, roles, keys and what holds for everybody, and takes nothing else from an owner', () => {
    const left = createAbility(withoutSecondFactor(permissionsOf('owner')));
    const taken = SUBJECTS.flatMap((subject) => ACTIONS.filter((action) => createAbility(permissionsOf('owner')).can(action, subject) && !left.can(action, subject)).map((action) => `${action} ${subject}`));
    expect(taken.filter((one) => / (user|role|apiKey|accessSettings)$/.test(one) && /^(create|update|delete|operate)/.test(one))).toHaveLength(16);
    // What a law keeps of erased people is for owners and privacy officers alone.
    expect(taken.filter((one) => /^read /.test(one) || / (connection|segment|flow|consent|profile)$/.test(one))).toEqual(['read heldData']);
  });

  it('leaves nobody with more than they had, and nothing that one protects', () => {
    const permission = fc.record({ actions: fc.subarray([...ACTIONS], { minLength: 1 }), subjects: fc.subarray([...SUBJECTS], { minLength: 1 }), fields: fc.option(fc.subarray(['name', 'roles', 'personal', 'state'], { minLength: 1 }), { nil: undefined }) });
    fc.assert(fc.property(fc.array(permission, { maxLength: 4 }), (held) => {
      const left = withoutSecondFactor(held);
      expect([coversPermissions(held, left), needsSecondFactor(['own'], left)]).toEqual([true, false]);
      if (!needsSecondFactor(['own'], held)) expect(coversPermissions(left, held)).toBe(true);
    }));
  });
});
