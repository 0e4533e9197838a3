import { checkFields, hashPassword, PASSWORD_LENGTH, projectFields } from '@firsthand/access';
import { FirsthandError, normaliseEmail } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { UserDocument } from '../../configuration/documents.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { assertAssignable, assertNoMore, rolesSchema } from '../roles/permissions-of.js';

const password = z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max);
const roles = rolesSchema;
const name = z.string().min(1).max(200);
const language = z.string().min(2).max(35).meta({ description: 'Of notices to them, BCP 47. The texts are there in English and Chinese; English when it is not said.' });

export const newUserSchema = z.strictObject({ email: z.email().max(254), name, roles, password, language: language.optional() })
  .meta({ id: 'NewUser', examples: [{ email: 'integrator@example.com', name: 'Integration team', roles: ['integrator'], password: 'correct horse battery' }] });
export type NewUser = z.infer<typeof newUserSchema>;

export const userChangeSchema = z.strictObject({ name: name.optional(), roles: roles.optional(), password: password.optional(), isDisabled: z.boolean().optional(), language: language.optional() })
  .meta({ id: 'UserChange', examples: [{ roles: ['admin'] }] });
export type UserChange = z.infer<typeof userChangeSchema>;

export const userSchema = z.object({
  id: z.string(), version: z.int(), email: z.string(), name: z.string(), roles: z.array(z.string()), isDisabled: z.boolean(), language, createdAt: z.iso.datetime(),
}).partial().required({ id: true, version: true }).meta({ id: 'User' });
export type UserView = z.infer<typeof userSchema>;

/** Never with the password's hash. */
function view({ ability }: Caller, { id, version, createdAt, content }: Configured<UserDocument>): UserView {
  const { email, name: called, roles: held, isDisabled, language: told = 'en' } = content;
  return { id, version, ...projectFields(ability, 'user', { email, name: called, roles: held, isDisabled, language: told, createdAt: new Date(createdAt).toISOString() }) };
}

export function listUsers(admin: AdminContext, caller: Caller, query: PageQuery): Promise<Page<UserView>> {
  return listConfigured<UserDocument, UserView>(admin, { kind: 'users', workspaceId: caller.workspaceId, query }, (row) => view(caller, row));
}

export async function getUser(admin: AdminContext, caller: Caller, id: string): Promise<UserView> {
  return view(caller, await admin.repository.get<UserDocument>('users', caller.workspaceId, id));
}

/** @throws FirsthandError `FORBIDDEN` with the fields that are not the caller's to set, `CONFLICT` when the address has an account */
export async function createUser(admin: AdminContext, caller: Caller, given: NewUser): Promise<UserView> {
  checkFields(caller.ability, 'create', 'user', Object.keys(given));
  await assertAssignable(admin, caller, given.roles);
  const email = normaliseEmail(given.email);
  if (email === null) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/email', message: 'is not an email address' }]);
  const content: UserDocument = {
    email, name: given.name, roles: given.roles, passwordHash: await hashPassword(given.password), tokenVersion: 1, isDisabled: false, ...(given.language === undefined ? {} : { language: given.language }),
  };
  return view(caller, await admin.repository.create('users', caller.workspaceId, admin.newId(), content, admin.clock()));
}

/** A new password, new roles or a lock end the account's sessions. @throws FirsthandError `FORBIDDEN` for fields, roles and accounts that are not the caller's to change, `CONFLICT` for the last owner */
export async function changeUser(admin: AdminContext, caller: Caller, id: string, ifMatch: number, change: UserChange): Promise<UserView> {
  checkFields(caller.ability, 'update', 'user', Object.keys(change));
  if (change.roles !== undefined) await assertAssignable(admin, caller, change.roles);
  const { password: newPassword, ...fields } = change;
  const passwordHash = newPassword === undefined ? undefined : await hashPassword(newPassword);
  const endsSessions = passwordHash !== undefined || change.roles !== undefined || change.isDisabled === true;
  await keepAnOwner(admin, caller, id, change.isDisabled === true || change.roles?.includes('owner') === false);
  const row = await changeConfigured<UserDocument>(admin, 'users', caller.workspaceId, id, ifMatch, async (content) => {
    await assertNoMore(admin, caller, content.roles);
    return { ...content, ...fields, ...(passwordHash === undefined ? {} : { passwordHash }), tokenVersion: content.tokenVersion + (endsSessions ? 1 : 0) };
  });
  return view(caller, row);
}

export async function deleteUser(admin: AdminContext, caller: Caller, id: string, ifMatch: number): Promise<void> {
  await assertNoMore(admin, caller, (await admin.repository.get<UserDocument>('users', caller.workspaceId, id)).content.roles);
  await keepAnOwner(admin, caller, id, true);
  await admin.repository.delete('users', caller.workspaceId, id, ifMatch);
  await admin.configuration.refresh();
}

/** A workspace without an owner could never be given one again. */
async function keepAnOwner({ repository }: AdminContext, { workspaceId }: Caller, id: string, isLeaving: boolean): Promise<void> {
  if (!isLeaving) return;
  const users = await repository.list<UserDocument>('users', workspaceId);
  const isOther = users.some((user) => user.id !== id && user.content.roles.includes('owner') && !user.content.isDisabled);
  if (!isOther) throw new FirsthandError('CONFLICT', 'The last owner of the workspace stays.');
}
