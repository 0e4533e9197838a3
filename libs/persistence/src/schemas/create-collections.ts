import type { Connection, mongo } from 'mongoose';

/** Creates the collections and indexes of all models that are not there yet. Old ones stay: a migration drops what nobody needs any more. */
export async function createCollections(connection: Connection): Promise<void> {
  await Promise.all(Object.values(connection.models).map(async (model) => {
    await model.createCollection();
    const indexes = model.schema.indexes().map(([key, options]) => ({ ...options, key })) as mongo.IndexDescription[];
    // All of a collection in one command; mongoose would send one for each.
    if (indexes.length > 0) await model.collection.createIndexes(indexes);
  }));
}
