import type { JsonValue } from '../json.js';
import { isSameJson } from './canonical-json.js';
import { placeField, saidOf, type FieldsOfProfile } from './field-candidates.js';
import { fieldOf } from './field-of.js';
import { isIdentityField } from './identity-field.js';
import type { Correction } from './profile.js';
import { encodeStoredKey } from './stored-key.js';

/** The source of fields that were corrected. No connection can have this id. */
export const RECTIFICATION = '@rectification';

/** What a correction of fields needs to know besides the values. */
export interface CorrectionContext {
  correction: Correction;
  /** Unique to the correction. */
  origin: string;
  /** The version that the profile gets by it. */
  version: number;
  /** Epoch ms. */
  now: number;
}

/**
 * Corrects fields of a profile, in place (GDPR art. 16): each holds the value against whatever was said up to now and comes later, and gives way to what is said of a later time. Null says that
 * there is no such value. Gives the names of the fields whose value is another one now.
 *
 * @param values normalised, by the canonical name of the field
 * @example correctFields(profile, { city: 'Hangzhou' }, { correction: { by: 'person', reason: 'inaccurate' }, origin, version, now })
 */
export function correctFields(profile: FieldsOfProfile, values: Readonly<Record<string, JsonValue>>, { correction, origin, version, now }: CorrectionContext): string[] {
  return Object.entries(values).flatMap(([field, value]) => {
    const stored = fieldOf(profile, field);
    const key = encodeStoredKey(field);
    // A sender's clock may be ahead by minutes: what it said before is still of before.
    const at = saidOf(profile, key).reduce((latest, said) => Math.max(latest, said.at, said.correctedAt ?? 0), now);
    // What was found to be wrong is not kept as a candidate either.
    placeField(profile, key, { winner: { value, at, source: RECTIFICATION, origin, version, correctedAt: at, correction, ...(isIdentityField(field) ? { isVerified: true as const } : {}) }, others: [] });
    return isSameJson(value, stored?.value) ? [] : [field];
  });
}
