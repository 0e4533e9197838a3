import type { DestinationDefinition } from './destination.js';
import type { Fields } from './fields.js';

/**
 * Declares a destination. `settings` are the plugin's, given for their types alone: `send` and its like see `settings` typed from them and
 * `payload` typed from `fields`. Gives the definition back as it is.
 *
 * @example export const upsert = defineDestination(settings, { fields: { email: email('Email', { required: true }) }, async send({ settings, payload, http }) { … }, …rest });
 */
export function defineDestination<F extends Fields, P extends Fields>(_settings: F, definition: DestinationDefinition<F, P>): DestinationDefinition<F, P> {
  return definition;
}
