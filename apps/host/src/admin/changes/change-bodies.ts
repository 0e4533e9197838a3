import { CONSENT_ACTORS } from '@firsthand/domain';
import { CHANGE_CAUSES, CHANGE_KINDS, type ChangeKind } from '@firsthand/pipeline';
import { z } from 'zod';
import { idSchema } from '../http/id-schema.js';
import { identitySchema } from '../http/identity-body.js';

const time = z.iso.datetime();

/** Query of the changes. A name that is none of these is refused: who misspells a filter would read what they did not want. */
export const changesQuerySchema = z.strictObject({
  after: z.string().min(1).max(40).optional().meta({ description: 'The cursor after which to go on; `oldest` for all that is kept, `now` for what comes. Left out: a page begins at the oldest, a stream now. A stream goes by `Last-Event-ID` where that is sent.' }),
  limit: z.coerce.number().int().min(1).max(200).default(100).meta({ description: 'Changes per page.' }),
  kinds: z.string().regex(new RegExp(`^(${CHANGE_KINDS.join('|')})(,(${CHANGE_KINDS.join('|')}))*$`), { error: `must be some of ${CHANGE_KINDS.join(',')}` }).optional().meta({ description: 'Only changes of these kinds, e.g. `consent,membership`.' }),
  person: idSchema.optional().meta({ description: 'Only changes of this profile.' }),
});
export type ChangesQuery = z.infer<typeof changesQuerySchema>;

/** Which changes a reader wants. */
export interface ChangeFilter {
  kinds: ReadonlySet<ChangeKind> | null;
  person: string | null;
}

export function filterOf({ kinds, person }: Pick<ChangesQuery, 'kinds' | 'person'>): ChangeFilter {
  return { kinds: kinds === undefined ? null : new Set(kinds.split(',') as ChangeKind[]), person: person ?? null };
}

const common = {
  cursor: z.string().meta({ description: 'Where to go on after this change.' }), at: time, profileId: z.string(), version: z.int().meta({ description: 'The profile’s version from then on; 0 for somebody who was erased.' }),
  from: z.array(z.object({ by: z.enum(CHANGE_CAUSES), source: z.string().nullable() })).meta({ description: 'All that brought the change about: `record` with the connection it came by, `person` (by the privacy page), `admin` (an account or key), `request` (of privacy), `list`, `flow` with the flow where that is known, `rule` (a segment or the owner of a field was changed), `time`. Empty where that is not known.' }),
};
const sourceSchema = z.string().nullable().meta({ description: 'The connection that brought the decision; null where it came by none.' });
const actorSchema = z.enum(CONSENT_ACTORS).nullable().meta({ description: 'Who told it; null where that was not noted.' });
const fieldSchema = z.object({
  name: z.string(), source: z.string().nullable().meta({ description: 'The connection that brought the value; null where it was taken away.' }), at: time.nullable(),
  value: z.unknown().optional().meta({ description: 'As it is now, as far as your role shows it; not there when there is none any more.' }),
});
export const changeSchema = z.discriminatedUnion('kind', [
  z.object({ ...common, kind: z.literal('profile'), fields: z.array(fieldSchema) }),
  z.object({ ...common, kind: z.literal('consent'), purpose: z.string(), standings: z.array(z.object({ recipient: z.string(), decision: z.string(), method: z.string(), source: sourceSchema, actor: actorSchema, at: time })).meta({ description: 'All that stands of the purpose from then on.' }) }),
  z.object({ ...common, kind: z.literal('membership'), segmentId: z.string(), isMember: z.boolean() }),
  z.object({
    ...common, kind: z.literal('identity'), act: z.enum(['added', 'released', 'merged', 'unmerged', 'removed']), namespaces: z.array(z.string()).optional(),
    identities: z.array(identitySchema).optional().meta({ description: 'Those of the namespaces that the person has now, as far as your role shows them.' }), other: z.string().optional().meta({ description: 'The profile that was merged into this one, or is on its own again.' }),
  }),
]).meta({ id: 'Change' });
export type ChangeView = z.infer<typeof changeSchema>;

export const changesPageSchema = z.object({
  items: z.array(changeSchema), cursor: z.string().meta({ description: '`after` of the next page. There is always one: ask again later.' }), isAtEnd: z.boolean().meta({ description: 'Whether there was no more at that moment.' }),
}).meta({ id: 'ChangesPage' });
export type ChangesPage = z.infer<typeof changesPageSchema>;

export const CHANGES_EXAMPLE: ChangesPage = {
  items: [
    { cursor: 'mj1k2x-41', at: '2026-11-24T08:00:00.000Z', profileId: 'p-1', version: 7, from: [{ by: 'record', source: 'online-shop' }], kind: 'profile', fields: [{ name: 'city', source: 'online-shop', at: '2026-11-24T07:59:58.000Z', value: 'Shanghai' }] },
    { cursor: 'mj1k2x-42', at: '2026-11-24T08:00:00.000Z', profileId: 'p-1', version: 7, from: [{ by: 'record', source: 'online-shop' }], kind: 'membership', segmentId: 'recent-buyers', isMember: true },
    {
      cursor: 'mj1k2x-43', at: '2026-11-24T08:00:04.000Z', profileId: 'p-1', version: 8, from: [{ by: 'person', source: null }], kind: 'consent', purpose: 'marketing',
      standings: [{ recipient: 'own', decision: 'withdrawn', method: 'toggle', source: null, actor: 'person', at: '2026-11-24T08:00:04.000Z' }],
    },
  ],
  cursor: 'mj1k2x-43', isAtEnd: true,
};
