import type { Dictionary, DictionaryField } from '../../canonical/dictionary.js';
import type { JsonObject, JsonValue } from '../../json.js';
import type { CompiledMapping, MappingValue } from '../mapping.js';
import { FIELD_SYNONYMS, LINE_LISTS, plainName } from './field-synonyms.js';
import { matchName, type RecordPart } from './match-name.js';
import { readLeaves, type RawLeaf, type RawList } from './raw-leaves.js';
import { currencyReference, suggestedValue, type ValueSurroundings } from './suggested-value.js';
import { templatePath } from './template-path.js';
import { shapeOf } from './value-shapes.js';

/** Why a target is proposed: the field is called like it, is called what others call it, or its value looks like it. */
export type SuggestionReason = 'name' | 'synonym' | 'shape';

/** A target that a field of a raw record could go to. Nothing is applied: a person confirms it. */
export interface MappingSuggestion {
  /** Path in the raw record. */
  source: string;
  /** A target of the dictionary; within a list, the name of a field of its elements. */
  target: string;
  /** What the mapping would say. */
  value: MappingValue;
  reason: SuggestionReason;
  /** The same for people, without the value. */
  because: string;
  /** 0 to 1. */
  confidence: number;
  /** Of a list: what its elements are made of. */
  parts?: MappingSuggestion[];
}

/** What suggestions are made by. */
export interface SuggestOptions {
  dictionary: Dictionary;
  /** ISO 3166-1 alpha-2: how national phone numbers are read, and in which currency amounts are where the record does not say. */
  defaultCountry?: string | undefined;
  /** A mapping that is there already: what it fills is not suggested again. */
  existing?: Pick<CompiledMapping, 'sources'> | undefined;
}

interface Candidate extends MappingSuggestion {
  /** One source serves one target of each kind. */
  kind: string;
}

const CORE: ReadonlySet<string> = new Set(['type', 'name', 'messageId', 'occurredAt']);
const CURRENCY_NAMES = FIELD_SYNONYMS['order.currency'] ?? [];
const ORDER_NAMES: ReadonlySet<string> = new Set([...(FIELD_SYNONYMS['order.orderId'] ?? []), 'order', 'orders', '订单']);

/**
 * Proposes what fields of a raw record could become, best first. Each target is one of the dictionary's and has one source at most; a source may
 * have an identity, a fact of the event and another field.
 *
 * @example suggestMapping({ mobile: '13912345678' }, { dictionary, defaultCountry: 'CN' })[0] // { source: 'mobile', target: 'identities.phone', value: '{{mobile}}', … }
 */
export function suggestMapping(raw: JsonValue, { dictionary, defaultCountry, existing }: SuggestOptions): MappingSuggestion[] {
  const { leaves, lists } = readLeaves(raw);
  const lineList = lists.find(({ keys }) => LINE_LISTS.has(plainName(keys.at(-1) ?? '')));
  const isOrder = lineList !== undefined || leaves.some(({ keys }) => keys.some((key) => ORDER_NAMES.has(plainName(key))));
  const around: ValueSurroundings = { defaultCountry, currency: currencyReference(leaves, CURRENCY_NAMES, defaultCountry) };
  const targets = dictionary.fields.filter(({ isTarget, type, path }) => isTarget && type !== 'object' && type !== 'objects' && !isWithinList(dictionary, path));
  const candidates = leaves.flatMap((leaf) => [...byName(leaf, targets, isOrder, around), ...byShape(leaf, dictionary, isOrder, around)]);
  const lines = lineList === undefined ? [] : suggestLines(lineList, leaves, { dictionary, defaultCountry }, isOrder ? 'order.lines' : 'properties.products');
  const taken = new Set(existing?.sources.keys());
  return pick([...candidates, ...lines], taken).map(({ kind: _, ...suggestion }) => suggestion);
}

function isWithinList(dictionary: Dictionary, path: string): boolean {
  const keys = path.split('.');
  return keys.some((_, index) => dictionary.field(keys.slice(0, index).join('.'))?.type === 'objects');
}

function byName(leaf: RawLeaf, targets: readonly DictionaryField[], isOrder: boolean, around: ValueSurroundings): Candidate[] {
  return targets.flatMap((field) => {
    const match = matchName(leaf.keys, field.path, isOrder);
    const value = match === undefined ? undefined : suggestedValue(field, leaf, around);
    return match === undefined || value === undefined ? [] : [candidate(leaf, field.path, value, match)];
  });
}

function byShape(leaf: RawLeaf, dictionary: Dictionary, isOrder: boolean, around: ValueSurroundings): Candidate[] {
  const shape = shapeOf(leaf.value, around.defaultCountry);
  return (shape?.targets ?? []).flatMap(([target, confidence]) => {
    const field = dictionary.field(target);
    if (shape === undefined || field === undefined || (partOf(target) === 'order' && !isOrder)) return [];
    const value = suggestedValue(field, leaf, around);
    return value === undefined ? [] : [candidate(leaf, target, value, { reason: 'shape', because: `The value looks like: ${shape.name}.`, confidence })];
  });
}

function partOf(target: string): RecordPart | undefined {
  return target.startsWith('order.') ? 'order' : undefined;
}

function candidate({ keys }: RawLeaf, target: string, value: MappingValue, { reason, because, confidence }: Pick<MappingSuggestion, 'reason' | 'because' | 'confidence'>): Candidate {
  const kind = target.startsWith('identities.') ? 'identity' : CORE.has(target) ? 'core' : 'field';
  return { source: keys.join('.'), target, value, reason, because, confidence, kind };
}

/** The products of an order: one list, and what its elements are made of. */
function suggestLines({ keys, items }: RawList, around: readonly RawLeaf[], { dictionary, defaultCountry }: SuggestOptions, target: string): Candidate[] {
  const list = templatePath(keys);
  if (list === undefined || dictionary.field(target)?.type !== 'objects') return [];
  const merged: JsonObject = Object.assign({}, ...[...items].reverse());
  const { leaves } = readLeaves(merged);
  const currency = currencyReference(leaves, CURRENCY_NAMES, undefined) ?? currencyReference(around, CURRENCY_NAMES, defaultCountry, '@root.');
  const fields = dictionary.fields.filter(({ path, type }) => path.startsWith(`${target}.`) && !path.slice(target.length + 1).includes('.') && type !== 'object' && type !== 'objects');
  const candidates = leaves.flatMap((leaf) => fields.flatMap((field) => {
    const name = field.path.slice(target.length + 1);
    const match = matchName(leaf.keys, `lines.${name}`, true);
    const value = match === undefined ? undefined : suggestedValue(field, leaf, { defaultCountry, currency });
    return match === undefined || value === undefined ? [] : [candidate(leaf, name, value, match)];
  }));
  const parts = pick(candidates, new Set()).map(({ kind: _, ...part }) => part);
  if (parts.length === 0) return [];
  const value = { $each: `{{${list}}}`, value: Object.fromEntries(parts.map((part) => [part.target, part.value])) };
  return [{ source: keys.join('.'), target, value, reason: 'synonym', because: `"${keys.at(-1) ?? ''}" is a common name for a list of products.`, confidence: 0.85, parts, kind: 'list' }];
}

/** The best first; no target twice, nor above or below one that is taken, and no source twice for one kind. */
function pick(candidates: readonly Candidate[], taken: ReadonlySet<string>): Candidate[] {
  const targets = new Set(taken);
  const used = new Set<string>();
  const picked: Candidate[] = [];
  for (const one of [...candidates].sort((a, b) => b.confidence - a.confidence || compare(a.target, b.target) || compare(a.source, b.source))) {
    const place = `${one.kind} ${one.source}`;
    if (used.has(place) || [...targets].some((target) => target === one.target || one.target.startsWith(`${target}.`) || target.startsWith(`${one.target}.`))) continue;
    targets.add(one.target);
    used.add(place);
    picked.push(one);
  }
  return picked;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
