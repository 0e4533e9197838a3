import { compileMapping } from '@firsthand/domain';
import { defaultMapping, fieldsValidator, type DestinationDefinition, type FieldsResult, type JsonObject, type Fields } from '@firsthand/plugin-sdk';
import { sampleDeliveryContext } from './sample-delivery-context.js';

/**
 * Maps what a delivery reads to a destination's payload by its default mapping, and checks it, as the host does; for cases of a plugin's own.
 * `parts` replace those of the sample context.
 *
 * @throws FirsthandError `INVALID_MAPPING`, `INVALID_PLUGIN`
 * @example mapPayload(destination, { profile: { email: 'ana@example.com' } }) // { ok: true, values: { email: 'ana@example.com' } }
 */
export function mapPayload({ fields }: Pick<DestinationDefinition, 'fields'>, parts?: JsonObject): FieldsResult<Fields> {
  return fieldsValidator(fields)(compileMapping(defaultMapping(fields)).apply(sampleDeliveryContext(parts), {}));
}
