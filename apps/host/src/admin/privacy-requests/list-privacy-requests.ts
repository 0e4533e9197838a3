import { maskIdentity } from '@firsthand/domain';
import type { Configured, StoredPrivacyRequest } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';

const time = z.iso.datetime();

export const privacyRequestSchema = z.object({
  id: z.string(), version: z.int(), kind: z.enum(['erasure']), status: z.enum(['pending']), identities: z.array(z.object({ namespace: z.string(), value: z.string().meta({ description: 'Masked.' }) })),
  profileId: z.string().nullable().meta({ description: 'The person; null for somebody who is not known here.' }), connectionId: z.string().meta({ description: 'The source that told it.' }),
  isVerified: z.boolean().meta({ description: 'Whether the source proved itself. With a public write key anyone can ask in the name of anyone.' }),
  requestedAt: time, receivedAt: time, dueAt: time.nullable(),
}).meta({ id: 'PrivacyRequest' });
export type PrivacyRequestView = z.infer<typeof privacyRequestSchema>;

/** By id. Nobody's identities are readable in a list; who looks at a person does it by the profile, where it is written down. */
export function listPrivacyRequests(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<PrivacyRequestView>> {
  return listConfigured<StoredPrivacyRequest['content'], PrivacyRequestView>(admin, { kind: 'privacyRequests', workspaceId, query }, view);
}

function view({ id, version, content: { kind, status, identities, profileId, connectionId, isVerified, requestedAt, receivedAt, dueAt } }: Configured<StoredPrivacyRequest['content']>): PrivacyRequestView {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    id, version, kind, status, identities: identities.map((identity) => ({ namespace: identity.namespace, value: maskIdentity(identity) })), profileId, connectionId, isVerified,
    requestedAt: iso(requestedAt), receivedAt: iso(receivedAt), dueAt: dueAt === null ? null : iso(dueAt),
  };
}
