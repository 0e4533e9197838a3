import type { JsonValue } from '../json.js';
import type { Dictionary } from './dictionary.js';
import { ReadIssues } from './read-issues.js';

const CUSTOM = 'custom.';

/**
 * A value as the dictionary takes it for a profile field: undefined where it does not fit or there is no such field. Null stays null, it unsets.
 *
 * @example readProfileField(dictionary, 'custom.shoeSize', '42') // 42
 */
export function readProfileField(dictionary: Pick<Dictionary, 'readers'>, field: string, value: JsonValue): JsonValue | undefined {
  const tree = field.startsWith(CUSTOM) ? { custom: { [field.slice(CUSTOM.length)]: value } } : { [field]: value };
  return dictionary.readers.profile(tree, new ReadIssues())?.[field];
}
