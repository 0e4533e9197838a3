import './run/check-node.mjs';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * The configuration of a workspace as files, one per document, over the REST API with the key in FIRSTHAND_API_KEY:
 * - `npm run config:export -- --to FOLDER [--url URL]` writes `<kind>/<id>.json`, and `left-out.json` with the names of the secrets that are in none of them
 * - `npm run config:import -- --from FOLDER [--dry-run] [--keep-others] [--secrets FILE] [--stored-values convert|drop|keep] [--url URL]`
 * Ends with 0 when it is done, 1 when it is refused, 2 when it could not tell.
 */
const [, , verb, ...rest] = process.argv;
const { values: options } = parseArgs({
  args: rest,
  options: { url: { type: 'string' }, to: { type: 'string' }, from: { type: 'string' }, 'dry-run': { type: 'boolean' }, 'keep-others': { type: 'boolean' }, secrets: { type: 'string' }, 'stored-values': { type: 'string' } },
});
const LEFT_OUT = 'left-out.json';
let documentKinds = [];

try {
  ({ DOCUMENT_KINDS: documentKinds } = await import('../apps/host/dist/admin/configuration-files/configuration-documents.js'));
  process.exitCode = verb === 'export' ? await exportTo(needed('to')) : await importFrom(needed('from'));
} catch (error) {
  console.error(`CANNOT TELL: ${error.code === 'ERR_MODULE_NOT_FOUND' ? 'build first: npm run build' : error.message}`);
  process.exitCode = 2;
}

async function exportTo(folder) {
  const answer = await call('GET', '');
  if (answer.status !== 200) return refused(answer);
  const { documents, leftOut } = answer.body;
  mkdirSync(folder, { recursive: true });
  // What is gone must not come back with the next import.
  for (const file of filesIn(folder)) rmSync(file.path);
  for (const { kind, id, content } of documents) write(join(folder, kind, `${encodeURIComponent(id)}.json`), content);
  write(join(folder, LEFT_OUT), leftOut);
  console.log(`${documents.length} documents; ${leftOut.length} connections have secrets that are in none of them: ${LEFT_OUT} names them.`);
  return 0;
}

async function importFrom(folder) {
  const documents = filesIn(folder).map(({ kind, id, path }) => ({ kind, id, content: read(path) }));
  // What is in no file is deleted: a folder that is misspelled would take everything away.
  if (documents.length === 0) throw new Error(`${folder} holds no documents, <kind>/<id>.json as config:export writes them`);
  const answer = await call('POST', options['dry-run'] ? '?dryRun=true' : '', {
    documents, deletesOthers: options['keep-others'] !== true, ...(options.secrets === undefined ? {} : { secrets: read(options.secrets) }), ...(options['stored-values'] === undefined ? {} : { storedValues: options['stored-values'] }),
  });
  if (answer.status !== 200) return refused(answer);
  const { changes } = options['dry-run'] ? answer.body.wouldAnswer.body : answer.body;
  for (const { kind, id, change, fields } of changes) console.log([`${change} ${kind}/${id}`, ...fields.map((field) => `  ${field}`)].join('\n'));
  console.log(`${changes.length} ${changes.length === 1 ? 'change' : 'changes'}${options['dry-run'] ? '; nothing was done' : ''}.`);
  return 0;
}

function refused({ status, body }) {
  console.error(`REFUSED: ${status} ${body.code ?? ''} ${body.detail ?? body.title ?? ''}`);
  for (const { path, message } of body.errors ?? []) console.error(`${path}: ${message}`);
  return 1;
}

async function call(method, query, body) {
  const { FIRSTHAND_API_KEY: key } = process.env;
  if (!key) throw new Error('set FIRSTHAND_API_KEY');
  const url = options.url ?? 'http://127.0.0.1:3000';
  const response = await fetch(`${url}/admin/v1/configuration${query}`, {
    method, headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(({ cause }) => { throw new Error(`${url} does not answer (${cause?.code ?? 'no code'}): start the host, or name it by --url`); });
  return { status: response.status, body: await response.json() };
}

/** The files of documents in a folder; whatever else lies there is passed over. */
function filesIn(folder) {
  return documentKinds.filter((kind) => existsSync(join(folder, kind))).flatMap((kind) => readdirSync(join(folder, kind)).filter((name) => name.endsWith('.json')).sort()
    .map((name) => ({ kind, id: decodeURIComponent(name.slice(0, -'.json'.length)), path: join(folder, kind, name) })));
}

function write(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function needed(name) {
  if (options[name] === undefined) throw new Error(`name a folder: --${name} FOLDER`);
  return options[name];
}
