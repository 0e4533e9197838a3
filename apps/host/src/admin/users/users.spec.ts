import { BUILT_IN_PERMISSIONS, createAbility, type Permission } from '@firsthand/access';
import { handReset } from '../account/invitations.js';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { changeUser, deleteUser } from './users.js';

const roles = new Map([['above', ['owner']], ['beside', ['staffing']]]);
const STAFFING: Permission[] = [{ actions: ['read', 'create', 'update', 'delete', 'operate'], subjects: ['user'] }];
const written: string[] = [];
const repository = {
  get: (kind: string, workspaceId: string, id: string) => Promise.resolve({ id, workspaceId, version: 1, createdAt: 0, content: kind === 'roles' ? { permissions: STAFFING } : { email: 'a@example.com', name: 'A', roles: roles.get(id), tokenVersion: 1, isDisabled: false } }),
  list: () => Promise.resolve([{ id: 'another', content: { roles: ['owner'], isDisabled: false } }]),
  create: (kind: string) => { written.push(kind); return Promise.resolve({ version: 1 }); },
  update: (kind: string, workspaceId: string, id: string, version: number, content: object) => { written.push(kind); return Promise.resolve({ id, workspaceId, version: version + 1, createdAt: 0, content }); },
  delete: (kind: string) => { written.push(kind); return Promise.resolve(); },
};
const admin = { repository, configuration: { refresh: () => Promise.resolve() }, notifier: { isConfigured: false }, publicUrl: 'https://data.example', clock: () => 0 } as unknown as AdminContext;
const callerWith = (permissions: readonly Permission[]): Caller => ({ workspaceId: 'main', principal: { workspaceId: 'main', kind: 'user', id: 'u-1', roles: [], permissions: [...permissions] }, ability: createAbility([...permissions]) } as Caller);
const staffing = callerWith(STAFFING);
const owner = callerWith(BUILT_IN_PERMISSIONS.owner);

describe.each<[string, (caller: Caller, id: string) => Promise<unknown>]>([
  ['changed', (caller, id) => changeUser(admin, caller, id, 1, { isDisabled: false })],
  ['given a new password', (caller, id) => changeUser(admin, caller, id, 1, { password: 'correct horse battery' })],
  ['handed a link for a new password', (caller, id) => handReset(admin, caller, id)],
  ['deleted', (caller, id) => deleteUser(admin, caller, id, 1)],
])('an account is %s', (_, act) => {
  beforeEach(() => { written.length = 0; });

  it('by who may do all that it may', async () => {
    await act(staffing, 'beside');
    await act(owner, 'above');
    await act(owner, 'beside');
    expect(written).toHaveLength(3);
  });

  it('by nobody who would get more by it', async () => {
    await expect(act(staffing, 'above')).rejects.toThrow(expect.objectContaining({ code: 'FORBIDDEN', detail: 'The account may do more than you.' }));
    expect(written).toEqual([]);
  });
});
