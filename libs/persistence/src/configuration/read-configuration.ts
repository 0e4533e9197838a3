import { FirsthandError } from '@firsthand/domain';
import type { mongo } from 'mongoose';
import { storeKey } from '../store/store-key.js';
import { SNAPSHOT_KINDS, type ConfigurationKind, type Configured, type StoredConfigVersion, type StoredConfigured } from './configuration-kinds.js';
import type { ConfigurationContents, ConfigurationPage } from './configuration-repository.js';
import type { ConfigurationScope } from './configuration-scope.js';

const NO_LIMIT = 0;
/** The character after `|`: where the ids of a workspace end. */
const AFTER_SEPARATOR = '}';

/** The collection of a kind. */
export function collectionOf({ db }: ConfigurationScope, kind: ConfigurationKind): mongo.Collection<StoredConfigured> {
  return db.collection<StoredConfigured>(kind);
}

/** Configuration versions by workspace. */
export function versionsOf({ db }: ConfigurationScope): mongo.Collection<StoredConfigVersion> {
  return db.collection<StoredConfigVersion>('configVersions');
}

export async function readList<T>(scope: ConfigurationScope, kind: ConfigurationKind, workspaceId: string, page: ConfigurationPage): Promise<Configured<T>[]> {
  const { after, limit = NO_LIMIT, order = 'ascending', where = {}, only } = page;
  const [first, end] = [storeKey(workspaceId, ''), `${workspaceId}${AFTER_SEPARATOR}`];
  const from = after === undefined ? undefined : storeKey(workspaceId, after);
  const range = order === 'ascending' ? { $gt: from ?? first, $lt: end } : { $gt: first, $lt: from ?? end };
  const equal = Object.fromEntries(Object.entries(where).map(([path, value]) => [`content.${path}`, { $eq: value }]));
  const read = only === undefined ? {} : { projection: Object.fromEntries(['id', 'workspaceId', 'version', 'createdAt', 'updatedAt', ...only.map((field) => `content.${field}`)].map((field) => [field, 1])) };
  const found = await collectionOf(scope, kind)
    .find({ workspaceId, _id: range, ...equal }, { sort: { _id: order === 'ascending' ? 1 : -1 }, limit, ...read, ...sessionOf(scope) })
    .toArray();
  return found.map((stored) => configured<T>(stored));
}

export async function readOne<T>(scope: ConfigurationScope, kind: ConfigurationKind, workspaceId: string, id: string): Promise<Configured<T>> {
  const found = await collectionOf(scope, kind).findOne({ _id: storeKey(workspaceId, id) }, sessionOf(scope));
  if (found === null) throw new FirsthandError('NOT_FOUND');
  return configured<T>(found);
}

export async function readVersions(scope: ConfigurationScope): Promise<Map<string, number>> {
  const found = await versionsOf(scope).find({}, sessionOf(scope)).toArray();
  return new Map(found.map(({ workspaceId, version }) => [workspaceId, version]));
}

export async function readAll(scope: ConfigurationScope, workspaceId: string): Promise<ConfigurationContents> {
  const version = (await versionsOf(scope).findOne({ _id: workspaceId }, sessionOf(scope)))?.version ?? 0;
  const kinds = {} as ConfigurationContents['kinds'];
  // One after the other: a session takes one operation at a time.
  for (const kind of SNAPSHOT_KINDS) kinds[kind] = await readList(scope, kind, workspaceId, {});
  return { version, kinds };
}

export function configured<T>({ id, workspaceId, version, createdAt, updatedAt, content }: StoredConfigured): Configured<T> {
  return { id, workspaceId, version, createdAt, updatedAt, content: content as T };
}

/** The driver tells an absent session from one that is undefined. */
export function sessionOf({ session }: ConfigurationScope): { session?: mongo.ClientSession } {
  return session === undefined ? {} : { session };
}
