import { createDictionary, type Dictionary, type Entity } from '@firsthand/domain';
import { z } from 'zod';
import { identitySchema } from '../http/identity-body.js';

const { schemas }: Dictionary = createDictionary();

/** An entity of the dictionary as a component of the OpenAPI document. A workspace's own fields come beside the built-in ones. */
function component(entity: Entity, id: string): z.ZodType {
  return (schemas[entity] as unknown as z.ZodObject).loose().meta({ id });
}

const { properties, context } = (schemas.event as unknown as z.ZodObject<{ properties: z.ZodType; context: z.ZodType }>).shape;

/** What a mapping makes of a raw record, each part as the dictionary describes it. */
export const canonicalRecordSchema = z.object({
  type: z.string(), name: z.string(), messageId: z.string(), occurredAt: z.number().meta({ description: 'Epoch milliseconds.' }), identities: z.array(identitySchema),
  profile: component('profile', 'CanonicalProfile'), properties, context,
  order: component('order', 'CanonicalOrder').optional(), product: component('product', 'CanonicalProduct').optional(), store: component('store', 'CanonicalStore').optional(),
  consents: z.record(z.string(), z.boolean()), consentProof: z.object({ textHash: z.string().optional(), decidedAt: z.number().optional(), method: z.string().optional() }).optional(), flags: z.array(z.string()).meta({ description: 'What was repaired or left out on the way in.' }),
}).meta({ id: 'CanonicalRecord' });
