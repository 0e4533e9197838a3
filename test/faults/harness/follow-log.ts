import { setTimeout as delay } from 'node:timers/promises';
import { createChangeLog, type ConnectedStore } from '@firsthand/persistence';
import type { PersonChange } from '@firsthand/pipeline';
import { until } from '../../support/until.js';

/** Somebody who follows the changes of people through all that happens. */
export interface LogFollower {
  /** Reads what is left, and gives one line for each change that was lost, told twice, out of order or made up; none when all is well. */
  check(): Promise<string[]>;
}

/** Begins to follow; a database that is away is asked again. */
export function followLog({ collections }: Pick<ConnectedStore, 'collections'>, workspaceId: string): LogFollower {
  const log = createChangeLog(collections);
  const seen: PersonChange[] = [];
  const faults: string[] = [];
  let after = 0;
  let isDone = false;
  const reading = (async () => {
    while (!isDone) {
      for (const { last, changes } of await log.read(workspaceId, after, 5).catch(() => [])) {
        if (last - changes.length !== after) faults.push(`a hole before ${last}`);
        seen.push(...changes.filter((change) => change !== null));
        after = last;
      }
      await delay(20);
    }
  })();
  return {
    async check() {
      await until(async () => after === await log.last(workspaceId) && await collections.changeBlocks.countDocuments({ isOpen: true }) === 0, (isRead) => isRead);
      isDone = true;
      await reading;
      const written = new Set((await collections.changes.find({ workspaceId, blockId: { $exists: true } }).toArray()).map(({ profileId, version }) => `${profileId} ${version}`));
      const told = new Set(seen.map(({ profileId, version }) => `${profileId} ${version}`));
      const versions = new Map<string, number>();
      for (const { profileId, version } of seen) {
        if (version < (versions.get(profileId) ?? 0)) faults.push(`${profileId}: ${version} after a later one`);
        versions.set(profileId, version);
      }
      const parts = new Set(seen.map((change) => JSON.stringify(change)));
      return [
        ...faults, ...(written.size > 0 ? [] : ['nothing has changed']), ...(parts.size === seen.length ? [] : [`${seen.length - parts.size} were told twice`]),
        ...[...told].filter((one) => !written.has(one)).map((one) => `${one}: told and not there`), ...[...written].filter((one) => !told.has(one)).map((one) => `${one}: lost`),
      ];
    },
  };
}
