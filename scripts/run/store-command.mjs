const CANNOT_TELL = 2;
/** The database of `npm start`. */
const OWN_MONGODB = 'mongodb://127.0.0.1:27117/firsthand?replicaSet=rs0';

/**
 * Runs a command of the built host on the database of MONGODB_URI and FIRSTHAND_DATABASE, without a host. It ends with the code that `work` gives, and with 2 when it could not tell.
 * @param {(place: { mongodbUri: string, database: string | undefined, print: (line: string) => void }) => Promise<number>} work imports what it needs of the build by itself
 */
export async function runStoreCommand(work) {
  try {
    process.exitCode = await work({ mongodbUri: process.env.MONGODB_URI || OWN_MONGODB, database: process.env.FIRSTHAND_DATABASE || undefined, print: (line) => console.log(line) });
  } catch (error) {
    const wayOut = error.code === 'UNAVAILABLE' ? ` ${process.env.MONGODB_URI ? 'Look at MONGODB_URI' : 'MONGODB_URI is not set: set it, or run npm start, whose database is used then'}.` : '';
    console.error(`CANNOT TELL: ${error.code === 'ERR_MODULE_NOT_FOUND' ? 'build first: npm run build' : `${error.message}${wayOut}`}`);
    process.exitCode = CANNOT_TELL;
  }
}
