import './run/check-node.mjs';
import { readFileSync } from 'node:fs';

const CANNOT_TELL = 2;

/**
 * `npm run dictionary:lint -- FILE...`: holds the names in dictionaries, exported documents and tracking plans (JSON) to the naming convention, to the built-in dictionary and to each
 * other. A line `file:path: message` for each that does not keep to it. Ends with 0 when all do, 1 when some do not, 2 when it could not tell.
 */
try {
  const { createDictionary, knownNames, lintVocabulary, readVocabulary } = await import('../libs/domain/dist/index.js');
  const files = process.argv.slice(2);
  if (files.length === 0) throw new Error('name at least one file');
  const terms = files.flatMap((file) => readVocabulary(read(file)).map((term) => ({ ...term, path: `${file}:${term.path}` })));
  const places = lintVocabulary(terms, knownNames(createDictionary()));
  for (const { path, message } of places) console.log(`${path}: ${message}`);
  console.log(`${terms.length} names in ${files.length} ${files.length === 1 ? 'file' : 'files'}: ${places.length === 0 ? 'all keep to the convention' : `${places.length} do not keep to it`}.`);
  process.exitCode = places.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`CANNOT TELL: ${error.code === 'ERR_MODULE_NOT_FOUND' ? 'build first: npm run build' : error.message}`);
  process.exitCode = CANNOT_TELL;
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${error.message}`, { cause: error });
  }
}
