import mongoose from 'mongoose';

/** The database that names those which no spec is in, of all processes of a run. `test/support/empty-databases.ts` takes from it and gives back. */
export const FREE_DATABASES = 'test_pool';

/**
 * Drops the databases that the specs of a run have left to each other, from a server that stays.
 * @param {string} uri
 */
export async function dropDatabases(uri) {
  const client = await mongoose.mongo.MongoClient.connect(uri);
  const pool = client.db(FREE_DATABASES);
  for (const { _id: name } of await pool.collection('free').find({}).toArray()) await client.db(name).dropDatabase();
  await pool.dropDatabase();
  await client.close();
}
