import { FirsthandError } from '@firsthand/domain';
import type { PluginDefinition } from '@firsthand/plugin-sdk';
import { checkedSettings } from './checked-settings.js';
import { testMapping } from './test-mapping.js';
import { testPoll } from './test-poll.js';
import { testSignature } from './test-signature.js';
import type { TestSourceOptions } from './test-source-options.js';

/**
 * Registers the conformance tests of one source, in Jest; no host is needed. They hold that
 * - the mapping compiles, and each fixture and the source's sample become the expected valid canonical records, with no flag but expected ones;
 * - records and message ids are the same each time, and no two records of one request share an id;
 * - a webhook takes a good signature and refuses one that is missing, wrong, truncated, of another secret, or stale, and a malformed body is a typed error;
 * - a poll reads to its end, resumes from its stored cursor, hands failures on and obeys an abort.
 *
 * @throws FirsthandError `UNKNOWN_PLUGIN` when the plugin has no such source, `INVALID_SETTINGS` when the settings do not fit.
 * @example testSource(plugin, 'order-paid', { settings: { secret: 's' }, fixtures: [{ body, expected: { name: 'Order Completed' } }], sign });
 */
export function testSource(plugin: PluginDefinition, sourceId: string, options: TestSourceOptions): void {
  const source = plugin.sources?.[sourceId];
  if (source === undefined) throw new FirsthandError('UNKNOWN_PLUGIN', `${plugin.id} has no source "${sourceId}".`);
  const subject = { plugin, source, settings: checkedSettings(plugin, options.settings), options: { now: Date.UTC(2030, 0, 1), ...options } };

  describe(`source ${plugin.id}.${sourceId}`, () => {
    testMapping(subject);
    if (source.trigger.kind === 'webhook') testSignature(subject, source.trigger);
    if (source.trigger.kind === 'poll') testPoll(subject, source.trigger);
  });
}
