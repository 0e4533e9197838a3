import { CORRECTION_REASONS, FirsthandError, NAMESPACES, type Correction, type Identity } from '@firsthand/domain';
import { correctPerson, type CorrectedPerson } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { auditContent } from '../audit-log/audit-content.js';
import type { Caller } from '../http/caller.js';
import { findPerson, type FoundPerson } from './find-person.js';

const namespace = z.enum([...NAMESPACES.keys()] as [string, ...string[]]);
const identityValue = z.string().min(1).max(256).nullable();

export const correctionSchema = z.strictObject({
  fields: z.record(z.string().min(1).max(200), z.json()).refine((value) => JSON.stringify(value).length <= 20_000, { error: 'must be 20,000 characters at most' }).default({})
    .meta({ description: 'What is right, by dictionary path (`profile.city`). Null: there is no such value.' }),
  identities: z.array(z.strictObject({
    namespace, from: identityValue.optional().meta({ description: 'What is wrong: it is taken from the person. Null: one was missing. Left out: the only one that the person has of the namespace.' }), to: identityValue.meta({ description: 'What is right. Null: the person has none.' }),
  })).max(20).default([]),
  reason: z.enum(CORRECTION_REASONS).default('inaccurate'),
}).meta({ id: 'CorrectionBody', examples: [{ fields: { 'profile.city': 'Hangzhou' }, identities: [{ namespace: 'email', from: 'ana@exmaple.com', to: 'ana@example.com' }], reason: 'inaccurate' }] });
export type CorrectionBody = z.infer<typeof correctionSchema>;

export const correctedSchema = z.object({
  profileId: z.string(), fields: z.array(z.string()).meta({ description: 'Paths of what was corrected; no values.' }),
  recipients: z.array(z.object({ connectionId: z.string(), action: z.string() })).meta({ description: 'Who had got any of these. Flows that send updates tell them; see that somebody tells the others.' }),
}).meta({ id: 'CorrectedPerson' });

/** Corrects a person for whom somebody has come to staff. @throws FirsthandError `NOT_FOUND`, `FORBIDDEN`, `NOT_CORRECTABLE`, `INVALID_REQUEST`, `IDENTITY_TAKEN`, `PERSON_ERASED` */
export async function rectifyProfile(admin: AdminContext, caller: Caller, id: string, body: CorrectionBody): Promise<CorrectedPerson> {
  const person = await findPerson(admin, caller.workspaceId, id);
  if (person === undefined) throw new FirsthandError('NOT_FOUND');
  return rectifyPerson(admin, caller, person, { body, by: caller.principal.kind, correctionId: admin.newId() });
}

/**
 * Corrects a person, and notes it in the audit log: names of fields and the reason's code, no values. It is noted ahead, so that nothing is corrected that nobody has written down.
 *
 * @throws FirsthandError as {@link rectifyProfile}
 */
export async function rectifyPerson(admin: AdminContext, caller: Caller, { profile: { profileId, identities } }: FoundPerson, { body, by, correctionId }: { body: CorrectionBody; by: Correction['by']; correctionId: string }): Promise<CorrectedPerson> {
  const { workspaceId, principal, ability } = caller;
  const paths = [...Object.keys(body.fields), ...body.identities.map((one) => `identities.${one.namespace}`)];
  const hidden = paths.filter((path) => /^(profile|identities)\./.test(path) && !ability.can('read', 'profile', path.replace(/^profile\./, 'traits.')));
  if (hidden.length > 0) throw new FirsthandError('FORBIDDEN', undefined, hidden.map((path) => ({ path: `/${path}`, message: 'is not for your role' })));
  const known = [...new Set(paths.filter((path) => path.startsWith('identities.') || admin.configuration.workspace(workspaceId).dictionary.field(path) !== undefined))].sort();
  await admin.audit.append(workspaceId, auditContent({
    callId: admin.newId(), actorKind: principal.kind, actorId: principal.id, method: 'POST', route: 'profile.rectified', resourceId: profileId, outcome: 'started', at: admin.clock(), reason: body.reason, fields: known,
  }));
  const { fields, reason } = body;
  return correctPerson({ workspaceId, profileId, correctionId, fields, identities: body.identities.map((one, index) => ({ ...one, from: one.from === undefined ? onlyOne(identities, one.namespace, index) : one.from })), reason, by, actorId: principal.id }, admin);
}

/** The identity that is meant where nobody says which. A repeat finds what it has made, by the id of the correction. */
function onlyOne(identities: readonly Identity[], of: string, index: number): string | null {
  const own = identities.filter((identity) => identity.namespace === of);
  if (own.length > 1) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: `/identities/${index}/from`, message: 'is needed: the person has more than one' }]);
  return own[0]?.value ?? null;
}
