import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { newRoleSchema, ROLE_EXAMPLE as example, roleChangeSchema, roleGrammarSchema, roleSchema, type NewRole, type RoleChange, type RoleGrammar, type RoleView } from './role-bodies.js';
import { changeRole, createRole, deleteRole, getRole, listRoles, roleGrammar } from './roles.js';

@ApiTags('Roles')
@Controller('admin/v1/roles')
export class RolesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the roles that the workspace has made', requires: ['read', 'role'], gives: pageOf(roleSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<RoleView>> {
    return listRoles(this.admin, caller, query);
  }

  @Route({ method: 'POST', summary: 'Makes a role', description: 'It allows at most what you may do yourself.', requires: ['create', 'role'], status: 201, gives: roleSchema, errors: ['CONFLICT'], example })
  create(@CallerOf() caller: Caller, @Body({ schema: newRoleSchema }) role: NewRole): Promise<RoleView> {
    return createRole(this.admin, caller, role);
  }

  @Route({
    method: 'GET', path: 'grammar', summary: 'What can be said in a permission', description: 'Actions, subjects with their fields and conditions, and what the built-in roles allow.', requires: ['read', 'role'], isResult: true, gives: roleGrammarSchema,
    example: { actions: ['read'], subjects: [{ subject: 'delivery', fields: ['state'], conditions: ['connectionId', 'purpose'] }], builtIn: [{ id: 'analyst', permissions: [{ actions: ['read'], subjects: ['segment'] }] }] },
  })
  grammar(@CallerOf() caller: Caller): RoleGrammar {
    return roleGrammar(this.admin, caller);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One role', requires: ['read', 'role'], gives: roleSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<RoleView> {
    return getRole(this.admin, caller, id);
  }

  @Route({ method: 'PUT', path: ':id', summary: 'Changes a role', description: 'What is left out stays. In force at the next request of everybody who has it.', requires: ['update', 'role'], isUpdate: true, gives: roleSchema, example })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: roleChangeSchema }) change: RoleChange): Promise<RoleView> {
    return changeRole(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes a role that nobody has', requires: ['delete', 'role'], isUpdate: true, errors: ['CONFLICT'] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteRole(this.admin, caller, id, ifMatch);
  }
}
