import { maskEmail, maskIdentity, maskPhone, maskText, type Dictionary, type Identity, type JsonValue, type PiiClass } from '@firsthand/domain';
import type { AccessAbility } from './create-ability.js';

/** What stands in the place of a value of which nothing may be shown. */
export const HIDDEN = '***';

/** Shows what one caller may see of customers. The only place in which values of people are masked. */
export interface PeopleMask {
  /** Whether values of a class are shown in full. */
  showsFully(pii: PiiClass): boolean;
  identity(identity: Identity): string;
  /** The value of a field at a dictionary path (`profile.city`, `properties.sku`), or of what lies below it. What the dictionary does not know counts as personal. */
  value(path: string, value: unknown): unknown;
}

const NAMES = new Set(['firstName', 'lastName', 'name', 'nickname']);

/**
 * Masks by PII class and role: `none` is shown; what the ability may not read in full is masked (`138****5678`, `a***@example.com`), and a sensitive value is
 * hidden. A field that the ability reveals only with a reason is masked here like any other.
 *
 * @param dictionary the workspace's, which says the class of each field
 * @example maskPeople(ability, dictionary).value('profile.email', 'ana@example.com') // 'a***@example.com'
 */
export function maskPeople(ability: AccessAbility, dictionary: Dictionary): PeopleMask {
  const showsFully = (pii: PiiClass): boolean => pii === 'none' || ability.can('read', 'personalData', pii);
  const value = (path: string, given: unknown): unknown => {
    const field = dictionary.field(path);
    if (given === null || given === undefined) return given;
    if (field !== undefined && field.type !== 'object' && field.type !== 'objects') return showsFully(field.pii) ? given : maskScalar(field.pii, path, field.type, given);
    if (Array.isArray(given)) return given.map((item: unknown) => value(path, item));
    if (typeof given === 'object') return Object.fromEntries(Object.entries(given).map(([key, inner]) => [key, value(`${path}.${key}`, inner)]));
    return showsFully('personal') ? given : maskScalar('personal', path, 'string', given);
  };
  return {
    showsFully, value,
    identity: (identity) => {
      const pii = dictionary.field(`identities.${identity.namespace}`)?.pii ?? 'personal';
      if (showsFully(pii)) return identity.value;
      return pii === 'sensitive' ? HIDDEN : maskIdentity(identity);
    },
  };
}

function maskScalar(pii: PiiClass, path: string, type: string, value: unknown): JsonValue {
  if (pii === 'sensitive' || typeof value !== 'string') return HIDDEN;
  if (type === 'email') return maskEmail(value);
  if (type === 'phone') return maskPhone(value);
  if (NAMES.has(path.slice(path.lastIndexOf('.') + 1))) return `${[...value][0] ?? ''}**`;
  // A date or a code of a few forms would be guessed from its ends.
  return type === 'string' || type === 'url' ? maskText(value) : HIDDEN;
}
