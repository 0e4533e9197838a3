import { PII_CLASSES, STORED_VALUES, type CustomField } from '@firsthand/domain';
import { z } from 'zod';
import { keySchema } from '../http/id-schema.js';

/** What is said of fields, events and entities alike. */
export const described = {
  description: z.string().min(1).max(2_000),
  owner: z.string().max(40).optional().meta({ description: 'The channel whose value wins when channels disagree.' }),
  pii: z.enum(PII_CLASSES).optional(),
  purposes: z.array(keySchema).max(100).optional(),
  distinctFrom: z.array(z.string().max(200)).max(50).optional().meta({ description: 'Names that are one letter away and mean something else: without it they are refused.' }),
};
export const retentionDays = z.int().min(1).nullable().optional();

const fields = {
  type: z.string().min(1).max(40), example: z.unknown().optional(), values: z.array(z.string().max(200)).max(200).optional(), ...described, retentionDays,
};
const EXAMPLE = { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.', example: 42, pii: 'personal' as const, purposes: ['marketing'] };

export const customFieldSchema = z.strictObject({
  entity: z.string().min(1).max(64).meta({ description: '`profile`, `event`, `order`, `product`, `store`, or an entity of your own.' }), name: z.string().min(1).max(100), ...fields,
}).meta({ id: 'CustomField', examples: [EXAMPLE] });
export type CustomFieldBody = z.infer<typeof customFieldSchema>;

const storedValues = z.enum(STORED_VALUES).optional().meta({
  description: 'What becomes of stored values, where the change breaks: `convert` reads them by what the field is now (what cannot be read goes), `drop` removes what does not fit, `keep` leaves them as they are, under the old name. Those of events stay as they happened: `keep`.',
});

export const customFieldChangeSchema = z.strictObject({
  name: z.string().min(1).max(100), ...fields, values: z.array(z.string().max(200)).max(200).nullable().meta({ description: 'Null for any text.' }),
}).partial().extend({ storedValues }).meta({ id: 'CustomFieldChange', examples: [{ type: 'string', storedValues: 'convert' }] });
export type CustomFieldChange = z.infer<typeof customFieldChangeSchema>;

export const removalQuerySchema = z.object({ storedValues: storedValues.meta({ description: 'What becomes of stored values: `drop` or `keep`.' }) });
export type RemovalQuery = z.infer<typeof removalQuerySchema>;

export const customFieldViewSchema = z.object({
  id: z.string(), version: z.int(), field: customFieldSchema, dictionaryVersion: z.string().optional().meta({ description: 'The version of the dictionary that a change has made.' }),
}).meta({ id: 'CustomFieldView' });
export interface CustomFieldView { id: string; version: number; field: CustomField; dictionaryVersion?: string }
export const FIELD_EXAMPLE = { id: 'profile.shoeSize', version: 1, field: { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' } };
