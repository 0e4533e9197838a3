import './run/check-node.mjs';
import { parseArgs } from 'node:util';
import { runStoreCommand } from './run/store-command.mjs';

/**
 * `npm run workspace:new -- --id ID --owner EMAIL [--name NAME]`: makes a further workspace, with its owner, in the database of MONGODB_URI.
 * Ends with 0 when it is made, 1 when it is refused, 2 when it could not tell.
 */
await runStoreCommand(async (place) => {
  const { values } = parseArgs({ options: { id: { type: 'string' }, owner: { type: 'string' }, name: { type: 'string' } } });
  // The host is running or was built before.
  const { workspaceCommand } = await import('../apps/host/dist/boot/workspace-command.js');
  return workspaceCommand({ ...values, ...place });
});
