import { InvalidPayload, RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from '../is-object.js';
import { isCode } from './problem-of.js';

/** Refusals that pass: somebody else was quicker, or the clocks of the two differ. */
const PASSING_CODES = new Set(['NOT_FOUND', 'DOES_NOT_EXIST', 'FAILED_TO_REQUEST']);
const PASSING_FIELDS = new Set(['id', 'customerId', 'consentUpdatedAt']);

/**
 * What one field of a mutation answered: its payload, or the error that its `userErrors` are. They are named by field and code, never by their message, which quotes values. That
 * a customer who was found a moment ago is gone, and that a moment lies in the future, pass: the delivery is tried again and looks anew.
 *
 * @param what of which a refusal is, for the detail, e.g. `the customer`
 */
export function readPayload(answer: JsonValue | Error, what: string): JsonObject | Error {
  if (answer instanceof Error) return answer;
  if (!isObject(answer) || !Array.isArray(answer.userErrors)) return new RetryableError(`Shopify gave no answer about ${what}.`);
  const errors = answer.userErrors.filter(isObject);
  if (errors.length === 0) return answer;
  const named = errors.map(({ field, code }) => ({ name: nameOf(field), code: isCode(code) ? code : '' }));
  const detail = `Shopify refused ${what}: ${[...new Set(named.map(({ name, code }) => [name, code].filter((part) => part !== '').join(' ') || 'without a reason'))].join(', ')}.`;
  const isPassing = named.every(({ name, code }) => PASSING_CODES.has(code) || PASSING_FIELDS.has(name));
  return isPassing ? new RetryableError(detail) : new InvalidPayload(detail);
}

/** The name of the field at fault, the last of its path. */
function nameOf(field: JsonValue | undefined): string {
  const names = Array.isArray(field) ? field.filter(isCode) : [];
  return names.at(-1) ?? '';
}
