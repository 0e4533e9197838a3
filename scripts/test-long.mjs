import './run/check-node.mjs';
import { join } from 'node:path';
import { rootDir } from './run/paths.mjs';
import { runCommand } from './run/run-command.mjs';
import { runScript } from './run/run-script.mjs';

/**
 * `npm run test:long`: the histories of consents, events, crashes and sends, of systems that are kept equal and of links between identities (test/model), many more of them than `npm test` has
 * time for, and every hostile request to every route. It says its seed: `FIRSTHAND_TEST_SEED=<seed> npm run test:long` repeats it. `FIRSTHAND_HISTORIES` and `FIRSTHAND_SERVER_HISTORIES`, the same of `FIRSTHAND_SYNC_`, and `FIRSTHAND_LINK_HISTORIES` ask for other numbers.
 */
await runScript(async ({ signal, log }) => {
  const { FIRSTHAND_TEST_SEED: seed = String(Math.floor(Math.random() * 1_000_000)), FIRSTHAND_HISTORIES = '200000', FIRSTHAND_SERVER_HISTORIES = '5000', FIRSTHAND_SYNC_HISTORIES = '20000', FIRSTHAND_SYNC_SERVER_HISTORIES = '1000', FIRSTHAND_LINK_HISTORIES = '20000' } = process.env;
  log(`${FIRSTHAND_HISTORIES} histories in memory and ${FIRSTHAND_SERVER_HISTORIES} on real servers; FIRSTHAND_TEST_SEED=${seed} repeats them`);
  const env = { ...process.env, FIRSTHAND_TEST_SEED: seed, FIRSTHAND_HISTORIES, FIRSTHAND_SERVER_HISTORIES, FIRSTHAND_SYNC_HISTORIES, FIRSTHAND_SYNC_SERVER_HISTORIES, FIRSTHAND_LINK_HISTORIES, FIRSTHAND_HOSTILE: 'all' };
  const { exitCode } = await runCommand(process.execPath, [join(rootDir, 'scripts/test.mjs'), '--runInBand', 'test/model', 'test/e2e/hostile-input'], { cwd: rootDir, env, signal });
  return exitCode;
});
