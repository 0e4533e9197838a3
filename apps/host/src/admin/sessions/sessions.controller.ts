import { Body, Controller, Inject, Ip } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { Route } from '../http/route.js';
import { createSession, loginSchema, sessionSchema, type Login, type Session } from './create-session.js';

@ApiTags('Sessions')
@Controller('admin/v1/sessions')
export class SessionsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', summary: 'Signs in', description: 'Gives a bearer token for 30 minutes. Failed tries are slowed down per account and address.',
    requires: { publicBecause: 'it is where credentials are asked for' }, status: 201, gives: sessionSchema, errors: ['UNAUTHENTICATED', 'SECOND_FACTOR_REQUIRED', 'RATE_LIMITED'],
    example: { token: 'eyJhbGciOiJIUzI1NiJ9…', tokenType: 'Bearer', expiresAt: '2026-11-24T08:30:00.000Z', userId: 'u-1', workspaceId: 'main' },
  })
  create(@Body({ schema: loginSchema }) login: Login, @Ip() address: string): Promise<Session> {
    return createSession(this.admin, login, address);
  }
}
