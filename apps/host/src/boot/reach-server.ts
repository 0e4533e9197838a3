import { FirsthandError, type ErrorCode } from '@firsthand/domain';

/** The variables that name the servers, and how people call these. */
const SERVERS = { MONGODB_URI: 'MongoDB', REDIS_URL: 'Valkey' } as const;

/** What the store's errors mean while it is reached: before any work, a server refuses nothing but who comes. */
const REASONS: Partial<Record<ErrorCode, string>> = { UNAVAILABLE: 'does not answer', INTERNAL: 'refuses the user name or password' };

/**
 * Does the first thing that needs a server. While a host starts there is no request that could be sent again: what helps is the variable that
 * names the server. The address itself is not repeated, for it may hold a password.
 *
 * @throws FirsthandError `SERVER_UNREACHABLE` where the server does not answer or cannot be used as named; any other FirsthandError as it is
 * @example await reachServer('REDIS_URL', () => assertNoEviction(redisUrl));
 */
export async function reachServer<T>(variable: keyof typeof SERVERS, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof FirsthandError ? REASONS[error.code] : 'cannot be used';
    if (reason === undefined) throw error;
    throw new FirsthandError('SERVER_UNREACHABLE', `${SERVERS[variable]} ${reason} at the address in ${variable}.`, [{ path: variable, message: reason }], { cause: error });
  }
}
