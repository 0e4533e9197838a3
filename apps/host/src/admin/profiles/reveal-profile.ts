import { coversField, decodeStoredKey, FirsthandError } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { auditContent } from '../audit-log/audit-content.js';
import type { Caller } from '../http/caller.js';
import { findPerson } from './find-person.js';

const REASONS = ['customer-request', 'data-subject-request', 'complaint', 'fraud', 'legal-claim', 'data-repair', 'security-incident'] as const;

export const revealSchema = z.strictObject({
  fields: z.array(z.string().regex(/^(traits|identities)\.\S{1,200}$/)).min(1).max(50).meta({ description: '`traits.birthday`, `identities.phone`.' }),
  purpose: z.string().min(1).max(100).meta({ description: 'A purpose of the workspace; it must cover the fields.' }),
  reason: z.enum(REASONS),
  reference: z.string().regex(/^[A-Z][A-Z0-9]{1,9}-\d{1,8}$/).optional().meta({ description: 'The case in your own system, such as `CASE-4711`. No free text: it could name somebody.' }),
}).meta({ id: 'RevealBody', examples: [{ fields: ['identities.phone', 'traits.birthday'], purpose: 'service', reason: 'complaint', reference: 'CASE-4711' }] });
export type RevealBody = z.infer<typeof revealSchema>;

export const revealedSchema = z.object({ id: z.string(), fields: z.array(z.object({ field: z.string(), values: z.array(z.unknown()) })) }).meta({ id: 'Revealed' });
export interface Revealed { id: string; fields: { field: string; values: unknown[] }[] }

/**
 * Reads values of a person in full, for a purpose and a reason that stand in the audit log before any value is read: break-glass. Only what was asked for is told.
 *
 * @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` for a purpose that is none, `FORBIDDEN` for fields that the purpose does not cover or the caller may not see at all
 */
export async function revealProfile(admin: AdminContext, { workspaceId, principal, ability }: Caller, id: string, { fields, purpose: key, reason, reference }: RevealBody): Promise<Revealed> {
  const { purposes, dictionary } = admin.configuration.workspace(workspaceId);
  const purpose = purposes.get(key);
  if (purpose === undefined) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/purpose', message: 'is no purpose of the workspace' }]);
  const places = fields.flatMap((field, index) => {
    const path = field.replace(/^traits\./, 'profile.');
    const pii = dictionary.field(path)?.pii;
    if (pii === undefined) return [{ path: `/fields/${index}`, message: 'is not in the dictionary' }];
    if (!ability.can('read', 'profile', field) || !ability.can('reveal', 'personalData', pii)) return [{ path: `/fields/${index}`, message: 'is not for your role to reveal' }];
    return coversField(purpose, path) ? [] : [{ path: `/fields/${index}`, message: 'is not covered by the purpose' }];
  });
  if (places.length > 0) throw new FirsthandError('FORBIDDEN', undefined, places);
  const person = await findPerson(admin, workspaceId, id);
  if (person === undefined) throw new FirsthandError('NOT_FOUND');
  const { profile } = person;
  await admin.audit.append(workspaceId, auditContent({
    callId: admin.newId(), actorKind: principal.kind, actorId: principal.id, method: 'POST', route: 'profile.revealed', resourceId: profile.profileId, outcome: 'revealed', at: admin.clock(), purpose: key, reason, reference: reference ?? null, fields,
  }));
  const traits = new Map(Object.entries(profile.fields).map(([stored, { value }]) => [`traits.${decodeStoredKey(stored)}`, value]));
  return {
    id: profile.profileId,
    fields: fields.map((field) => ({
      field, values: field.startsWith('identities.') ? profile.identities.filter(({ namespace }) => `identities.${namespace}` === field).map(({ value }) => value) : [traits.get(field)].filter((value) => value !== undefined && value !== null),
    })),
  };
}
