import type { PeopleMask } from '@firsthand/access';
import type { JsonValue } from '@firsthand/domain';
import type { StoredEvent } from '@firsthand/persistence';
import type { SourceConnection } from '@firsthand/pipeline';
import type { Explanation } from './explain-schema.js';

/** Which fields of the raw record gave which value, mapped once more by the version that mapped it; without values once the raw record is gone. */
export function explainMapping({ mappingVersion, receivedAt, connectionId }: StoredEvent, source: SourceConnection | undefined, raw: JsonValue | undefined, mask: PeopleMask): NonNullable<Explanation['mapping']> {
  if (source === undefined || source.mappingVersion !== mappingVersion) return { version: mappingVersion, isCurrent: false, fields: [] };
  const mapped = raw === undefined ? {} : source.mapping.apply(raw, { settings: source.publicSettings, receivedAt: new Date(receivedAt).toISOString(), connectionId });
  const fields = [...source.mapping.reads].flatMap(([target, reads]) => {
    const value = valueAt(mapped, target);
    return raw !== undefined && value === undefined ? [] : [{ target, reads: [...reads], value: (shown(mask, target, value) ?? null) as JsonValue }];
  });
  return { version: mappingVersion, isCurrent: true, fields };
}

function valueAt(tree: JsonValue, path: string): JsonValue | undefined {
  return path.split('.').reduce<JsonValue | undefined>((node, key) => (
    typeof node === 'object' && node !== null && !Array.isArray(node) && Object.hasOwn(node, key) ? node[key] : undefined), tree);
}

function shown(mask: PeopleMask, target: string, value: JsonValue | undefined): unknown {
  const [entity, namespace] = target.split('.', 2);
  return entity === 'identities' && namespace !== undefined && typeof value === 'string' ? mask.identity({ namespace, value }) : mask.value(target, value);
}
