import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AccessGuard, Requires, type AccessRequest } from './access.guard.js';
import { BUILT_IN_PERMISSIONS } from './built-in-permissions.js';
import type { BuiltInRole } from './roles.js';

class Routes {
  @Requires('read', 'segment') list(): void {}
  @Requires('create', 'user') create(): void {}
  silent(): void {}
  open(): void {}
}
Reflect.defineMetadata('public', 'the specs ask it', Routes.prototype.open);

function ask(name: keyof Routes, roles: readonly BuiltInRole[]): { answer: Promise<boolean>; request: AccessRequest } {
  const request = { headers: { authorization: 'Bearer x' } } as unknown as AccessRequest;
  const guard = new AccessGuard(new Reflector(), { publicRouteKey: 'public', authenticate: (authorization) => Promise.resolve({ workspaceId: authorization ?? '', kind: 'user', id: 'u', roles, permissions: roles.flatMap((role) => BUILT_IN_PERMISSIONS[role]) }) });
  const context = { getHandler: () => Routes.prototype[name], getClass: () => Routes, switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  return { answer: guard.canActivate(context), request };
}

describe('the guard', () => {
  it('lets in who has the permission, and says who it is', async () => {
    const { answer, request } = ask('list', ['integrator']);
    await expect(answer).resolves.toBe(true);
    expect(request.principal).toMatchObject({ workspaceId: 'Bearer x', id: 'u' });
    expect(request.ability.can('read', 'profile')).toBe(false);
  });

  it('refuses who has not', async () => {
    await expect(ask('create', ['integrator']).answer).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(ask('list', []).answer).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('closes a route that names no permission, even to an owner', async () => {
    await expect(ask('silent', ['owner']).answer).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('asks nobody on a public route', async () => {
    const { answer, request } = ask('open', []);
    await expect(answer).resolves.toBe(true);
    expect(request.principal).toBeUndefined();
  });
});
