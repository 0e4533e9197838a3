import './run/check-node.mjs';
import { parseArgs } from 'node:util';

const CANNOT_TELL = 2;

/**
 * `npm run workspace:new -- --id ID --owner EMAIL [--name NAME]`: makes a further workspace, with its owner, in the database of MONGODB_URI.
 * Ends with 0 when it is made, 1 when it is refused, 2 when it could not tell.
 */
try {
  const { values } = parseArgs({ options: { id: { type: 'string' }, owner: { type: 'string' }, name: { type: 'string' } } });
  // The host is running or was built before.
  const { workspaceCommand } = await import('../apps/host/dist/boot/workspace-command.js');
  process.exitCode = await workspaceCommand({
    ...values,
    mongodbUri: process.env.MONGODB_URI || 'mongodb://127.0.0.1:27117/firsthand?replicaSet=rs0',
    database: process.env.FIRSTHAND_DATABASE || undefined,
    print: (line) => console.log(line),
  });
} catch (error) {
  const wayOut = error.code === 'UNAVAILABLE' ? ` ${process.env.MONGODB_URI ? 'Look at MONGODB_URI' : 'MONGODB_URI is not set: set it, or run npm start, whose database is used then'}.` : '';
  console.error(`CANNOT TELL: ${error.code === 'ERR_MODULE_NOT_FOUND' ? 'build first: npm run build' : `${error.message}${wayOut}`}`);
  process.exitCode = CANNOT_TELL;
}
