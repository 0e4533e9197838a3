import { newApiKey, SCOPES } from '@firsthand/access';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { ApiKeyDocument } from '../../configuration/documents.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { assertAssignable, rolesSchema } from '../roles/permissions-of.js';

export const newApiKeySchema = z.strictObject({ name: z.string().min(1).max(200), roles: rolesSchema, expiresAt: z.iso.datetime().optional(), scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).optional().meta({ description: 'Limits the roles to these: `read:segment`. All that they allow when left out.' }) })
  .meta({ id: 'NewApiKey', examples: [{ name: 'Deployment', roles: ['integrator'], scopes: ['read:connection', 'operate:connection'] }] });
export type NewApiKeyBody = z.infer<typeof newApiKeySchema>;

export const apiKeySchema = z.object({ id: z.string(), version: z.int(), name: z.string(), roles: z.array(z.string()), hint: z.string(), expiresAt: z.iso.datetime().nullable(), scopes: z.array(z.string()).nullable(), createdAt: z.iso.datetime() }).meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof apiKeySchema>;

export const shownApiKeySchema = apiKeySchema.extend({ apiKey: z.string().meta({ description: 'Shown this once.' }) }).meta({ id: 'ShownApiKey' });

function view({ id, version, createdAt, content: { name, roles, hint, expiresAt, scopes } }: Configured<ApiKeyDocument>): ApiKeyView {
  return { id, version, name, roles, hint, expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(), scopes: (scopes as typeof scopes | undefined) ?? null, createdAt: new Date(createdAt).toISOString() };
}

export function listApiKeys(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<ApiKeyView>> {
  return listConfigured<ApiKeyDocument, ApiKeyView>(admin, { kind: 'apiKeys', workspaceId, query }, view);
}

/** The key itself is in this answer and nowhere else. */
export async function createApiKey(admin: AdminContext, caller: Caller, { name, roles, expiresAt, scopes }: NewApiKeyBody): Promise<ApiKeyView & { apiKey: string }> {
  const { workspaceId, principal } = caller;
  await assertAssignable(admin, caller, roles);
  const { apiKey, hash, hint } = newApiKey();
  const row = await admin.repository.create<ApiKeyDocument>('apiKeys', workspaceId, admin.newId(), {
    name, roles, hash, hint, createdBy: principal.id, expiresAt: expiresAt === undefined ? null : Date.parse(expiresAt), scopes: scopes ?? null,
  }, admin.clock());
  return { ...view(row), apiKey };
}

export function deleteApiKey(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  return admin.repository.delete('apiKeys', workspaceId, id, ifMatch);
}
