import { Body, Controller, Inject, Ip, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf } from '../http/page.js';
import { Route } from '../http/route.js';
import {
  accountSchema, DONE_EXAMPLE, doneSchema, HANDED_EXAMPLE, handedSchema, invitationSchema, openSessionSchema, resetSchema, takeTokenSchema,
  type AccountView, type Done, type HandedView, type InvitationBody, type OpenSession, type ResetBody, type TakeTokenBody,
} from './account-bodies.js';
import { acceptInvitation, handReset, invite, requestReset, resetPassword } from './invitations.js';
import { endSession, endSessions, getAccount, listSessions } from './own-account.js';

const OPENS_ITSELF = { publicBecause: 'the token in the link opens it, once' };

@ApiTags('Users')
@Controller('admin/v1')
export class AccountController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', path: 'account', summary: 'Your own account', requires: ['read', 'ownAccount'], gives: accountSchema, example: { id: 'u-1', email: 'ana@example.com', name: 'Ana', roles: ['marketer'] } })
  get(@CallerOf() caller: Caller): Promise<AccountView> {
    return getAccount(this.admin, caller);
  }

  @Route({
    method: 'GET', path: 'account/sessions', summary: 'Your open sessions', requires: ['read', 'ownAccount'], gives: pageOf(openSessionSchema),
    example: { items: [{ id: 's-1', isCurrent: true, createdAt: '2026-11-24T08:00:00.000Z', expiresAt: '2026-11-24T08:30:00.000Z' }], nextCursor: null },
  })
  sessions(@CallerOf() caller: Caller): Promise<{ items: OpenSession[]; nextCursor: null }> {
    return listSessions(this.admin, caller);
  }

  @Route({ method: 'DELETE', path: 'account/sessions/:id', summary: 'Ends one of your sessions', description: '`current` ends this one.', requires: ['delete', 'ownAccount'], errors: ['NOT_FOUND'] })
  endOwn(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<void> {
    return endSession(this.admin, caller, id);
  }

  @Route({ method: 'POST', path: 'users/:id/end-sessions', summary: 'Ends every session of an account', requires: ['operate', 'user'], errors: ['NOT_FOUND'] })
  endAll(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<void> {
    return endSessions(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: 'users/:id/password-reset', summary: 'Hands somebody a link for a new password', description: 'Valid for an hour, once.', requires: ['operate', 'user'], isResult: true, gives: handedSchema,
    errors: ['NOT_FOUND'], example: HANDED_EXAMPLE,
  })
  handReset(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<HandedView> {
    return handReset(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: 'invitations', summary: 'Invites somebody to an account', description: 'They get a link, valid for 72 hours, once, and choose their password. Roles that allow more than you may do are refused.', requires: ['create', 'user'], status: 201,
    isResult: true, gives: handedSchema, errors: ['CONFLICT'], example: HANDED_EXAMPLE,
  })
  invite(@CallerOf() caller: Caller, @Body({ schema: invitationSchema }) body: InvitationBody): Promise<HandedView> {
    return invite(this.admin, caller, body);
  }

  @Route({ method: 'POST', path: 'invitations/accept', summary: 'Opens the account that you were invited to', requires: OPENS_ITSELF, status: 201, gives: doneSchema, errors: ['UNAUTHENTICATED', 'RATE_LIMITED', 'CONFLICT'], example: DONE_EXAMPLE })
  accept(@Body({ schema: takeTokenSchema }) body: TakeTokenBody, @Ip() address: string): Promise<Done> {
    return acceptInvitation(this.admin, body, address);
  }

  @Route({
    method: 'POST', path: 'password-resets', summary: 'Asks for a link for a new password', description: 'The answer is the same whether the address has an account.', requires: { publicBecause: 'who has lost a password has no credentials' }, status: 204,
    errors: ['RATE_LIMITED'],
  })
  requestReset(@Body({ schema: resetSchema }) body: ResetBody, @Ip() address: string): Promise<void> {
    return requestReset(this.admin, body, address);
  }

  @Route({ method: 'POST', path: 'password-resets/confirm', summary: 'Sets a new password by the link', description: 'Every session of the account ends.', requires: OPENS_ITSELF, status: 200, gives: doneSchema, errors: ['UNAUTHENTICATED', 'RATE_LIMITED'], example: DONE_EXAMPLE })
  reset(@Body({ schema: takeTokenSchema }) body: TakeTokenBody, @Ip() address: string): Promise<Done> {
    return resetPassword(this.admin, body, address);
  }
}
