import type { JsonValue } from '../json.js';
import { fieldOf } from '../profile/field-of.js';
import type { Profile } from '../profile/profile.js';
import { parseAddress, type MatchAddress } from './parse-address.js';
import { parseName, type MatchName } from './parse-name.js';

/** What of a person is compared. */
export interface MatchSubject {
  name: MatchName | null;
  /** `YYYY-MM-DD`. */
  birthday: string | null;
  /** E.164. */
  phones: readonly string[];
  /** Lower-cased. */
  emails: readonly string[];
  address: MatchAddress | null;
}

/** The paths that matching reads: a purpose that covers none of them has nothing to match by. */
export const MATCH_PATHS = [
  'profile.name', 'profile.firstName', 'profile.lastName', 'profile.birthday', 'profile.street', 'profile.city', 'profile.region', 'profile.postalCode', 'profile.country', 'profile.phone', 'profile.email', 'identities.phone', 'identities.email',
] as const;
export type MatchPath = (typeof MATCH_PATHS)[number];

/** Dates that forms and systems put where they know none. */
const PLACEHOLDERS: ReadonlySet<string> = new Set(['1900-01-01', '1970-01-01', '1899-12-30', '0001-01-01']);
/** Who has more is a till or a household book rather than a person, and would be near everybody. */
const MOST_VALUES = 10;

/**
 * Reads of a profile what it is compared by.
 *
 * @param mayRead whether a path may be used: whether the purpose of matching covers it
 * @example matchSubjectOf(profile, (path) => coversField(purpose, path)).name?.family
 */
export function matchSubjectOf(profile: Pick<Profile, 'fields' | 'identities'>, mayRead: (path: MatchPath) => boolean): MatchSubject {
  const text = (name: string): string | undefined => (mayRead(`profile.${name}` as MatchPath) ? textOf(fieldOf(profile, name)?.value) : undefined);
  const valuesOf = (namespace: 'phone' | 'email'): string[] => {
    const own = mayRead(`identities.${namespace}`) ? profile.identities.flatMap((identity) => (identity.namespace === namespace ? [identity.value] : [])) : [];
    const field = text(namespace);
    const values = [...new Set(field === undefined ? own : [...own, field])].sort();
    return values.length > MOST_VALUES ? [] : values;
  };
  const birthday = text('birthday');
  return {
    name: parseName({ name: text('name'), firstName: text('firstName'), lastName: text('lastName') }),
    birthday: birthday === undefined || PLACEHOLDERS.has(birthday) ? null : birthday,
    phones: valuesOf('phone'), emails: valuesOf('email'),
    address: parseAddress({ street: text('street'), city: text('city'), region: text('region'), postalCode: text('postalCode'), country: text('country') }),
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
