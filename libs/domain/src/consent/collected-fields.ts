import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { Dictionary } from '../canonical/dictionary.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import type { Purpose } from './consent.js';
import { coversField } from './field-cover.js';

/** The parts of a record that hold data, by the path under which purposes name it, and the one under which the dictionary does. */
const PARTS = [
  ['profile', 'profile', 'profile'], ['properties', 'event.properties', 'properties'], ['order', 'event.order', 'order'], ['product', 'event.product', 'product'], ['store', 'event.store', 'store'], ['context', 'event.context', 'context'],
] as const;
const HOUR_MS = 3_600_000;

/** A record with what may be kept of it, and the paths of what was taken out. */
export interface CollectedRecord {
  record: CanonicalRecord;
  withoutBasis: string[];
}

/**
 * What may be kept of a record under these purposes: the fields that at least one of them covers (GDPR art. 5(1)(b) and (c): purpose limitation, data minimisation; PIPL art. 6).
 * Identities stay: they say whose decisions hold. A record of which nothing is taken out is given back as it is.
 *
 * @example keepCovered(record, [{ ...service, fields: ['event.order.*'] }]).withoutBasis // ['profile.birthday']
 */
export function keepCovered(record: CanonicalRecord, purposes: readonly Purpose[]): CollectedRecord {
  if (purposes.some(({ fields }) => fields.includes('*'))) return { record, withoutBasis: [] };
  const { record: kept, removed } = keepParts(record, (path) => purposes.some((purpose) => coversField(purpose, path)));
  return { record: kept, withoutBasis: removed };
}

/**
 * A record with the leaves of which a test says that they stay, by the paths under which purposes name them, and the paths of the others. One of which nothing is taken out is given back as it is.
 *
 * @example keepParts(record, (path) => path !== 'event.context.ip').removed
 */
export function keepParts(record: CanonicalRecord, isKept: (path: string) => boolean): { record: CanonicalRecord; removed: string[] } {
  const removed = new Set<string>();
  const kept = mapParts(record, (part, path) => strip(part, path, (leaf) => isKept(leaf) || !removed.add(leaf)));
  return { record: removed.size === 0 ? record : kept, removed: [...removed] };
}

/**
 * A record of nobody: what happened, to the hour, with the fields that the dictionary holds to say nothing of a person (class `none`).
 *
 * @param messageId in place of its own, by which its sender could find the person
 * @example anonymise(record, dictionary, 'k3j…').identities // []
 */
export function anonymise(record: CanonicalRecord, dictionary: Dictionary, messageId: string): CanonicalRecord {
  const { type, name, occurredAt } = record;
  const plain = mapParts(record, (part, path) => strip(part, path, (at) => dictionary.field(at)?.pii === 'none'), 2);
  return { ...plain, type, name, messageId, occurredAt: occurredAt - (occurredAt % HOUR_MS), identities: [], profile: {}, consents: {}, flags: [] };
}

function mapParts(record: CanonicalRecord, change: (part: JsonObject, path: string) => JsonObject, named: 1 | 2 = 1): CanonicalRecord {
  const changed = PARTS.flatMap((names) => {
    const part = record[names[0]];
    return part === undefined ? [] : [[names[0], change(part, names[named])]];
  });
  return { ...record, ...Object.fromEntries(changed) as Partial<CanonicalRecord> };
}

/** Without the leaves that are not kept; what is left empty by that goes too. Elements of lists are under the list's own path. */
function strip(tree: JsonObject, path: string, isKept: (path: string) => boolean): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(tree)) {
    const inner = stripValue(value, `${path}.${key}`, isKept);
    if (inner !== undefined) kept[key] = inner;
  }
  return kept;
}

function stripValue(value: JsonValue, path: string, isKept: (path: string) => boolean): JsonValue | undefined {
  if (Array.isArray(value) && value.some(isJsonObject)) {
    const inner = value.map((element) => stripValue(element, path, isKept)).filter((element) => element !== undefined);
    return inner.length === 0 && value.length > 0 ? undefined : inner;
  }
  if (!isJsonObject(value)) return isKept(path) ? value : undefined;
  const inner = strip(value, path, isKept);
  return Object.keys(inner).length === 0 && Object.keys(value).length > 0 ? undefined : inner;
}
