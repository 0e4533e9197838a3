import type { Fields } from './fields.js';

/**
 * The names of the settings that are secret: encrypted at rest, never shown, never logged.
 *
 * @example secretNames({ url: url('URL'), token: text('Token', { secret: true }) }) // ['token']
 */
export function secretNames(fields: Fields): string[] {
  return Object.keys(fields).filter((name) => fields[name]?.secret === true);
}
