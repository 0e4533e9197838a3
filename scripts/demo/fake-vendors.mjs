import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compilerOf } from '../build.mjs';
import { OperatorError } from '../run/operator-error.mjs';
import { rootDir } from '../run/paths.mjs';
import { runCommand } from '../run/run-command.mjs';
import { startFakeStore } from './fake-store.mjs';

const folder = join(rootDir, 'test/support');

/**
 * Starts a fake CRM, a fake ad tool and a fake store on this machine. The first two are those of the tests: each refuses what its vendor refuses, and keeps what it is sent.
 * @returns {Promise<{ crm: object, adTool: object, store: object, close: () => Promise<void> }>} see `startFakeHubspot` and `startFakeMeta` in test/support, and `startFakeStore`
 * @throws {OperatorError} when they do not compile
 */
export async function startFakeVendors() {
  const { exitCode, output } = await runCommand(process.execPath, [compilerOf(rootDir), '-b', folder], { cwd: rootDir, capture: true });
  if (exitCode !== 0) throw new OperatorError(`the fake vendors do not compile: ${output.split('\n')[0]}`);
  const [{ startFakeHubspot }, { startFakeMeta }, { startVendorServer }] = await Promise.all(['fake-hubspot.js', 'fake-meta.js', 'vendor-server.js'].map((file) => import(pathToFileURL(join(folder, 'dist', file)).href)));
  const [crm, adTool, store] = await Promise.all([startFakeHubspot(), startFakeMeta(), startFakeStore(startVendorServer)]);
  return { crm, adTool, store, close: async () => void (await Promise.all([crm.close(), adTool.close(), store.close()])) };
}
