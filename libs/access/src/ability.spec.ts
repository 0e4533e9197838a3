import { FirsthandError } from '@firsthand/domain';
import { checkFields } from './check-fields.js';
import { createAbility } from './create-ability.js';
import { projectFields } from './project-fields.js';
import { ACTIONS, SUBJECTS } from './roles.js';

describe('abilities', () => {
  it('deny everything to nobody and allow everything to an owner', () => {
    for (const subject of SUBJECTS) for (const action of ACTIONS) {
      expect(createAbility([]).can(action, subject)).toBe(false);
      expect(createAbility(['owner']).can(action, subject)).toBe(true);
    }
  });

  it.each(['profile', 'consent', 'personalData', 'privacyLink', 'privacyRequest', 'user', 'apiKey', 'auditLog'] as const)('keep %s from an integrator', (subject) => {
    for (const action of ACTIONS) expect(createAbility(['integrator']).can(action, subject)).toBe(false);
  });

  it('let an admin see customers and neither make users nor raise roles', () => {
    const admin = createAbility(['admin']);
    expect(admin.can('read', 'personalData')).toBe(true);
    expect(admin.can('create', 'user')).toBe(false);
    expect(() => checkFields(admin, 'update', 'user', ['name', 'roles'])).toThrow(expect.objectContaining({ code: 'FORBIDDEN', places: [expect.objectContaining({ path: '/roles' })] }));
    expect(() => checkFields(admin, 'update', 'user', ['name'])).not.toThrow();
  });

  it('do not take away by one role what another gives', () => {
    expect(createAbility(['admin', 'owner']).can('create', 'user')).toBe(true);
    expect(createAbility(['owner', 'integrator']).can('update', 'connection', 'recipient')).toBe(true);
  });

  it('refuse a write that carries one forbidden field', () => {
    const integrator = createAbility(['integrator']);
    expect(integrator.can('update', 'connection')).toBe(true);
    expect(() => checkFields(integrator, 'update', 'connection', ['name', 'provenance'])).toThrow(FirsthandError);
    expect(() => checkFields(integrator, 'update', 'connection', ['name'])).not.toThrow();
    expect(() => checkFields(integrator, 'update', 'user', [])).toThrow(FirsthandError);
  });

  it('show nothing of what may not be read', () => {
    expect(projectFields(createAbility(['integrator']), 'user', { name: 'Ana' })).toEqual({});
    expect(projectFields(createAbility(['admin']), 'user', { name: 'Ana' })).toEqual({ name: 'Ana' });
  });
});
