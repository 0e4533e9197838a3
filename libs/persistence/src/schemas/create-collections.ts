import type { Connection } from 'mongoose';

/** Creates the collections and indexes of all models that are not there yet. Old ones stay: a migration drops what nobody needs any more. */
export async function createCollections(connection: Connection): Promise<void> {
  await Promise.all(Object.values(connection.models).map(async (model) => {
    await model.createCollection();
    await model.createIndexes();
  }));
}
