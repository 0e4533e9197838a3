import './run/check-node.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rootDir } from './run/paths.mjs';
import { loadSecrets } from './run/secrets.mjs';
import { runStoreCommand } from './run/store-command.mjs';

const dataDir = join(rootDir, '.firsthand');

const { values: options } = parseArgs({ options: { checkpoints: { type: 'string' }, jwks: { type: 'string' } } });

/**
 * `npm run evidence:verify [-- --checkpoints FILE --jwks FILE-OR-URL]`: verifies the chains of evidence and consents in the database of MONGODB_URI. The keys are
 * those of the file or address, else the one that the secrets give. Ends with 0 when all is whole, 1 when something is broken, 2 when it could not tell.
 */
await runStoreCommand(async (place) => {
  // The host is running or was built before: this reads what it was built to.
  const { verifyCommand } = await import('../apps/host/dist/evidence/verify-command.js');
  return verifyCommand({ ...place, checkpointFile: options.checkpoints ?? (process.env.FIRSTHAND_CHECKPOINT_FILE || kept(join(dataDir, 'checkpoints.jsonl'))), jwks: await readKeys() });
});

function kept(file) {
  return existsSync(file) ? file : undefined;
}

async function readKeys() {
  const from = options.jwks;
  if (from !== undefined) return JSON.parse(/^https?:/.test(from) ? await (await fetch(from)).text() : readFileSync(from, 'utf8'));
  const { createSigner, signingSeed } = await import('../libs/access/dist/index.js');
  const secretKey = process.env.FIRSTHAND_SECRET_KEY || (existsSync(join(dataDir, 'secrets.json')) ? loadSecrets({ file: join(dataDir, 'secrets.json') }).FIRSTHAND_SECRET_KEY : '');
  if (process.env.FIRSTHAND_SIGNING_KEY) return (await createSigner(Buffer.from(process.env.FIRSTHAND_SIGNING_KEY, 'base64'))).jwks;
  if (secretKey === '') return { keys: [] };
  return (await createSigner(signingSeed(Buffer.from(secretKey, 'base64')))).jwks;
}
