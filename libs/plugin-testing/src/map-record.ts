import { canonicalise, compileMapping, createDictionary, deriveMessageId, type CanonicaliseResult } from '@firsthand/domain';
import type { JsonObject, JsonValue, SourceDefinition } from '@firsthand/plugin-sdk';

const dictionary = createDictionary();

/**
 * Maps and checks one raw record of a source as the host does, for cases of a plugin's own. Gives the canonical record, or the error it is
 * quarantined with. `now` is epoch ms; default 2030-01-01.
 *
 * @throws FirsthandError `INVALID_MAPPING`
 * @example mapRecord(plugin.sources['order-paid'], raw, { country: 'DE' }).record?.order
 */
export function mapRecord(source: Pick<SourceDefinition, 'mapping'>, raw: JsonValue, settings: JsonObject = {}, now = Date.UTC(2030, 0, 1)): CanonicaliseResult {
  const mapping = compileMapping(source.mapping, { targets: dictionary.isTarget });
  const tree = mapping.apply(raw, { settings, receivedAt: new Date(now).toISOString(), connectionId: 'connection-1' });
  return canonicalise(tree, { dictionary, receivedAt: now, derivedMessageId: () => deriveMessageId(raw) });
}
