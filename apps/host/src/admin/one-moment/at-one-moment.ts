import { FirsthandError } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import { withinTransaction } from './within-transaction.js';

/** Others may change the configuration so long while one change is checked: each time that it has to be checked again, one of theirs was done. */
const WITHIN_MS = 15_000;
const MOVED = Symbol('moved');

/**
 * Makes a change whose checks read other parts of the configuration, such that both are of one moment: in one transaction, on the configuration as it is stored where that begins. Every write
 * grows the workspace's version, so that of two changes at once one is done again, and sees the other.
 *
 * @param work may run more than once; it is given the plane over the transaction
 * @throws FirsthandError `CONFLICT` where others go on changing it, and what `work` throws
 * @example await atOneMoment(admin, workspaceId, (inner) => deletePurpose(inner, caller, 'marketing', 3))
 */
export async function atOneMoment<T>(admin: AdminContext, workspaceId: string, work: (inner: AdminContext) => Promise<T>): Promise<T> {
  const { configuration, repository } = admin;
  for (const until = performance.now() + WITHIN_MS; performance.now() < until;) {
    await configuration.refresh();
    const { version, dictionary } = configuration.workspace(workspaceId);
    const done = await repository.transaction(async (scope) => {
      const isMoved = (await scope.readVersions()).get(workspaceId) !== version;
      return isMoved ? MOVED : { answer: await work(withinTransaction(admin, scope, workspaceId, dictionary)) };
    });
    if (done === MOVED) continue;
    await configuration.refresh();
    return done.answer;
  }
  throw new FirsthandError('CONFLICT', 'The configuration is being changed by others. Try again.');
}
