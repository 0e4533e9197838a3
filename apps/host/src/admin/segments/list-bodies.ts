import { NAMESPACES } from '@firsthand/domain';
import { z } from 'zod';
import { groupSizeSchema } from '../insight/groups.js';
import { documentedSchema } from '../http/documented-schema.js';
import { MAX_LIST_ROWS } from './read-list-rows.js';

export const listQuerySchema = z.object({
  mode: z.enum(['add', 'remove', 'replace']).meta({ description: '`replace` makes the people of this call the whole list.' }),
  country: z.string().regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166-1 alpha-2 country' }).optional().meta({ description: 'In which national phone numbers are read.' }),
});
export type ListQuery = z.infer<typeof listQuerySchema>;

const identity = z.string().max(256);
const entry = z.strictObject(Object.fromEntries([...NAMESPACES.keys()].map((namespace) => [namespace, identity.optional()])));
/** Each row is judged by itself: one that is wrong does not refuse the rest. */
export const listBodySchema = documentedSchema<unknown>(
  z.union([z.string(), z.array(z.unknown())], { error: 'must be a list of people, an object of identity namespace to value each, or CSV' }),
  z.array(entry).max(MAX_LIST_ROWS).meta({ id: 'ListBody', description: 'People, each by one identity or several. As text/csv: identity namespaces in the header, a person per row.', examples: [[{ email: 'ana@example.com' }, { userId: 'u-20481', phone: '+8613912345678' }]] }));

const people = (description: string) => z.int().nullable().meta({ description: `${description} \`null\` to who may not read profiles.` });
export const listChangeSchema = z.object({
  segmentId: z.string(), mode: z.enum(['add', 'remove', 'replace']), rows: z.int(),
  found: people('Rows that name somebody who is known.'), unknown: people('Rows that name nobody who is known. Nothing of them is kept: send them again when the people are here.'),
  ambiguous: people('Rows whose identities belong to different people.'), refused: z.int().meta({ description: 'Rows that hold no valid identity.' }),
  added: people('Who stands on the list now and did not before.'), removed: people('The other way round.'),
  problems: z.array(z.object({ row: z.int(), reason: z.enum(['unknown', 'ambiguous', 'no-identity', 'unknown-namespace', 'invalid-identity', 'malformed']) })).meta({ description: 'Rows that changed nothing, from 1 on, a header not counted; to who may not read profiles those alone that hold no valid identity.' }),
}).meta({ id: 'ListChange' });
export type ListChangeResult = z.infer<typeof listChangeSchema>;
export const LIST_CHANGE_EXAMPLE: ListChangeResult = { segmentId: 'store-opening-guests', mode: 'add', rows: 3, found: 2, unknown: 1, ambiguous: 0, refused: 0, added: 2, removed: 0, problems: [{ row: 3, reason: 'unknown' }] };

export const listSizeSchema = z.object({
  segmentId: z.string(), listed: groupSizeSchema.describe('Who stands on the list.'), members: groupSizeSchema.describe('Who of them is in the segment: it is live and they consented to its purpose.'),
}).meta({ id: 'ListSize' });
export type ListSize = z.infer<typeof listSizeSchema>;
