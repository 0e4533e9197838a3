import mongoose from 'mongoose';

/** Drops the databases that the specs of a run have left to each other: `MONGODB_URI` may be a server that stays. */
export default async function dropDatabases() {
  if (!process.env.MONGODB_URI) return;
  const client = await mongoose.mongo.MongoClient.connect(process.env.MONGODB_URI);
  const pool = client.db('test_pool');
  for (const { _id: name } of await pool.collection('free').find({}).toArray()) await client.db(name).dropDatabase();
  await pool.dropDatabase();
  await client.close();
}
