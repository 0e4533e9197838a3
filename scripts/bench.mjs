import './run/check-node.mjs';
import { parseArgs } from 'node:util';
import { compilerOf } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { binaryDir, rootDir } from './run/paths.mjs';
import { runCommand } from './run/run-command.mjs';
import { runScript } from './run/run-script.mjs';
import { bringUpServers } from './servers/bring-up.mjs';
import { makeTestDir } from './testing/temp-dir.mjs';

const { values: options } = parseArgs({ options: { json: { type: 'string' }, events: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' } } });

/** `npm run bench [-- --json FILE --events N --rounds N]`: Firsthand beside a bare forwarder, on servers of its own. */
await runScript(async ({ signal, defer, log }) => {
  await ensureInstalled({ rootDir, signal, log });
  const { exitCode } = await runCommand(process.execPath, [compilerOf(rootDir), '-b'], { cwd: rootDir, signal });
  if (exitCode !== 0) return exitCode;
  const { mongoUri, redisUrl } = await bringUpServers({ dataDir: makeTestDir({ defer }), binDir: binaryDir(), signal, log, defer });
  // After the build: it imports what was built.
  const { bench, report } = await import('../test/bench/bench.mjs');
  const results = await bench({ mongoUri, redisUrl, events: Number(options.events), rounds: Number(options.rounds), root: rootDir, log });
  await report(results, options.json, (line) => console.log(line));
  return 0;
});
