import type { MappingPart } from '@firsthand/domain';
import type { Fields } from './fields.js';

/**
 * The mapping that a destination's fields suggest by their `from`: what a connection starts with.
 *
 * @example defaultMapping({ email: email('Email', { from: '{{profile.email}}' }) }) // { email: '{{profile.email}}' }
 */
export function defaultMapping(fields: Fields): MappingPart {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, { from }]) => (from === undefined ? [] : [[name, from]])));
}
