import type { ErrorPlace } from '../errors/firsthand-error.js';
import { lintEventName, lintFieldName } from './lint-names.js';
import { nearestName } from './nearest-name.js';
import { STANDARD_EVENTS } from './standard-events.js';

/** A name that people give to something, and where it stands. */
export interface VocabularyTerm {
  kind: 'event' | 'field' | 'entity';
  name: string;
  /** Names are compared within it: of a field the entity, e.g. `profile`; the same for all events, and for all entities. */
  scope: string;
  /** JSON Pointer of the name in what was read. */
  path: string;
  /** Names that are near this one and mean something else: said by who gave the name. */
  distinctFrom?: readonly string[];
  /** That it names what there may be already, as a tracking plan does, and adds nothing. */
  mayExist?: boolean;
}

/** A name that there is already. */
export type KnownName = Pick<VocabularyTerm, 'kind' | 'name' | 'scope'>;

/** What a record, a mapping or an expression calls its own parts. */
const RESERVED: ReadonlySet<string> = new Set([
  'custom', 'profile', 'identities', 'identity', 'properties', 'context', 'event', 'order', 'product', 'store', 'consents', 'consent', 'consentProof', 'settings', 'receivedAt', 'connectionId', 'messageId', 'occurredAt',
  'toString', 'valueOf', 'hasOwnProperty',
]);
/** Events that the platform itself makes of people. */
const OWN_EVENTS: ReadonlySet<string> = new Set(['Segment Entered', 'Segment Exited', 'Segment Size Changed', 'Profile Corrected', 'Profile Deleted']);

/**
 * Checks names against the convention, against what is reserved, against each other and against those that there are: the same name in another case, and names that are one
 * edit apart, unless `distinctFrom` says that they differ. Gives each place that is wrong, with a better name where there is one.
 *
 * @param known names that are there already; what stands in `terms` too is compared once
 * @example lintVocabulary([{ kind: 'field', scope: 'profile', name: 'shoe_size', path: '/name' }], [])[0]?.message // '"shoe_size" is not lowerCamelCase: write "shoeSize".'
 */
export function lintVocabulary(terms: readonly VocabularyTerm[], known: readonly KnownName[]): ErrorPlace[] {
  const seen = new Map<string, KnownName[]>();
  const groupOf = ({ kind, scope }: KnownName): KnownName[] => {
    const key = `${kind} ${scope}`;
    return seen.get(key) ?? (seen.set(key, []).get(key) as KnownName[]);
  };
  for (const name of known) groupOf(name).push(name);
  return terms.flatMap((term) => {
    const group = groupOf(term);
    const isKnown = term.mayExist === true && group.some(({ name }) => name === term.name);
    const message = isKnown ? null : (lintForm(term) ?? lintAgainst(term, group));
    group.push(term);
    return message === null ? [] : [{ path: term.path, message }];
  });
}

function lintForm({ kind, name }: VocabularyTerm): string | null {
  if (kind === 'event') {
    if (OWN_EVENTS.has(name)) return `"${name}" is an event that the platform makes itself: choose another name.`;
    return STANDARD_EVENTS.includes(name) ? null : lintEventName(name);
  }
  const form = name.includes('.') ? `"${name}" is a path: write a plain name, such as "${name.split('.').at(-1) ?? ''}".` : lintFieldName(name);
  if (form !== null) return form;
  return RESERVED.has(name) ? `"${name}" is reserved: write what it is of, such as "${name}Note" or "${name}Code".` : null;
}

function lintAgainst({ name, distinctFrom = [] }: VocabularyTerm, group: readonly KnownName[]): string | null {
  const others = group.map((one) => one.name);
  if (others.includes(name)) return `"${name}" is there already.`;
  const near = nearestName(name, others.filter((other) => !distinctFrom.includes(other) || other.toLowerCase() === name.toLowerCase()));
  if (near?.toLowerCase() === name.toLowerCase()) return `"${name}" differs from "${near}" in capitals only: use "${near}".`;
  return near === undefined ? null : `"${name}" is one letter away from "${near}": use "${near}", or say that it is something else by "distinctFrom": ["${near}"].`;
}
