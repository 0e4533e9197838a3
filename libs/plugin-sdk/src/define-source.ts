import type { Fields } from './fields.js';
import type { SourceDefinition } from './source.js';

/**
 * Declares a source. `settings` are the plugin's, given for their types alone: `verify`, `poll` and `fetch` see their values typed.
 * Gives the definition back as it is.
 *
 * @example export const orderPaid = defineSource(settings, { label: 'Order paid', trigger: webhook({ verify: hmacSha256({ header: 'x-acme-signature', encoding: 'hex', secret: (s) => s.secret }) }), …rest });
 */
export function defineSource<F extends Fields>(_settings: F, definition: SourceDefinition<F>): SourceDefinition<F> {
  return definition;
}
