import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { newWriteKey } from '@firsthand/access';
import { PublicRoute } from '../boot/public-route.js';
import { DataPlaneGuard, WriteKeyFor } from './data-plane.guard.js';
import type { IngestDependencies } from './ingest-dependencies.js';

const pub = newWriteKey('public');
const secret = newWriteKey('secret');
const broken = newWriteKey('public');
const connection = { source: { trigger: { kind: 'trackingApi' } } };
const owners = new Map([[pub.hash, { workspaceId: 'w', connectionId: 'c', kind: 'public' }], [secret.hash, { workspaceId: 'w', connectionId: 'c', kind: 'secret' }], [broken.hash, { workspaceId: 'w', connectionId: 'gone', kind: 'public' }]]);
const configuration = { writeKeyOwner: (hash: string) => owners.get(hash), workspace: () => ({ sources: new Map([['c', connection]]) }) };
const guard = new DataPlaneGuard(new Reflector(), { configuration } as unknown as IngestDependencies);

class Routes {
  forgotten(): void {}
  @PublicRoute('for a spec') open(): void {}
  @WriteKeyFor('trackingApi') tracking(): void {}
  @WriteKeyFor('trackingApi', { isSecret: true }) secret(): void {}
  @WriteKeyFor('file') files(): void {}
}

function call(route: keyof Routes, writeKey?: string): { request: { caller?: { isVerified: boolean } }; ask(): boolean } {
  const request: { caller?: { isVerified: boolean }; headers: object; body: unknown; query: object } = { headers: writeKey === undefined ? {} : { authorization: `Bearer ${writeKey}` }, body: undefined, query: {} };
  const context: unknown = { getHandler: () => Routes.prototype[route], getClass: () => Routes, switchToHttp: () => ({ getRequest: () => request }) };
  return { request, ask: () => guard.canActivate(context as ExecutionContext) };
}
const refusal = (code: string) => expect.objectContaining({ code }) as Error;

describe('DataPlaneGuard', () => {
  it('closes a route that says nothing of who may call it', () => {
    expect(() => call('forgotten', secret.writeKey).ask()).toThrow(refusal('UNAUTHENTICATED'));
  });

  it('opens a public route', () => {
    expect(call('open').ask()).toBe(true);
  });

  it('opens a route to the keys it is for, and knows what they prove', () => {
    const byPublic = call('tracking', pub.writeKey);
    const bySecret = call('tracking', secret.writeKey);
    expect([byPublic.ask(), bySecret.ask()]).toEqual([true, true]);
    expect([byPublic.request.caller?.isVerified, bySecret.request.caller?.isVerified]).toEqual([false, true]);
    expect(call('secret', secret.writeKey).ask()).toBe(true);
  });

  it.each<[string, keyof Routes, string | undefined]>([['no key', 'tracking', undefined], ['an unknown key', 'tracking', newWriteKey('public').writeKey], ['a public key where a secret one is asked for', 'secret', pub.writeKey], ['the key of a connection of another kind', 'files', secret.writeKey]])('refuses %s', (_what, route, key) => {
    expect(() => call(route, key).ask()).toThrow(refusal('UNAUTHENTICATED'));
  });

  it('asks to come back when the connection cannot be used now', () => {
    expect(() => call('tracking', broken.writeKey).ask()).toThrow(refusal('UNAVAILABLE'));
  });
});
