import type { Dictionary } from '@firsthand/domain';
import type { ConfigurationKind, ConfigurationRepository } from '@firsthand/persistence';
import { CompileCache } from '../../configuration/compile-cache.js';
import { compileDictionary, type DictionaryKinds } from '../../configuration/compile-dictionary.js';
import { ProblemList } from '../../configuration/problem-list.js';
import type { AdminContext } from '../admin-context.js';

const DICTIONARY_KINDS = ['customFields', 'customEvents', 'customEntities', 'dictionaryVersions'] as const;
const IN_DICTIONARY: ReadonlySet<ConfigurationKind> = new Set(DICTIONARY_KINDS);

/**
 * The same plane over a transaction: what it has written is what it reads, and its dictionary follows.
 *
 * @param dictionary as it is where the transaction begins
 * @example await repository.transaction(async (scope) => createSegment(withinTransaction(admin, scope, workspaceId, dictionary), caller, segment))
 */
export function withinTransaction(admin: AdminContext, scope: ConfigurationRepository, workspaceId: string, dictionary: Dictionary): AdminContext {
  const { configuration } = admin;
  const written = new Set<string>();
  let current = dictionary;
  let isStale = false;
  return {
    ...admin,
    repository: telling(scope, (kind, id) => {
      isStale ||= IN_DICTIONARY.has(kind);
      written.add(JSON.stringify([kind, id]));
    }),
    configuration: {
      ...configuration, workspace: (id) => ({ ...configuration.workspace(id), ...(id === workspaceId ? { dictionary: current } : {}) }),
      // What was written here has been checked here.
      problems: () => configuration.problems().filter((problem) => problem.workspaceId !== workspaceId || !written.has(JSON.stringify([problem.kind, problem.id]))),
      // Asked for after every write: of most it is the same, and the transaction has only so long.
      refresh: async () => {
        if (isStale) current = await dictionaryOf(scope, workspaceId);
        isStale = false;
      },
    },
  };
}

/** A repository that tells of each write, those of transactions within it included. */
function telling(repository: ConfigurationRepository, tell: (kind: ConfigurationKind, id: string) => void): ConfigurationRepository {
  return {
    ...repository,
    create: (kind, workspaceId, id, ...rest) => (tell(kind, id), repository.create(kind, workspaceId, id, ...rest)),
    update: (kind, workspaceId, id, ...rest) => (tell(kind, id), repository.update(kind, workspaceId, id, ...rest)),
    put: (kind, workspaceId, id, ...rest) => (tell(kind, id), repository.put(kind, workspaceId, id, ...rest)),
    delete: (kind, workspaceId, id, ...rest) => (tell(kind, id), repository.delete(kind, workspaceId, id, ...rest)),
    transaction: (work) => repository.transaction((inner, session) => work(telling(inner, tell), session)),
  };
}

/** The dictionary as a transaction reads it. */
export async function dictionaryOf(scope: ConfigurationRepository, workspaceId: string): Promise<Dictionary> {
  const kinds = {} as DictionaryKinds;
  for (const kind of DICTIONARY_KINDS) kinds[kind] = await scope.list(kind, workspaceId);
  return compileDictionary(kinds, new ProblemList(workspaceId), new CompileCache()).dictionary;
}
