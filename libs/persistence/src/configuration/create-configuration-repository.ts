import type { Connection } from 'mongoose';
import { runTransaction } from '../transaction/run-transaction.js';
import { storeFailure } from '../store/store-failure.js';
import type { ConfigurationRepository } from './configuration-repository.js';
import type { ConfigurationScope } from './configuration-scope.js';
import { readAll, readList, readOne, readVersions } from './read-configuration.js';
import { createOne, deleteOne, putOne, updateOne } from './write-configuration.js';

/** The repository retries a lost race this often; a taken unique key stays taken. */
const ATTEMPTS = 4;

/**
 * The configuration on MongoDB. Every write of a kind in the snapshot grows the workspace's version in the same transaction: no process
 * can see the new version and read the old configuration.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example
 * const repository = createConfigurationRepository(connection);
 * const segment = await repository.create('segments', workspaceId, 'vip', { name: 'VIP', ... }, Date.now());
 * await repository.update('segments', workspaceId, 'vip', segment.version, { ...segment.content, name: 'Very VIP' }, Date.now());
 */
export function createConfigurationRepository(connection: Connection): ConfigurationRepository {
  const client = connection.getClient();
  const db = client.db(connection.name);
  const atomic = <R>(work: (scope: ConfigurationScope) => Promise<R>) => runTransaction(client, (session) => work({ db, session }), ATTEMPTS);
  return repositoryOf({ db, session: undefined }, atomic);
}

function repositoryOf(scope: ConfigurationScope, atomic: <R>(work: (scope: ConfigurationScope) => Promise<R>) => Promise<R>): ConfigurationRepository {
  const told = async <R>(work: Promise<R>) => {
    try {
      return await work;
    } catch (error) {
      // Inside a transaction the driver's error has to reach the loop that runs it again.
      throw scope.session === undefined ? storeFailure(error) : error;
    }
  };
  return {
    list: (kind, workspaceId, page = {}) => told(readList(scope, kind, workspaceId, page)),
    get: (kind, workspaceId, id) => told(readOne(scope, kind, workspaceId, id)),
    create: (kind, workspaceId, id, content, at) => atomic((inner) => createOne(inner, kind, workspaceId, id, content, at)),
    update: (kind, workspaceId, id, version, content, at) => atomic((inner) => updateOne(inner, kind, workspaceId, id, version, content, at)),
    put: (kind, workspaceId, id, content, at) => atomic((inner) => putOne(inner, kind, workspaceId, id, content, at)),
    delete: (kind, workspaceId, id, version) => atomic((inner) => deleteOne(inner, kind, workspaceId, id, version)),
    readVersions: () => told(readVersions(scope)),
    readAll: (workspaceId) => atomic((inner) => readAll(inner, workspaceId)),
    transaction: (work) => atomic((inner) => work(repositoryOf(inner, (nested) => nested(inner)), inner.session)),
  };
}
