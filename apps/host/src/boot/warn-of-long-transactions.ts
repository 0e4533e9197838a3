import type { Logger } from '@firsthand/platform';

/** What a MongoDB transaction may last at most. MongoDB's own default is 60. */
const MAX_LIFETIME_SECONDS = 10;

/** A MongoDB's `admin` database, as the driver gives it. */
export interface AdminDatabase {
  command(command: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/**
 * Says in one line when MongoDB keeps abandoned transactions for long. The transaction of a worker that was killed holds its rows until then, and
 * who takes over its work can only wait. Says nothing where the parameter may not be read, as on many hosted servers: it is advice, and no reason not to start.
 *
 * @example await warnOfLongTransactions(connection.getClient().db('admin'), logger);
 */
export async function warnOfLongTransactions(admin: AdminDatabase, logger: Pick<Logger, 'warn'>): Promise<void> {
  const lifetimeSeconds = await readLifetimeSeconds(admin);
  if (lifetimeSeconds === undefined || lifetimeSeconds <= MAX_LIFETIME_SECONDS) return;
  logger.warn({ lifetimeSeconds }, `After a crash of a worker its rows stay locked for up to ${lifetimeSeconds} s. Set MongoDB's transactionLifetimeLimitSeconds to 8 on each member: mongod --setParameter transactionLifetimeLimitSeconds=8.`);
}

async function readLifetimeSeconds(admin: AdminDatabase): Promise<number | undefined> {
  try {
    const { transactionLifetimeLimitSeconds: seconds } = await admin.command({ getParameter: 1, transactionLifetimeLimitSeconds: 1 });
    return typeof seconds === 'number' ? seconds : undefined;
  } catch {
    return undefined;
  }
}
