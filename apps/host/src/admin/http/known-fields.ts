import { CONDITION_KEYS, type Subject } from '@firsthand/access';
import { z } from 'zod';

const known = new Map<Subject, Set<string>>();

/** What is only ever written: it stands in no answer. */
const WRITE_ONLY: Partial<Record<Subject, readonly string[]>> = { user: ['password'], flow: ['flow'] };

/** Notes the fields of an answer as fields of the subject that its route needs a permission for. `Route` calls it. */
export function noteFields(subject: Subject, schema: z.ZodType): void {
  const fields = known.get(subject) ?? new Set(WRITE_ONLY[subject]);
  known.set(subject, fields);
  for (const field of Object.keys(documentShape(schema))) fields.add(field);
}

/** The fields of a subject: all that stands in the answers of its routes. These can be named in a permission, and a query by them needs their permission. */
export function knownFields(subject: Subject): ReadonlySet<string> {
  return known.get(subject) ?? new Set();
}

/** Whether permissions on a subject may be narrowed to some of its rows. */
export function isConditional(subject: Subject): subject is keyof typeof CONDITION_KEYS {
  return Object.hasOwn(CONDITION_KEYS, subject);
}

/** Of a page, the shape of its items. */
function documentShape(schema: z.ZodType): Record<string, unknown> {
  if (!(schema instanceof z.ZodObject)) return {};
  const { items, nextCursor } = schema.shape as Record<string, unknown>;
  if (nextCursor === undefined || !(items instanceof z.ZodArray)) return schema.shape;
  return items.element instanceof z.ZodObject ? items.element.shape : {};
}
