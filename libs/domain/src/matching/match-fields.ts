/**
 * What people are compared by, and how alike two can be in it, the most alike first. Each level has a weight of its own (Winkler 1990; "comparison levels"), which is learned from the data:
 * - `name`: `sameSound` is the same name in another script, in other characters of one sound, or with family and given name swapped; `near` is a slip of typing, or an initial;
 * - `birthday`: `near` is day and month swapped, or one digit other or swapped;
 * - `phone`, `email`: `near` is one digit or letter, in an address also in the name of its host; `sameMailbox` is one mailbox name at another provider;
 * - `address`: `near` is another flat of the house, or a slip; `sameRoad` another house of the road.
 */
export const MATCH_FIELDS = {
  name: ['same', 'sameSound', 'near', 'sameGiven', 'sameFamily', 'other'],
  birthday: ['same', 'near', 'sameYear', 'other'],
  phone: ['same', 'near', 'other'],
  email: ['same', 'near', 'sameMailbox', 'other'],
  address: ['same', 'near', 'sameRoad', 'other'],
} as const;

export type MatchField = keyof typeof MATCH_FIELDS;
export type MatchLevel<F extends MatchField = MatchField> = (typeof MATCH_FIELDS)[F][number];

/** How alike two people are, field by field; null where one of them says nothing of it. */
export type MatchPattern = { readonly [F in MatchField]: MatchLevel<F> | null };

/** The names of the fields, in the order that patterns are written in. */
export const MATCH_FIELD_NAMES = Object.keys(MATCH_FIELDS) as MatchField[];

/**
 * A pattern as text, to count by.
 *
 * @example patternKey({ name: 'same', birthday: null, phone: 'near', email: 'other', address: null }) // 'same,,near,other,'
 */
export function patternKey(pattern: MatchPattern): string {
  return MATCH_FIELD_NAMES.map((field) => pattern[field] ?? '').join(',');
}

/** The levels of a key of {@link patternKey}, in the order of {@link MATCH_FIELD_NAMES}. */
export function patternLevels(key: string): (MatchLevel | null)[] {
  return key.split(',').map((level) => (level === '' ? null : (level as MatchLevel)));
}
