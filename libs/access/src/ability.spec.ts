import { FirsthandError } from '@firsthand/domain';
import fc from 'fast-check';
import { BUILT_IN_PERMISSIONS } from './built-in-permissions.js';
import { checkFields } from './check-fields.js';
import { coversPermissions } from './covers-permissions.js';
import { createAbility, type AccessAbility } from './create-ability.js';
import { mayAskBy, mayReadWhole, projectFields } from './project-fields.js';
import { isWithinReach, reachOf } from './reach.js';
import { ACTIONS, BUILT_IN_ROLES, SUBJECTS, type BuiltInRole, type Permission } from './roles.js';

const abilityOf = (...roles: BuiltInRole[]): AccessAbility => createAbility(roles.flatMap((role) => BUILT_IN_PERMISSIONS[role]));

describe('abilities', () => {
  it('deny everything to nobody and allow everything to an owner', () => {
    for (const subject of SUBJECTS.filter((one) => one !== 'ownAccount')) for (const action of ACTIONS) {
      expect(abilityOf().can(action, subject)).toBe(false);
      expect([action, subject, abilityOf('owner').can(action, subject)]).toEqual([action, subject, true]);
    }
  });

  it.each(['profile', 'consent', 'personalData', 'privacyLink', 'privacyRequest', 'user', 'role', 'apiKey', 'auditLog'] as const)('keep %s from an integrator', (subject) => {
    for (const action of ACTIONS) expect(abilityOf('integrator').can(action, subject)).toBe(false);
  });

  it('show an analyst no person, and let nobody but those who answer for it reveal one', () => {
    for (const subject of ['profile', 'personalData', 'delivery', 'quarantine', 'consent', 'privacyRequest'] as const) expect(abilityOf('analyst').can('read', subject)).toBe(false);
    expect(BUILT_IN_ROLES.filter((role) => abilityOf(role).can('reveal', 'personalData'))).toEqual(['owner', 'admin', 'privacy-officer']);
    expect(BUILT_IN_ROLES.filter((role) => abilityOf(role).can('read', 'personalData', 'sensitive'))).toEqual([]);
  });

  it('let an admin see customers and neither make users nor raise roles', () => {
    const admin = abilityOf('admin');
    expect(admin.can('read', 'personalData', 'personal')).toBe(true);
    expect(admin.can('create', 'user')).toBe(false);
    expect(() => checkFields(admin, 'update', 'user', ['name', 'roles'])).toThrow(expect.objectContaining({ code: 'FORBIDDEN', places: [expect.objectContaining({ path: '/roles' })] }));
    expect(() => checkFields(admin, 'update', 'user', ['name'])).not.toThrow();
  });

  it('do not take away by one role what another gives', () => {
    expect(abilityOf('admin', 'owner').can('create', 'user')).toBe(true);
    expect(abilityOf('owner', 'integrator').can('update', 'connection', 'recipient')).toBe(true);
  });

  it('refuse a write that carries one forbidden field', () => {
    const integrator = abilityOf('integrator');
    expect(integrator.can('update', 'connection')).toBe(true);
    expect(() => checkFields(integrator, 'update', 'connection', ['name', 'provenance'])).toThrow(FirsthandError);
    expect(() => checkFields(integrator, 'update', 'connection', ['name'])).not.toThrow();
    expect(() => checkFields(integrator, 'update', 'user', [])).toThrow(FirsthandError);
  });
});

describe('fields', () => {
  const narrow: Permission = { actions: ['read'], subjects: ['delivery'], fields: ['state', 'connectionId'] };
  const crm: Permission = { actions: ['read'], subjects: ['delivery'], conditions: { connectionId: ['crm'] } };

  it('are shown one by one, and none of what may not be read', () => {
    expect(projectFields(abilityOf('integrator'), 'user', { name: 'Ana' })).toEqual({});
    expect(projectFields(abilityOf('admin'), 'user', { name: 'Ana' })).toEqual({ name: 'Ana' });
    expect(projectFields(createAbility([narrow]), 'delivery', { id: 'd', state: 'dead', reason: 'x' }, ['id'])).toEqual({ id: 'd', state: 'dead' });
  });

  it('of a permission for some rows do not show on others', () => {
    const ability = createAbility([narrow, crm]);
    expect(projectFields(ability, 'delivery', { connectionId: 'crm', state: 'dead', reason: 'x' })).toEqual({ connectionId: 'crm', state: 'dead', reason: 'x' });
    expect(projectFields(ability, 'delivery', { connectionId: 'ads', state: 'dead', reason: 'x' })).toEqual({ connectionId: 'ads', state: 'dead' });
    expect([mayAskBy(ability, 'delivery', 'state'), mayAskBy(ability, 'delivery', 'reason')]).toEqual([true, false]);
    expect([mayReadWhole(ability, 'delivery'), mayReadWhole(abilityOf('owner'), 'delivery')]).toEqual([false, true]);
  });

  it('hold for what lies below them', () => {
    const ability = createAbility([{ actions: ['read'], subjects: ['profile'], fields: ['traits.city', 'identities'] }]);
    expect([ability.can('read', 'profile', 'traits.city'), ability.can('read', 'profile', 'traits.cityName'), ability.can('read', 'profile', 'identities.email'), ability.can('read', 'profile', 'traits')]).toEqual([true, false, true, false]);
    expect(Object.keys(projectFields(ability, 'profile', { traits: [], identities: [], timeline: [] }))).toEqual(['traits', 'identities']);
  });
});

describe('reach', () => {
  it('is every row, some rows, or none', () => {
    const crm: Permission = { actions: ['read'], subjects: ['delivery'], conditions: { connectionId: ['crm'], purpose: ['ads'] } };
    const reach = reachOf(createAbility([crm]), 'read', 'delivery');
    expect([isWithinReach(reach, { connectionId: 'crm', purpose: 'ads' }), isWithinReach(reach, { connectionId: 'crm', purpose: 'x' }), isWithinReach(reach, {})]).toEqual([true, false, false]);
    expect(reachOf(createAbility([crm, ...BUILT_IN_PERMISSIONS.integrator]), 'read', 'delivery')).toBe('all');
    expect(reachOf(createAbility([]), 'read', 'delivery')).toEqual([]);
  });
});

describe('what somebody hands out', () => {
  it('is at most what they have', () => {
    expect(coversPermissions(BUILT_IN_PERMISSIONS.owner, Object.values(BUILT_IN_PERMISSIONS).flat())).toBe(true);
    expect(coversPermissions(BUILT_IN_PERMISSIONS.admin, BUILT_IN_PERMISSIONS.owner)).toBe(false);
    expect(coversPermissions([{ actions: ['read'], subjects: ['user'], fields: ['name'] }], [{ actions: ['read'], subjects: ['user'] }])).toBe(false);
    expect(coversPermissions([{ actions: ['read'], subjects: ['delivery'], conditions: { connectionId: ['crm'] } }], [{ actions: ['read'], subjects: ['delivery'] }])).toBe(false);
    expect(coversPermissions([{ actions: ['read'], subjects: ['delivery'], conditions: { connectionId: ['crm', 'ads'] } }], [{ actions: ['read'], subjects: ['delivery'], conditions: { connectionId: ['ads'], purpose: ['x'] } }])).toBe(true);
  });

  it('never does what its giver cannot', () => {
    const permission = fc.record({
      actions: fc.uniqueArray(fc.constantFrom(...ACTIONS), { minLength: 1, maxLength: 3 }), subjects: fc.uniqueArray(fc.constantFrom('delivery' as const, 'user' as const), { minLength: 1 }),
      fields: fc.option(fc.uniqueArray(fc.constantFrom('a', 'a.b', 'c'), { minLength: 1 }), { nil: undefined }),
      conditions: fc.option(fc.record({ connectionId: fc.uniqueArray(fc.constantFrom('crm', 'ads'), { minLength: 1 }) }), { nil: undefined }),
    });
    fc.assert(fc.property(fc.array(permission, { maxLength: 3 }), fc.array(permission, { maxLength: 3 }), (held, asked) => {
      if (!coversPermissions(held, asked)) return;
      const [giver, taker] = [createAbility(held), createAbility(asked)];
      for (const action of ACTIONS) for (const subject of ['delivery', 'user'] as const) for (const connectionId of ['crm', 'ads', 'x']) for (const field of ['a', 'a.b', 'c', 'd']) {
        const allows = (ability: AccessAbility): boolean => ability.rulesFor(action, subject).some((rule) => rule.matchesField(field) && rule.matchesConditions({ connectionId } as never));
        expect(allows(taker) && !allows(giver)).toBe(false);
      }
    }));
  });
});
