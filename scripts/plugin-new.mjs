import './run/check-node.mjs';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runNpm } from './install.mjs';
import { generatePlugin, withPluginReference } from './plugin/generate-plugin.mjs';
import { problemWithPluginId } from './plugin/plugin-id.mjs';
import { OperatorError } from './run/operator-error.mjs';
import { rootDir } from './run/paths.mjs';
import { runScript } from './run/run-script.mjs';

const usage = 'Usage: npm run plugin:new -- acme-shop [--out <folder>]';

await runScript(newPlugin);

/** `npm run plugin:new -- <id>`: a new plugin from the template, linked into the workspace unless it goes to another folder. */
async function newPlugin({ signal, log }) {
  const { id, out } = readArguments();
  const problem = problemWithPluginId(id, rootDir);
  if (problem) throw new OperatorError(`${problem}. ${usage}`, 2);

  const targetDir = out ? join(resolve(out), id) : join(rootDir, 'plugins', id);
  if (existsSync(targetDir)) throw new OperatorError(`${targetDir} exists already. Choose another id or folder.`, 2);
  const files = generatePlugin({ id, templateDir: join(rootDir, 'templates/plugin'), targetDir });
  log(`wrote ${files.length} files to ${out ? targetDir : `plugins/${id}`}: ${files.join(', ')}`);
  if (out) {
    log(`they are to look at: a plugin builds in plugins/ of a checkout, where npm run plugin:new -- ${id} puts and links it`);
    return 0;
  }

  const tsconfig = join(rootDir, 'tsconfig.json');
  writeFileSync(tsconfig, withPluginReference(readFileSync(tsconfig, 'utf8'), id));
  log('linking the new package into the workspace (npm install)');
  const exitCode = await runNpm(['install', '--include=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], { rootDir, signal });
  if (exitCode !== 0) throw new OperatorError('npm install failed; its own message is above. The files are written; run npm install again.', exitCode);
  console.log(nextSteps(id));
  return 0;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
    if (positionals.length > 1) throw new OperatorError(`one plugin at a time. ${usage}`, 2);
    return { id: positionals[0], out: values.out };
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${error.message.split('.')[0]}. ${usage}`, 2);
  }
}

function nextSteps(id) {
  const steps = [
    [`npm test -- plugins/${id}`, 'its spec passes as it is'],
    [`edit plugins/${id}/src`, 'settings, sources, destinations'],
    ['npm start', 'the host finds the plugin at boot; GET /admin/v1/plugins lists it'],
  ];
  const width = Math.max(...steps.map(([step]) => step.length)) + 3;
  return ['', '  Next:', ...steps.map(([step, why]) => `    ${step.padEnd(width)}${why}`), ''].join('\n');
}
