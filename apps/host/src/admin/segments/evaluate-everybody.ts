import type { AdminContext } from '../admin-context.js';

/** Longer than any process may go on with an older configuration (1 s), and its transaction with it. */
const AFTER_CONFIGURATION_MS = 2_500;

/**
 * Makes every person of a workspace due, so that the sweep evaluates their segments. It is done twice: a process that still had the older
 * configuration when it wrote a person has put their due time back.
 */
export async function evaluateEverybody({ collections, clock, logger }: Pick<AdminContext, 'collections' | 'clock' | 'logger'>, workspaceId: string): Promise<void> {
  const makeDue = () => collections.profiles.updateMany({ workspaceId }, { $set: { dueAt: clock() } });
  await makeDue();
  setTimeout(() => {
    makeDue().catch((error: unknown) => logger.warn({ workspaceId, error: error instanceof Error ? error.name : 'unknown' }, 'Some people may be evaluated later than they should.'));
  }, AFTER_CONFIGURATION_MS).unref();
}
