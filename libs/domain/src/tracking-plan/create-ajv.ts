import { Ajv2020 } from 'ajv/dist/2020.js';
import { FIELD_TYPES } from '../canonical/field-types.js';
import { ReadIssues } from '../canonical/read-issues.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A text is in a format if the dictionary can read it as such: what the plan lets through must not fail there. */
function reads(type: 'datetime' | 'date' | 'email' | 'url' | 'ip' | 'phone'): (text: string) => boolean {
  return (text) => FIELD_TYPES[type].read(text, new ReadIssues()) !== undefined;
}

/** The formats that a plan may name. There are no others: some of the usual ones are matched by patterns that can take very long. */
export const PLAN_FORMATS = {
  'date-time': reads('datetime'), date: reads('date'), email: reads('email'), uri: reads('url'), ip: reads('ip'), phone: reads('phone'), uuid: UUID,
} as const;

/**
 * A compiler of JSON Schema 2020-12 for plans: strict, so that a misspelled keyword is an error; it loads nothing, and collects all that is wrong with an event.
 *
 * @example createAjv({ checksSchemas: false }).compile(schema)
 */
export function createAjv({ checksSchemas }: { checksSchemas: boolean }): Ajv2020 {
  return new Ajv2020({
    allErrors: true, verbose: true, strict: true, strictTypes: false, strictRequired: false, strictTuples: false, allowUnionTypes: true, validateSchema: checksSchemas, formats: { ...PLAN_FORMATS }, logger: false,
  });
}
