import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { changeUser, createUser, deleteUser, getUser, listUsers, newUserSchema, userChangeSchema, userSchema, type NewUser, type UserChange, type UserView } from './users.js';

const example: UserView = { id: 'u-1', version: 1, email: 'integrator@example.com', name: 'Integration team', roles: ['integrator'], isDisabled: false, createdAt: '2026-11-24T08:00:00.000Z' };

@ApiTags('Users')
@Controller('admin/v1/users')
export class UsersController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the accounts', requires: ['read', 'user'], gives: pageOf(userSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<UserView>> {
    return listUsers(this.admin, caller, query);
  }

  @Route({ method: 'POST', summary: 'Makes an account', requires: ['create', 'user'], status: 201, gives: userSchema, errors: ['CONFLICT'], example })
  create(@CallerOf() caller: Caller, @Body({ schema: newUserSchema }) user: NewUser): Promise<UserView> {
    return createUser(this.admin, caller, user);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One account', requires: ['read', 'user'], gives: userSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<UserView> {
    return getUser(this.admin, caller, id);
  }

  @Route({ method: 'PUT', path: ':id', summary: 'Changes an account', description: 'What is left out stays.', requires: ['update', 'user'], isUpdate: true, gives: userSchema, errors: ['CONFLICT'], example })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: userChangeSchema }) change: UserChange): Promise<UserView> {
    return changeUser(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes an account', requires: ['delete', 'user'], isUpdate: true, errors: ['CONFLICT'] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteUser(this.admin, caller, id, ifMatch);
  }
}
