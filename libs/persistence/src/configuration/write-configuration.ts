import { FirsthandError } from '@firsthand/domain';
import mongoose from 'mongoose';
import { storeKey } from '../store/store-key.js';
import { CONFIGURATION_KINDS, type ConfigurationKind, type Configured, type StoredConfigured } from './configuration-kinds.js';
import type { ConfigurationScope } from './configuration-scope.js';
import { collectionOf, configured, readOne, sessionOf, versionsOf } from './read-configuration.js';

/** A document of MongoDB takes no more. */
const MAX_BYTES = 16 * 1024 * 1024;

export async function createOne<T>(scope: ConfigurationScope, kind: ConfigurationKind, workspaceId: string, id: string, content: T, at: number): Promise<Configured<T>> {
  const stored = storedConfiguration({ id, workspaceId, version: 1, createdAt: at, updatedAt: at, content });
  // Asked beforehand, for a duplicate key would run the whole transaction again.
  const taken = await collectionOf(scope, kind).findOne({ _id: stored._id }, { projection: { _id: 1 }, ...sessionOf(scope) });
  if (taken !== null) throw new FirsthandError('CONFLICT', 'This id is taken.');
  await collectionOf(scope, kind).insertOne(stored, sessionOf(scope));
  await growVersion(scope, kind, workspaceId);
  return configured(stored);
}

export async function updateOne<T>(
  scope: ConfigurationScope, kind: ConfigurationKind, workspaceId: string, id: string, ifMatchVersion: number, content: T, at: number,
): Promise<Configured<T>> {
  const current = await readOne(scope, kind, workspaceId, id);
  assertVersion(current, ifMatchVersion);
  return replace(scope, kind, { ...current, version: current.version + 1, updatedAt: at, content });
}

export async function putOne<T>(scope: ConfigurationScope, kind: ConfigurationKind, workspaceId: string, id: string, content: T, at: number): Promise<Configured<T>> {
  const current = await collectionOf(scope, kind).findOne({ _id: storeKey(workspaceId, id) }, sessionOf(scope));
  if (current === null) return createOne(scope, kind, workspaceId, id, content, at);
  return replace(scope, kind, { ...configured(current), version: current.version + 1, updatedAt: at, content });
}

export async function deleteOne(scope: ConfigurationScope, kind: ConfigurationKind, workspaceId: string, id: string, ifMatchVersion: number): Promise<void> {
  assertVersion(await readOne(scope, kind, workspaceId, id), ifMatchVersion);
  await collectionOf(scope, kind).deleteOne({ _id: storeKey(workspaceId, id) }, sessionOf(scope));
  await growVersion(scope, kind, workspaceId);
}

function assertVersion({ version }: Configured, ifMatchVersion: number): void {
  if (version !== ifMatchVersion) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${version}.`);
}

/** The transaction's snapshot guards it: a write in between is a conflict, and the work runs again. */
async function replace<T>(scope: ConfigurationScope, kind: ConfigurationKind, next: Configured<T>): Promise<Configured<T>> {
  const { _id, ...stored } = storedConfiguration(next);
  await collectionOf(scope, kind).replaceOne({ _id }, stored, sessionOf(scope));
  await growVersion(scope, kind, next.workspaceId);
  return next;
}

/**
 * A document of the configuration as it is stored. Versions of flows and agreements lie in one document, for their runs and consents: there is a last one.
 *
 * @throws FirsthandError `CONFIGURATION_TOO_LARGE` for one that cannot be kept
 * @example storedConfiguration({ id: 'terms', workspaceId, version: 2, createdAt, updatedAt, content })
 */
export function storedConfiguration(row: Configured): StoredConfigured {
  const stored: StoredConfigured = { _id: storeKey(row.workspaceId, row.id), schemaVersion: 1, ...row };
  const bytes = mongoose.mongo.BSON.calculateObjectSize(stored);
  if (bytes > MAX_BYTES) throw new FirsthandError('CONFIGURATION_TOO_LARGE', `It would take ${Math.ceil(bytes / 1024 / 1024)} MB with all its versions; 16 MB can be kept.`);
  return stored;
}

async function growVersion(scope: ConfigurationScope, kind: ConfigurationKind, workspaceId: string): Promise<void> {
  if (!CONFIGURATION_KINDS[kind].isInSnapshot) return;
  await versionsOf(scope).updateOne({ _id: workspaceId }, { $inc: { version: 1 }, $setOnInsert: { schemaVersion: 1, workspaceId } }, { upsert: true, ...sessionOf(scope) });
}
