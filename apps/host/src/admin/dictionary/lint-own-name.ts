import { FirsthandError, knownNames, lintVocabulary, type Dictionary, type VocabularyTerm } from '@firsthand/domain';

/**
 * Holds a name that is given to what there is.
 *
 * @param replaced the name that it takes the place of, in the same scope
 * @throws FirsthandError `NAMING_CONVENTION` with the place, and a better name where there is one
 */
export function lintOwnName(dictionary: Dictionary, term: VocabularyTerm, replaced?: string): void {
  const known = knownNames(dictionary).filter(({ kind, scope, name }) => !(kind === term.kind && scope === term.scope && name === replaced));
  const places = lintVocabulary([term], known);
  if (places.length > 0) throw new FirsthandError('NAMING_CONVENTION', places[0]?.message, places);
}
