import { isSafeKey } from './safe-key.js';
import { camelCase, titleCase } from './title-case.js';

const LOWER_CAMEL_CASE = /^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]+)*[A-Z]?$/;
const TITLE_CASE = /^[\p{Lu}\p{N}][\p{L}\p{N}]*(?: [\p{Lu}\p{N}][\p{L}\p{N}]*)+$/u;
const PARTICLES = new Set(['Up', 'Out', 'In', 'Off', 'On', 'Down', 'Back', 'Over', 'Away']);
const IRREGULAR = new Set(
  ('Begun Bought Built Chosen Done Drawn Driven Found Given Gone Got Gotten Held Hidden Hit Kept Left Lost Made Met Paid Put Read Run Said Seen Sent Set ' +
    'Shown Shut Sold Spent Split Sung Swum Taken Thrown Told Understood Undone Won Withdrawn Withheld Written Worn').split(' '),
);

/**
 * Checks a field name against the convention: lowerCamelCase, at most 64 characters; parts of a path are checked one by one.
 * Gives what is wrong, or null.
 *
 * @example lintFieldName('shoe_size') // '"shoe_size" is not lowerCamelCase: write "shoeSize".'
 */
export function lintFieldName(name: string): string | null {
  for (const part of name.split('.')) {
    if (part.length > 64) return 'A field name has at most 64 characters.';
    if (!isSafeKey(part)) return `"${part}" cannot be a field name.`;
    if (!LOWER_CAMEL_CASE.test(part)) return `"${part}" is not lowerCamelCase: ${suggest(camelCase(part))}`;
  }
  return null;
}

/**
 * Checks an event name against the convention: Title Case, an object and then an action in the past tense, as in the Segment ecommerce spec.
 * Gives what is wrong, or null.
 *
 * @example lintEventName('order_completed') // '"order_completed" is not Title Case "Object Action": write "Order Completed".'
 */
export function lintEventName(name: string): string | null {
  if (name.length > 200) return 'An event name has at most 200 characters.';
  if (!TITLE_CASE.test(name)) return `"${name}" is not Title Case "Object Action": ${suggest(titleCase(name))}`;
  const words = name.split(' ');
  const action = (PARTICLES.has(words.at(-1) ?? '') ? words.at(-2) : words.at(-1)) ?? '';
  if (action.endsWith('ed') || IRREGULAR.has(action)) return null;
  return `"${name}" does not end with what happened: use the past tense, as in "Order Completed".`;
}

function suggest(name: string): string {
  return name === '' ? 'use Latin letters.' : `write "${name}".`;
}
