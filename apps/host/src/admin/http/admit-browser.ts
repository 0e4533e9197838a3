import { createAbility, type AccessAbility, type Principal, type Subject } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import type { Request, Response } from 'express';
import type { AdminContext } from '../admin-context.js';
import { authenticate } from '../authenticate.js';
import { createSession } from '../sessions/create-session.js';

/** Why a route that calls {@link admitBrowser} passes the guard. */
export const ASKS_ITSELF = { publicBecause: 'it asks for credentials itself, in the way that a browser can answer: an account’s address and password (Basic), a session or an API key' };

/** What a browser asks its user with (RFC 7617). */
const CHALLENGE = 'Basic realm="Firsthand", charset="UTF-8"';

/**
 * Lets people look at a page of a workspace in a browser who may read its subject: it takes the address and password of an account, for which a browser asks by itself, as
 * well as a token or key. The rest of the admin plane takes no password on a request, since a browser would send it along from any page.
 *
 * @throws FirsthandError `UNAUTHENTICATED` with a challenge, `NOT_FOUND` for another workspace, `FORBIDDEN`, `RATE_LIMITED`
 */
export async function admitBrowser(
  admin: AdminContext, workspaceId: string, subject: Subject, request: Pick<Request, 'headers' | 'ip'>, response: Response,
): Promise<WorkspaceConfiguration> {
  return (await admitReader(admin, workspaceId, subject, request, response)).configuration;
}

/** As {@link admitBrowser}, with what else the reader may. */
export async function admitReader(
  admin: AdminContext, workspaceId: string, subject: Subject, { headers: { authorization }, ip }: Pick<Request, 'headers' | 'ip'>, response: Response,
): Promise<{ configuration: WorkspaceConfiguration; ability: AccessAbility }> {
  const principal = await principalOf(admin, workspaceId, authorization, ip ?? '').catch((error: unknown) => {
    if (error instanceof FirsthandError && error.code === 'UNAUTHENTICATED') response.setHeader('WWW-Authenticate', CHALLENGE);
    throw error;
  });
  if (principal.workspaceId !== workspaceId) throw new FirsthandError('NOT_FOUND');
  const ability = createAbility(principal.permissions);
  if (!ability.can('read', subject)) throw new FirsthandError('FORBIDDEN');
  return { configuration: admin.configuration.workspace(workspaceId), ability };
}

async function principalOf(admin: AdminContext, workspaceId: string, authorization: string | undefined, address: string): Promise<Principal> {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,2048})$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return authenticate(admin, authorization);
  const [email = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const { token } = await createSession(admin, { email, password: rest.join(':'), workspaceId }, address);
  return authenticate(admin, `Bearer ${token}`);
}
