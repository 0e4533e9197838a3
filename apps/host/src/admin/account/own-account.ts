import { FirsthandError } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { SessionDocument, UserDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';
import type { AccountView, OpenSession } from './account-bodies.js';

/** The account of who asks. */
export async function getAccount({ repository }: AdminContext, { workspaceId, principal }: Caller): Promise<AccountView> {
  const { id, content: { email, name, roles } } = await repository.get<UserDocument>('users', workspaceId, principal.id);
  return { id, email, name, roles };
}

/** The sessions of who asks that are not over. */
export async function listSessions(admin: AdminContext, { workspaceId, principal }: Caller): Promise<{ items: OpenSession[]; nextCursor: null }> {
  const [rows, { content: { tokenVersion } }] = await Promise.all([sessionsOf(admin, workspaceId, principal.id), admin.repository.get<UserDocument>('users', workspaceId, principal.id)]);
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    items: rows.filter(({ content }) => content.expiresAt > admin.clock() && content.tokenVersion === tokenVersion)
      .map(({ id, createdAt, content: { expiresAt } }) => ({ id, isCurrent: id === principal.sessionId, createdAt: iso(createdAt), expiresAt: iso(expiresAt) })), nextCursor: null,
  };
}

/** Ends one session of who asks, at once; `current` is the one that asks. @throws FirsthandError `NOT_FOUND`, also for somebody else's */
export async function endSession({ repository }: AdminContext, { workspaceId, principal }: Caller, asked: string): Promise<void> {
  const id = asked === 'current' ? principal.sessionId ?? '' : asked;
  const { version, content } = await repository.get<SessionDocument>('sessions', workspaceId, id);
  if (content.userId !== principal.id) throw new FirsthandError('NOT_FOUND');
  await repository.delete('sessions', workspaceId, id, version);
}

/** Ends every session of an account, at once. @throws FirsthandError `NOT_FOUND` */
export async function endSessions(admin: AdminContext, { workspaceId }: Caller, userId: string): Promise<void> {
  await changeConfigured<UserDocument>(admin, 'users', workspaceId, userId, undefined, (content) => ({ ...content, tokenVersion: content.tokenVersion + 1 }));
}

/** Begins a session, and forgets those of the account that are over. */
export async function beginSession(admin: AdminContext, workspaceId: string, content: SessionDocument): Promise<string> {
  const sessionId = admin.newId();
  const now = admin.clock();
  for (const { id, version, content: { expiresAt } } of await sessionsOf(admin, workspaceId, content.userId)) {
    if (expiresAt <= now) await admin.repository.delete('sessions', workspaceId, id, version).catch(() => undefined);
  }
  await admin.repository.create<SessionDocument>('sessions', workspaceId, sessionId, content, now);
  return sessionId;
}

function sessionsOf({ repository }: AdminContext, workspaceId: string, userId: string): Promise<Configured<SessionDocument>[]> {
  return repository.list<SessionDocument>('sessions', workspaceId, { where: { userId } });
}
