import './run/check-node.mjs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compilerOf } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { rootDir } from './run/paths.mjs';
import { runCommand } from './run/run-command.mjs';
import { runScript } from './run/run-script.mjs';
import { summarise } from './testing/fault-summary.mjs';
import { makeTestDir } from './testing/temp-dir.mjs';

const { values: options, positionals } = parseArgs({ options: { seeds: { type: 'string', default: '50' }, from: { type: 'string', default: '1' } }, allowPositionals: true });

/**
 * `npm run test:faults [-- --seeds N --from N spec...]`: the fault specs again and again, each time with another seed and with more crashes than `npm test` has time for. A spec that chooses nothing by the
 * seed runs with the first one. One spec at a time: times are promised too, and other specs beside would be measured along.
 * It goes on after a failure, and names the seeds that failed at its end: `FIRSTHAND_TEST_SEED=<seed> npm test -- test/faults` repeats one.
 */
await runScript(async ({ signal, defer, log }) => {
  await ensureInstalled({ rootDir, signal, log });
  const { exitCode } = await runCommand(process.execPath, [compilerOf(rootDir), '-b'], { cwd: rootDir, signal });
  if (exitCode !== 0) return exitCode;
  const report = join(makeTestDir({ defer }), 'measured.jsonl');
  const seeds = Array.from({ length: Number(options.seeds) }, (_, index) => Number(options.from) + index);
  const failed = [];
  for (const seed of seeds) {
    log(`seed ${seed}, ${seeds.indexOf(seed) + 1} of ${seeds.length}`);
    const env = { ...process.env, FIRSTHAND_TEST_SEED: String(seed), FIRSTHAND_FAULTS: 'long', FIRSTHAND_FAULTS_REPORT: report };
    const run = await runCommand(process.execPath, [join(rootDir, 'scripts/test.mjs'), '--runInBand', ...specsFor(seed)], { cwd: rootDir, env, signal });
    if (run.exitCode !== 0) failed.push(seed);
  }
  for (const line of summarise(existsSync(report) ? readFileSync(report, 'utf8') : '')) log(line);
  log(failed.length === 0 ? `all ${seeds.length} seeds passed` : `${failed.length} of ${seeds.length} seeds failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});

function specsFor(seed) {
  if (positionals.length > 0) return positionals;
  return seed === Number(options.from) ? ['test/faults'] : readdirSync(join(rootDir, 'test/faults')).filter((name) => name.endsWith('.spec.ts')).map((name) => `test/faults/${name}`).filter((path) => readFileSync(join(rootDir, path), 'utf8').includes('fault-seed.js'));
}
