import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from './operator-error.mjs';

const names = ['FIRSTHAND_SECRET_KEY', 'FIRSTHAND_TOKEN_SECRET'];

/**
 * Gives the key that encrypts stored secrets and the key that signs tokens: from the environment, else from the file,
 * which is written on the first start. Losing the file means losing every stored connector secret.
 * @param {{ file: string, env?: NodeJS.ProcessEnv }} options
 * @returns {{ FIRSTHAND_SECRET_KEY: string, FIRSTHAND_TOKEN_SECRET: string }} each 32 random bytes in base64, unless set by hand
 * @throws {OperatorError} when the file cannot be read as JSON
 */
export function loadSecrets({ file, env = process.env }) {
  const stored = existsSync(file) ? parse(file) : {};
  const missing = names.filter((name) => !env[name] && !stored[name]);
  if (missing.length > 0) {
    for (const name of missing) stored[name] = randomBytes(32).toString('base64');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 });
    // The mode above counts for a new file only.
    chmodSync(file, 0o600);
  }
  return Object.fromEntries(names.map((name) => [name, env[name] || stored[name]]));
}

function parse(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new OperatorError(`${file} is not readable as JSON. Restore it from a backup: the stored connector secrets can be read with its key only.`);
  }
}
