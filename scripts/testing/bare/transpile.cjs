const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const swc = require('@swc/core');

const cacheDir = join(__dirname, '../../../node_modules/.cache/specs');
mkdirSync(cacheDir, { recursive: true });

/** As the build has it: the decorators of the host are the old ones, with the types that Nest reads. */
const COMPILER = {
  module: { type: 'es6' },
  jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true }, transform: { legacyDecorator: true, decoratorMetadata: true }, keepClassNames: true },
};
const OPTIONS = { swcrc: false, configFile: false, sourceMaps: true, ...COMPILER };
const KEY = JSON.stringify([swc.version, OPTIONS]);

/**
 * A TypeScript source as JavaScript, from the cache of this checkout where it is in it.
 * @param {string} path absolute
 * @returns {{ code: string, mapPath: string }} `mapPath`: the file of its source map
 */
function transpile(path) {
  const source = readFileSync(path, 'utf8');
  const cached = join(cacheDir, createHash('sha1').update(`${KEY}\n${path}\n${source}`).digest('hex'));
  const [codePath, mapPath] = [`${cached}.js`, `${cached}.map`];
  if (existsSync(codePath)) return { code: readFileSync(codePath, 'utf8'), mapPath };
  const { code, map } = swc.transformSync(source, { ...OPTIONS, filename: path });
  write(mapPath, map);
  write(codePath, code);
  return { code, mapPath };
}

/** In one go: other processes read it meanwhile. */
function write(path, text) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

module.exports = { transpile, COMPILER };
