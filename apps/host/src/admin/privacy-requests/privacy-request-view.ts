import { EXTENSION_REASONS, maskIdentity, OPEN_STATUSES, REGIMES, REQUEST_KINDS, REQUEST_SOURCES, REQUEST_STATUSES, VERIFICATIONS } from '@firsthand/domain';
import type { PrivacyRequestRow } from '@firsthand/pipeline';
import { z } from 'zod';

const time = z.iso.datetime();

export const privacyRequestSchema = z.object({
  id: z.string(), kind: z.enum(REQUEST_KINDS), status: z.enum(REQUEST_STATUSES), identities: z.array(z.object({ namespace: z.string(), value: z.string().meta({ description: 'Masked.' }) })),
  profileId: z.string().nullable().meta({ description: 'The person; null for somebody who is not known here.' }), source: z.enum(REQUEST_SOURCES),
  connectionId: z.string().nullable().meta({ description: 'The source connection that told it.' }),
  isVerified: z.boolean().meta({ description: 'Whether it was shown that the person asks.' }), verification: z.enum(VERIFICATIONS).nullable(),
  regime: z.enum(REGIMES), requestedAt: time, receivedAt: time, dueAt: time.meta({ description: 'When it must be answered, an extension included.' }), isOverdue: z.boolean(),
  extension: z.object({ reason: z.enum(EXTENSION_REASONS), at: time }).nullable(), refusal: z.string().nullable(),
  result: z.record(z.string(), z.json()).nullable().meta({ description: 'What was done: counts and ids.' }),
  history: z.array(z.object({ at: time, from: z.enum(REQUEST_STATUSES).nullable(), to: z.enum(REQUEST_STATUSES), actor: z.object({ kind: z.string(), id: z.string().nullable() }), reason: z.string().nullable() })),
}).meta({ id: 'PrivacyRequest' });
export type PrivacyRequestView = z.infer<typeof privacyRequestSchema>;

/** What a person wrote may say more of them than they are asked for: it is in no list. */
export const privacyRequestDetailSchema = privacyRequestSchema.extend({ details: z.record(z.string(), z.json()).nullable().meta({ description: 'What is asked for in detail, in the person’s own words.' }) }).meta({ id: 'PrivacyRequestDetail' });
export type PrivacyRequestDetail = z.infer<typeof privacyRequestDetailSchema>;

const iso = (ms: number): string => new Date(ms).toISOString();

/** A request as staff see it. Nobody's identities are readable; who looks at a person does it by the profile, where it is written down. */
export function viewPrivacyRequest(row: PrivacyRequestRow, now: number): PrivacyRequestView {
  const { workspaceId, requestId, kind, status, identities, profileId, source, connectionId, isVerified, verification, regime, requestedAt, receivedAt, dueAt, extension, refusal, result, history } = row;
  return {
    id: requestId.slice(workspaceId.length + 1), kind, status, identities: identities.map((identity) => ({ namespace: identity.namespace, value: maskIdentity(identity) })), profileId, source, connectionId,
    isVerified, verification, regime, requestedAt: iso(requestedAt), receivedAt: iso(receivedAt), dueAt: iso(dueAt), isOverdue: isOpen(row) && now >= dueAt,
    extension: extension === null ? null : { reason: extension.reason, at: iso(extension.at) }, refusal, result, history: history.map((change) => ({ ...change, at: iso(change.at) })),
  };
}

function isOpen({ status }: PrivacyRequestRow): boolean {
  return OPEN_STATUSES.includes(status);
}
