import mongoose from 'mongoose';

/**
 * Drops the databases that the specs of a run have left to each other, from a server that stays.
 * @param {string} uri
 */
export async function dropDatabases(uri) {
  const client = await mongoose.mongo.MongoClient.connect(uri);
  const pool = client.db('test_pool');
  for (const { _id: name } of await pool.collection('free').find({}).toArray()) await client.db(name).dropDatabase();
  await pool.dropDatabase();
  await client.close();
}
