import { z } from 'zod';
import { newConnectionSchema } from '../admin/connections/connection-bodies.js';
import { customEntitySchema } from '../admin/dictionary/custom-entities.js';
import { customEventSchema } from '../admin/dictionary/custom-events.js';
import { customFieldSchema } from '../admin/dictionary/custom-field-bodies.js';
import { newPurposeSchema } from '../admin/purposes/purposes.js';
import { newRoleSchema } from '../admin/roles/role-bodies.js';
import { connectionDocument, customEntityDocument, customEventDocument, customFieldDocument, purposeDocument, roleDocument } from './documents.js';

/** The names that an object, or any of several, may have. */
const namesOf = (schema: unknown): string[] => (schema instanceof z.ZodDiscriminatedUnion ? schema.options.flatMap(namesOf) : Object.keys((schema as z.ZodObject).shape));

// What a schema does not name is dropped when the row is read: it would be taken, stored, shown, and never be in force.
it.each([
  ['a custom event', customEventSchema, customEventDocument], ['a custom entity', customEntitySchema, customEntityDocument], ['a custom field', customFieldSchema, customFieldDocument], ['a purpose', newPurposeSchema, purposeDocument],
  ['a role', newRoleSchema, roleDocument], ['a connection', newConnectionSchema, connectionDocument],
] as const)('reads from the stored row of %s all that may be said of it', (_what, body, document) => {
  const said = namesOf(body).filter((name) => name !== 'id' && name !== 'key');
  expect([said.length > 2, said.filter((name) => !namesOf(document).includes(name))]).toEqual([true, []]);
});
