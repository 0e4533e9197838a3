import type { Dictionary } from './dictionary.js';
import type { KnownName } from './lint-vocabulary.js';

/**
 * The names that a dictionary has, each with where it is compared: fields with the other fields of their entity (those of events also with the workspace's entities, beside which
 * they stand), events with events, entities with entities.
 *
 * @example lintVocabulary(terms, knownNames(createDictionary()))
 */
export function knownNames({ fields, entities, events }: Pick<Dictionary, 'fields' | 'entities' | 'events'>): KnownName[] {
  const named = fields.flatMap(({ entity, path }): KnownName[] => {
    const name = plainNameOf(path);
    return name === null ? [] : [{ kind: 'field', scope: entity, name }];
  });
  return [
    ...named,
    ...entities.filter(({ isCustom }) => isCustom).map(({ name }): KnownName => ({ kind: 'field', scope: 'event', name })),
    ...events.map(({ name }): KnownName => ({ kind: 'event', scope: '', name })),
    ...entities.map(({ name }): KnownName => ({ kind: 'entity', scope: '', name })),
  ];
}

/** The name of a field within its entity, where it is no part of an object: the names of parts are nobody's to choose. */
function plainNameOf(path: string): string | null {
  const [section, ...rest] = path.split('.');
  const own = rest[0] === 'custom' ? rest.slice(1) : rest;
  if (section === 'context' || section === 'consent' || section === 'identities' || own.length === 0) return null;
  // `properties.custom.appointment.startsAt`: the fields of an entity of the workspace's own.
  return own.length === 1 || (section === 'properties' && rest[0] === 'custom' && own.length === 2) ? (own.at(-1) ?? null) : null;
}
