import { identityInField, isIdentityField, readProfileField, type Dictionary, type JsonObject, type JsonValue } from '@firsthand/domain';

/** The fields that a person can correct on the page by themselves; whatever else is wrong they write in words. */
export const CORRECTABLE_ON_PAGE = ['firstName', 'lastName', 'email', 'phone', 'birthday', 'street', 'postalCode', 'city', 'region'] as const;

/** Of a form: what the person says is right, as `details` of a request for rectification; and the fields that cannot be read. */
export interface AskedCorrection {
  details: JsonObject;
  unread: string[];
}

/**
 * Reads what a person typed in by the rules of the dictionary, so that nobody learns a month later that it could not be taken. Empty inputs say nothing: a value is never shown, so an empty one is no wish to delete it.
 *
 * @param form its inputs are `right-` and the name of a field
 * @example askedCorrection({ 'right-city': 'Hangzhou' }, dictionary).details // { fields: { 'profile.city': 'Hangzhou' } }
 */
export function askedCorrection(form: Readonly<Record<string, unknown>>, dictionary: Dictionary): AskedCorrection {
  const fields: Record<string, JsonValue> = {};
  const identities: JsonObject[] = [];
  const unread: string[] = [];
  for (const field of CORRECTABLE_ON_PAGE) {
    const given = form[`right-${field}`];
    const text = typeof given === 'string' ? given.trim() : '';
    if (text === '') continue;
    const value = text.length > 500 ? undefined : readProfileField(dictionary, field, text);
    if (value === undefined || value === null) unread.push(field);
    else if (isIdentityField(field)) identities.push({ namespace: field, to: identityInField(field, value)?.value ?? null });
    else fields[`profile.${field}`] = value;
  }
  return { details: { ...(Object.keys(fields).length === 0 ? {} : { fields }), ...(identities.length === 0 ? {} : { identities }) }, unread };
}
