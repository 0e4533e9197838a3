import type { Connection, mongo } from 'mongoose';
import { registerModels } from './register-models.js';

/** Creates the collections and indexes of all models that are not there yet. Old ones stay: a migration drops what nobody needs any more. */
export async function createCollections(connection: Connection): Promise<void> {
  // Nothing else needs them, and eighty take as long as connecting.
  if (Object.keys(connection.models).length === 0) registerModels(connection);
  await Promise.all(Object.values(connection.models).map(async (model) => {
    await model.createCollection();
    const indexes = model.schema.indexes().map(([key, options]) => ({ ...options, key })) as mongo.IndexDescription[];
    // All of a collection in one command; mongoose would send one for each.
    if (indexes.length > 0) await model.collection.createIndexes(indexes);
  }));
}
