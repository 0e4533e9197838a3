import type { DictionaryChange } from '@firsthand/domain';
import type { ConfigurationRepository } from '@firsthand/persistence';
import { newBackfill } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import { addDictionaryVersion } from './dictionary-versions.js';

/**
 * Makes a change of the dictionary in one transaction with the version that it makes and, where people's stored values follow it, the work that brings everybody to it: until
 * they are reached, whoever is read is brought to it on the way.
 *
 * @param act the change itself; it may run more than once
 * @example await changeDictionary(admin, workspaceId, change, (scope, now) => scope.create('customEvents', workspaceId, name, event, now))
 */
export async function changeDictionary<R>(admin: AdminContext, workspaceId: string, change: DictionaryChange, act: (scope: ConfigurationRepository, now: number) => Promise<R>): Promise<{ row: R; dictionaryVersion: string }> {
  const now = admin.clock();
  const isFollowed = change.path.startsWith('profile.') && (change.storedValues === 'convert' || change.storedValues === 'drop');
  const done = await admin.repository.transaction(async (scope) => {
    const row = await act(scope, now);
    if (isFollowed) await scope.create('backfills', workspaceId, admin.newId(), newBackfill([], now), now);
    return { row, dictionaryVersion: await addDictionaryVersion(scope, workspaceId, [change], now) };
  });
  await admin.configuration.refresh();
  return done;
}

/**
 * A change that breaks nothing and leaves what is stored alone.
 *
 * @param path of a field, or `entity:` or `event:` with a name
 * @example changeOf('event:Points Redeemed', 'added')
 */
export function changeOf(path: string, change: 'added' | 'changed' | 'removed'): DictionaryChange {
  return { path, change, breaks: [], storedValues: null };
}
