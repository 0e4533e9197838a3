import { types } from 'node:util';
import { FirsthandError } from '@firsthand/domain';
import mongoose from 'mongoose';

const { MongoError, MongoServerError, MongoBulkWriteError, MongoNetworkError, MongoServerSelectionError, MongoOperationTimeoutError, MongoNotConnectedError,
  MongoTopologyClosedError, MongoClientClosedError } = mongoose.mongo;
const AWAY = [
  MongoNetworkError, MongoServerSelectionError, MongoOperationTimeoutError, MongoNotConnectedError, MongoTopologyClosedError, MongoClientClosedError,
  mongoose.Error.MongooseServerSelectionError,
];
/** The member stepped down, is not the primary, shuts down: another one, or the same a little later, answers. */
const AWAY_CODES = new Set<unknown>([91, 189, 10107, 11600, 11602, 13435, 13436]);

/** A socket that breaks while it is written to shows as Node's own error. */
const SOCKET_CODES = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_STREAM_DESTROYED']);

const WRITE_CONFLICT = 112;
const DUPLICATE_KEY = 11000;

/** Whether another transaction was quicker, so that running the work again can succeed. */
export function isLostRace(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  return error.code === DUPLICATE_KEY || error.code === WRITE_CONFLICT || error.hasErrorLabel('TransientTransactionError');
}

/** Whether a unique key was taken. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoError && error.code === DUPLICATE_KEY;
}

/**
 * What may leave the store in place of a driver's error. The driver's messages quote the values of keys, and those are personal data:
 * only codes and class names are kept. MongoDB being away is UNAVAILABLE; errors of the caller's own pass as they are.
 */
export function storeFailure(thrown: unknown): unknown {
  const error = unwrapped(thrown);
  // Not `instanceof Error`: an error of Node's own sockets may come from another realm.
  if (!types.isNativeError(error) || error instanceof FirsthandError) return error;
  if (isAway(error)) return new FirsthandError('UNAVAILABLE', `MongoDB does not answer (${describe(error)}).`, [], { retryAfterSeconds: 1 });
  if (isLostRace(error)) return new FirsthandError('CONFLICT', `Others kept writing the same rows (${describe(error)}).`);
  if (error instanceof MongoError || error.name.startsWith('BSON')) return new FirsthandError('INTERNAL', `MongoDB refused the operation (${describe(error)}).`);
  return error;
}

/** A bulk write dresses up whatever happened to it. */
function unwrapped(error: unknown): unknown {
  return error instanceof MongoBulkWriteError && error.errorResponse instanceof Error ? error.errorResponse : error;
}

function isAway(error: Error): boolean {
  if (AWAY.some((kind) => error instanceof kind) || ('code' in error && SOCKET_CODES.has(error.code))) return true;
  return error instanceof MongoError && (AWAY_CODES.has(error.code) || error.hasErrorLabel('RetryableWriteError'));
}

function describe(error: Error): string {
  if (error instanceof MongoServerError) return `code ${String(error.code)} ${error.codeName ?? ''}`.trim();
  return error instanceof MongoError && error.code !== undefined ? `${error.name} code ${String(error.code)}` : error.name;
}
