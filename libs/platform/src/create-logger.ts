import { FirsthandError } from '@firsthand/domain';
import { types } from 'node:util';
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Keys whose values never reach a line, at the top or two levels down: credentials, and what names a person. */
const REDACTED_KEYS = [
  'authorization', 'cookie', 'password', 'passwordHash', 'secret', 'secrets', 'token', 'accessToken', 'refreshToken', 'apiKey', 'writeKey', 'settings',
  'email', 'phone', 'firstName', 'lastName', 'name', 'street', 'birthday', 'ip', 'userId', 'anonymousId', 'identities', 'identityKey', 'traits', 'properties', 'profile', 'raw', 'record', 'body', 'payload', 'url',
];

/**
 * Makes the process's logger: one JSON object per line on stdout.
 *
 * An error is written as its class, code and stack frames. The message of an error that is not ours is left out: drivers and parsers quote the
 * data they failed on.
 *
 * @param options `level` as in LOG_LEVEL; `destination` for specs.
 * @example const logger = createLogger({ level: 'info' }); logger.info({ connectionId }, 'The connection was enabled.');
 */
export function createLogger({ level, destination }: { level: string; destination?: DestinationStream }): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
      serializers: { err: describeError },
      errorKey: 'err',
    },
    ...(destination === undefined ? [] : [destination]),
  );
}

/** What may be said of an error in the log. */
export interface DescribedError {
  type: string;
  code?: string;
  message?: string;
  stack?: string;
  cause?: DescribedError;
}

/**
 * Describes an error without the data it may quote: only messages of {@link FirsthandError}s are kept, which hold none by contract.
 *
 * The logger describes what is under `err` by itself.
 *
 * @example process.stderr.write(JSON.stringify(describeError(error)));
 */
export function describeError(error: unknown): DescribedError {
  if (isDescribed(error)) return error;
  // Fastify's errors, and what an aborted fetch throws, are no native ones; those of Node's own sockets may come from another realm.
  if (!types.isNativeError(error) && !(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? String(error.code) : undefined;
  const frames = error.stack?.slice(error.stack.indexOf('\n    at ') + 1);
  const told: DescribedError = {
    type: error.name,
    ...(code === undefined ? {} : { code }),
    ...(error instanceof FirsthandError ? { message: error.message } : {}),
    ...(frames?.startsWith('    at ') ? { stack: frames } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
  DESCRIBED.add(told);
  return told;
}

/** What was made here: the logger is given errors and descriptions of them alike. Any other object may quote data, whatever it looks like. */
const DESCRIBED = new WeakSet<object>();

function isDescribed(value: unknown): value is DescribedError {
  return typeof value === 'object' && value !== null && DESCRIBED.has(value);
}
