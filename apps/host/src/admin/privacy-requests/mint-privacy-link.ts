import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { normaliseIdentity, type IdentityQuery } from '../http/identity-body.js';

export const privacyLinkSchema = z.object({ url: z.string(), expiresAt: z.iso.datetime() }).meta({ id: 'PrivacyLink' });
export type PrivacyLink = z.infer<typeof privacyLinkSchema>;

/** Makes a link that opens one person's preferences for seven days. The link does not show whose they are. */
export async function mintPrivacyLink({ privacyLinks, publicUrl }: AdminContext, { workspaceId }: Caller, identity: IdentityQuery): Promise<PrivacyLink> {
  const { token, expiresAt } = await privacyLinks.mint({ workspaceId, identity: normaliseIdentity(identity), by: 'link' });
  return { url: `${publicUrl}/privacy/${encodeURIComponent(workspaceId)}?token=${token}`, expiresAt: new Date(expiresAt).toISOString() };
}
