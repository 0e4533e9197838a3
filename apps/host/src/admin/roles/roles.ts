import { ACTIONS, CONDITION_KEYS, coversPermissions, SUBJECTS, type Permission, type Subject } from '@firsthand/access';
import { FirsthandError, PII_CLASSES, type ErrorPlace } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { ApiKeyDocument, RoleDocument, UserDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';
import { isConditional, knownFields } from '../http/known-fields.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { isBuiltIn } from './permissions-of.js';
import { BUILT_IN, type NewRole, type RoleChange, type RoleGrammar, type RoleView } from './role-bodies.js';

function view({ id, version, content }: Configured<RoleDocument>): RoleView {
  return { id, version, ...content };
}

/** The roles that the workspace has made. */
export function listRoles(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<RoleView>> {
  return listConfigured<RoleDocument, RoleView>(admin, { kind: 'roles', workspaceId, query }, view);
}

export async function getRole({ repository }: AdminContext, { workspaceId }: Caller, id: string): Promise<RoleView> {
  return view(await repository.get<RoleDocument>('roles', workspaceId, id));
}

/** @throws FirsthandError `INVALID_REQUEST`, `FORBIDDEN` for more than the caller has, `CONFLICT` for a name that is taken */
export async function createRole(admin: AdminContext, caller: Caller, { id, ...content }: NewRole): Promise<RoleView> {
  if (isBuiltIn(id)) throw new FirsthandError('CONFLICT', 'This id is taken.');
  checkPermissions(admin, caller, content.permissions);
  return view(await admin.repository.create<RoleDocument>('roles', caller.workspaceId, id, content, admin.clock()));
}

/** In force at the next request of everybody who has it. @throws FirsthandError `INVALID_REQUEST`, `FORBIDDEN`, `NOT_FOUND`, `VERSION_MISMATCH` */
export async function changeRole(admin: AdminContext, caller: Caller, id: string, ifMatch: number, change: RoleChange): Promise<RoleView> {
  if (change.permissions !== undefined) checkPermissions(admin, caller, change.permissions);
  return view(await changeConfigured<RoleDocument>(admin, 'roles', caller.workspaceId, id, ifMatch, (content) => ({ ...content, ...change })));
}

/** @throws FirsthandError `CONFLICT` while somebody has it, `NOT_FOUND`, `VERSION_MISMATCH` */
export async function deleteRole({ repository }: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  const holders = [...await repository.list<UserDocument>('users', workspaceId), ...await repository.list<ApiKeyDocument>('apiKeys', workspaceId)];
  const count = holders.filter(({ content }) => content.roles.includes(id)).length;
  if (count > 0) throw new FirsthandError('CONFLICT', `${count} accounts or keys have this role.`);
  await repository.delete('roles', workspaceId, id, ifMatch);
}

/** All that can be said in a permission. */
export function roleGrammar(admin: AdminContext, { workspaceId }: Caller): RoleGrammar {
  return {
    actions: ACTIONS, builtIn: BUILT_IN,
    subjects: SUBJECTS.map((subject) => ({ subject, fields: fieldsOf(admin, workspaceId, subject), conditions: isConditional(subject) ? CONDITION_KEYS[subject] : [] })),
  };
}

function fieldsOf({ configuration }: AdminContext, workspaceId: string, subject: Subject): string[] {
  if (subject === 'personalData') return [...PII_CLASSES];
  const known = [...knownFields(subject)].sort();
  if (subject !== 'profile') return known;
  const { fields } = configuration.workspace(workspaceId).dictionary;
  return [...known, ...fields.flatMap(({ entity, path, name }) => (entity === 'profile' ? [`traits.${name}`] : entity === 'identity' ? [path] : []))];
}

function checkPermissions(admin: AdminContext, { workspaceId, principal }: Caller, permissions: readonly Permission[]): void {
  const places = permissions.flatMap(({ subjects, fields = [], conditions = {} }, index): ErrorPlace[] => subjects.flatMap((subject) => {
    const known = new Set(fieldsOf(admin, workspaceId, subject));
    const names: readonly string[] = isConditional(subject) ? CONDITION_KEYS[subject] : [];
    return [
      ...fields.flatMap((field, at) => (known.has(field) ? [] : [{ path: `/permissions/${index}/fields/${at}`, message: `is no field of ${subject}` }])),
      ...Object.keys(conditions).flatMap((name) => (names.includes(name) ? [] : [{ path: `/permissions/${index}/conditions/${name}`, message: `is no condition of ${subject}` }])),
    ];
  }));
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, places);
  const excess = permissions.flatMap((permission, index) => (coversPermissions(principal.permissions, [permission]) ? [] : [{ path: `/permissions/${index}`, message: 'is more than you may do' }]));
  if (excess.length > 0) throw new FirsthandError('FORBIDDEN', undefined, excess);
}
