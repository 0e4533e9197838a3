import type { Store } from '@firsthand/pipeline';
import { intercepted } from '../consent-model/mutants.js';
import type { Mutant } from '../consent-model/world.js';

/** Of two who are one, only what the one's systems hold is looked at whose profile is kept. */
export function forgottenCopies(): Mutant {
  const gone = new Set<string>();
  const forgetting = (store: Store): Store => intercepted(store, {
    insertMerges: (tx, rows) => {
      for (const { loser } of rows) gone.add(loser);
      return tx.insertMerges(rows);
    },
    undoMerge: (tx, row, at) => {
      gone.delete(row.loser);
      return tx.undoMerge(row, at);
    },
    findSyncStates: async (tx, ...who) => (await tx.findSyncStates(...who)).filter(({ profileId }) => !gone.has(profileId)),
  });
  return { ofApply: forgetting, ofLanes: forgetting, ofFronts: forgetting };
}
