import { hashPassword, isSameHash, newAccountToken, readAccountToken } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationRepository, Configured } from '@firsthand/persistence';
import type { Notice } from '@firsthand/pipeline';
import type { AccountTokenDocument, WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import type { TakeTokenBody } from './account-bodies.js';

const HOUR_MS = 3_600_000;
const LIFETIME_MS = { invitation: 72 * HOUR_MS, 'password-reset': HOUR_MS } as const;

/** A token that was made. The link is told to the caller only where nobody can be told otherwise. */
export interface Handed {
  id: string;
  expiresAt: number;
  link: string | null;
}

/**
 * Makes a token and hands its link to the person; where no way to tell them is configured the link is given back, once.
 *
 * @throws FirsthandError `UNAVAILABLE` when the notice could not be handed over: then there is no token either
 */
export async function handToken(admin: AdminContext, workspaceId: string, given: Omit<AccountTokenDocument, 'hash' | 'expiresAt'>): Promise<Handed> {
  const { repository, notifier, clock, publicUrl } = admin;
  const { token, id, hash } = newAccountToken(workspaceId);
  const expiresAt = clock() + LIFETIME_MS[given.kind];
  const { version } = await repository.create<AccountTokenDocument>('accountTokens', workspaceId, id, { ...given, hash, expiresAt }, clock());
  const link = `${publicUrl}/account/${given.kind}?token=${token}`;
  if (!notifier.isConfigured) return { id, expiresAt, link };
  const { content: { name } } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  const notice: Notice = { kind: given.kind, to: given.email, language: given.language, workspaceName: name, link, expiresAt };
  await notifier.notify(notice).catch(async (error: unknown) => {
    await repository.delete('accountTokens', workspaceId, id, version);
    throw error;
  });
  return { id, expiresAt, link: null };
}

/** What a token is taken for: the work and the end of the token are one transaction. */
export type TokenWork<R> = (scope: ConfigurationRepository, row: Configured<AccountTokenDocument>, passwordHash: string) => Promise<R>;

/**
 * Takes a token, which opens nothing a second time. The password is hashed only where the token is one: that costs far more than the call. Tries count by address alone, so that who makes many shuts nobody else out.
 *
 * @throws FirsthandError `UNAUTHENTICATED` for a token that is none, is used or over, `RATE_LIMITED` for who tries too many
 */
export async function takeToken<R>(admin: AdminContext, kind: AccountTokenDocument['kind'], { token, password }: TakeTokenBody, address: string, work: TokenWork<R>): Promise<R> {
  return admin.tokenLimiter.guard(address, address, async () => {
    const row = await findToken(admin, token);
    if (row === undefined || row.content.kind !== kind) throw over();
    const passwordHash = await hashPassword(password);
    return admin.repository.transaction(async (scope) => {
      await scope.delete('accountTokens', row.workspaceId, row.id, row.version).catch((error: unknown) => { throw isGone(error) ? over() : error; });
      return work(scope, row, passwordHash);
    });
  });
}

async function findToken({ repository, configuration, clock }: AdminContext, token: string): Promise<Configured<AccountTokenDocument> | undefined> {
  const read = readAccountToken(token);
  if (read === null || !configuration.workspaceIds().includes(read.workspaceId)) return undefined;
  const row = await repository.get<AccountTokenDocument>('accountTokens', read.workspaceId, read.id).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
  return row !== undefined && isSameHash(row.content.hash, read.hash) && row.content.expiresAt > clock() ? row : undefined;
}

function isGone(error: unknown): boolean {
  return error instanceof FirsthandError && (error.code === 'NOT_FOUND' || error.code === 'VERSION_MISMATCH');
}

function over(): FirsthandError {
  return new FirsthandError('UNAUTHENTICATED', 'The link is not valid any more.');
}
