import { Body, Controller, Get, Headers, HttpCode, Inject, Ip, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { PublicRoute } from '../../boot/public-route.js';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { takeTokenSchema, type TakeTokenBody } from './account-bodies.js';
import { acceptInvitation, resetPassword } from './invitations.js';
import { renderAccountPage } from './render-account-page.js';

const kindSchema = z.enum(['invitation', 'password-reset']);
type Kind = z.infer<typeof kindSchema>;
const querySchema = z.object({ token: z.string().max(500).default('') });

/** The page that the links of notices lead to: a form for the password, and nothing else. It looks at no token before it is sent. */
@ApiTags('Users')
@Controller('account/:kind')
export class AccountPageController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Get()
  @PublicRoute('the token in the link opens it, once')
  @ApiExcludeEndpoint()
  show(@Param('kind', { schema: kindSchema }) kind: Kind, @Query({ schema: querySchema }) { token }: { token: string }, @Headers('accept-language') language: string | undefined, @Res() response: Response): void {
    send(response, renderAccountPage({ kind, language, token }));
  }

  @Post()
  @HttpCode(200)
  @PublicRoute('the token in the form opens it, once')
  @ApiExcludeEndpoint()
  async take(@Param('kind', { schema: kindSchema }) kind: Kind, @Body({ schema: takeTokenSchema }) body: TakeTokenBody, @Headers('accept-language') language: string | undefined, @Ip() address: string, @Res() response: Response): Promise<void> {
    await (kind === 'invitation' ? acceptInvitation : resetPassword)(this.admin, body, address);
    send(response, renderAccountPage({ kind, language, token: null }));
  }
}

function send(response: Response, html: string): void {
  response.setHeader('Cache-Control', 'no-store').setHeader('Content-Security-Policy', "default-src 'none'; form-action 'self'; frame-ancestors 'none'").type('html').send(html);
}
