import { isSameJson, isJsonObject, pointerToken, type JsonObject, type JsonValue } from '@firsthand/domain';

/** The kinds of documents that a workspace's configuration is written as, each after those that it may refer to. */
export const DOCUMENT_KINDS = ['customEntities', 'customFields', 'customEvents', 'trackingPlans', 'connections', 'expectations', 'purposes', 'agreements', 'roles', 'mappings', 'segments', 'flows', 'syncRules', 'settings'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** The ids of the kind `settings`. */
export const SETTINGS_IDS = ['access', 'changes', 'flows', 'identity', 'ownership', 'reconcile', 'requests'] as const;
export type SettingsId = (typeof SETTINGS_IDS)[number];

/** One document: what the REST API would be told to make the thing. */
export interface ConfigurationDocument {
  kind: DocumentKind;
  id: string;
  content: JsonObject;
}

/** What becomes of one document. */
export interface DocumentChange {
  kind: DocumentKind;
  id: string;
  change: 'created' | 'changed' | 'deleted';
  /** JSON Pointers of what differs; empty for a document that comes or goes whole. */
  fields: string[];
}

/**
 * What has to change so that one configuration becomes the other, in the order of the kinds.
 *
 * @example diffDocuments(stored, wanted).filter(({ change }) => change === 'deleted')
 */
export function diffDocuments(before: readonly ConfigurationDocument[], after: readonly ConfigurationDocument[]): DocumentChange[] {
  const [from, to] = [byKey(before), byKey(after)];
  const changes = [...new Set([...from.keys(), ...to.keys()])].flatMap((key): DocumentChange[] => {
    const [old, next] = [from.get(key), to.get(key)];
    const { kind, id } = (next ?? old) as ConfigurationDocument;
    if (old === undefined) return [{ kind, id, change: 'created', fields: [] }];
    if (next === undefined) return [{ kind, id, change: 'deleted', fields: [] }];
    const fields = differences(old.content, next.content, '');
    return fields.length === 0 ? [] : [{ kind, id, change: 'changed', fields }];
  });
  return changes.sort((one, other) => DOCUMENT_KINDS.indexOf(one.kind) - DOCUMENT_KINDS.indexOf(other.kind) || (one.id < other.id ? -1 : 1));
}

function byKey(documents: readonly ConfigurationDocument[]): Map<string, ConfigurationDocument> {
  return new Map(documents.map((document) => [`${document.kind} ${document.id}`, document]));
}

/** Lists differ as a whole: their entries have no names. */
function differences(one: JsonValue | undefined, other: JsonValue | undefined, path: string): string[] {
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other || (one !== undefined && other !== undefined && isSameJson(one, other)) ? [] : [path];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort().flatMap((key) => differences(one[key], other[key], `${path}/${pointerToken(key)}`));
}

/** The same with the keys of every object in order, and without what is undefined: equal documents are equal texts. */
export function inOrder<T extends JsonValue>(value: T): T {
  if (Array.isArray(value)) return value.map(inOrder) as T;
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().flatMap((key) => (value[key] === undefined ? [] : [[key, inOrder(value[key])]]))) as T;
}
