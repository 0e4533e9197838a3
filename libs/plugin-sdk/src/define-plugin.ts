import type { Fields } from './fields.js';
import type { PluginDefinition } from './plugin.js';

/**
 * Declares a plugin: the default export of its package. Takes the definition and gives it back as it is; the host checks it at boot.
 *
 * @example export default definePlugin({ id: 'acme-shop', version: '1.0.0', name: 'Acme Shop', description: 'Orders.', channel: 'store', sdk: '^0.1.0', settings, sources, destinations });
 */
export function definePlugin<F extends Fields>(definition: PluginDefinition<F>): PluginDefinition<F> {
  return definition;
}
