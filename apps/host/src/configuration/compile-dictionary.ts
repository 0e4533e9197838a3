import { checkCustomEntities, createDictionary, FirsthandError, groupCustomFields, settlementsOf, type Dictionary } from '@firsthand/domain';
import type { ConfigurationContents, Configured } from '@firsthand/persistence';
import type { CompileCache } from './compile-cache.js';
import { customEntityDocument, customEventDocument, customFieldDocument, dictionaryVersionDocument } from './documents.js';
import type { ProblemList } from './problem-list.js';

/** The kinds that a workspace's dictionary is made of. */
export type DictionaryKinds = Pick<ConfigurationContents['kinds'], 'customFields' | 'customEvents' | 'customEntities' | 'dictionaryVersions'>;

/**
 * Compiles the dictionary of a workspace, without the fields and entities that are wrong: these are reported.
 *
 * @returns the dictionary, and a stamp that is another one whenever the dictionary may be
 */
export function compileDictionary(kinds: DictionaryKinds, list: ProblemList, cache: CompileCache): { dictionary: Dictionary; stamp: string } {
  const read = {
    entities: list.read('customEntities', kinds.customEntities, customEntityDocument), fields: list.read('customFields', kinds.customFields, customFieldDocument),
    events: list.read('customEvents', kinds.customEvents, customEventDocument), versions: list.read('dictionaryVersions', kinds.dictionaryVersions, dictionaryVersionDocument),
  };
  const stamp = Object.values(read).map((rows) => rows.map(({ id, version }) => `${id}@${version}`).join()).join(';');
  const build = (): Dictionary => {
    const customEntities = withoutWrong('customEntities', read.entities, list, checkCustomEntities);
    const customFields = withoutWrong('customFields', read.fields, list, (fields) => groupCustomFields(fields, customEntities));
    return createDictionary({ customEntities, customFields, customEvents: read.events.map(({ content }) => content), settlements: settlementsOf(read.versions.map(({ content }) => content)) });
  };
  return { dictionary: cache.reuse('dictionary', stamp, build), stamp };
}

type Row<T> = Pick<Configured<T>, 'id' | 'content'>;

/** What is left when everything is taken out that the check names by its index. */
function withoutWrong<T>(kind: string, rows: readonly Row<T>[], list: ProblemList, check: (contents: readonly T[]) => unknown): T[] {
  let left = [...rows];
  for (;;) {
    const contents = left.map(({ content }) => content);
    try {
      check(contents);
      return contents;
    } catch (error) {
      const wrong = error instanceof FirsthandError ? new Set(error.places.map(({ path }) => Number(path.split('/')[1]))) : new Set<number>();
      if (!(error instanceof FirsthandError) || wrong.size === 0) throw error;
      for (const index of wrong) if (left[index] !== undefined) list.add(kind, left[index].id, error);
      left = left.filter((_row, index) => !wrong.has(index));
    }
  }
}
