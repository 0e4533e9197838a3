import { CONTEXT_WORDS, FIELD_SYNONYMS, plainName, VAGUE_NAMES } from './field-synonyms.js';

/** Which part of a record a field or a target belongs to. */
export type RecordPart = 'person' | 'order' | 'store';

/** How well a name fits a target. */
export interface NameMatch {
  reason: 'name' | 'synonym';
  because: string;
  /** 0 to 1, in hundredths. */
  confidence: number;
}

/** Names of the dictionary that mean something else when a raw record has them at its top. */
const BY_SYNONYM_ONLY: ReadonlySet<string> = new Set(['name']);
const ID_OF_ORDER = { reason: 'synonym', confidence: 0.6 } as const;
const PART_OF_TARGET: ReadonlyMap<string, RecordPart> = new Map([['identities', 'person'], ['profile', 'person'], ['order', 'order'], ['store', 'store']]);

/**
 * Compares the name of a raw field with that of a target: the same but for its writing, or one of its synonyms, alone or with its parent in front. The object that
 * the field lies in has to be about the same part of the record, if it is about any.
 *
 * @param isOrder whether the record is about an order, so that `total` is one's
 * @example matchName(['customer', 'e_mail'], 'identities.email', false)?.confidence // 0.98
 */
export function matchName(keys: readonly string[], target: string, isOrder: boolean): NameMatch | undefined {
  const last = keys.at(-1) ?? '';
  const parents = keys.slice(0, -1).map(plainName);
  const base = isIdOfOrder(keys, target, isOrder) ? ID_OF_ORDER : nameMatch(plainName(last), parents.at(-1) ?? '', target);
  if (base === undefined) return undefined;
  const part = PART_OF_TARGET.get(target.split('.', 1)[0] ?? '');
  const around = parents.map((parent) => CONTEXT_WORDS.get(parent)).findLast((found) => found !== undefined);
  const shift = around === undefined ? (part === 'order' && isOrder ? 0.04 : part === 'order' ? -0.2 : 0) : around === part ? 0.08 : part === undefined ? -0.1 : -0.4;
  const confidence = Math.round(Math.min(base.confidence + shift, 0.99) * 100) / 100;
  return confidence < 0.3 ? undefined : { reason: base.reason, because: because(base.reason, last, target), confidence };
}

/** At the top of an order, its id. */
function isIdOfOrder(keys: readonly string[], target: string, isOrder: boolean): boolean {
  return isOrder && target === 'order.orderId' && keys.length === 1 && plainName(keys[0] ?? '') === 'id';
}

function nameMatch(name: string, parent: string, target: string): { reason: 'name' | 'synonym'; confidence: number } | undefined {
  const steps = target.split('.');
  const own = plainName(steps.at(-1) ?? '');
  // What lies deep in the context (`context.page.title`) is meant by its name and its parent's.
  if (steps.length > 2 && steps[1] !== 'custom') return name === own && parent === plainName(steps.at(-2) ?? '') ? { reason: 'name', confidence: 0.85 } : undefined;
  const synonyms = FIELD_SYNONYMS[target] ?? [];
  const isLine = steps[0] === 'lines';
  if (name === own && !BY_SYNONYM_ONLY.has(target) && (isLine || !VAGUE_NAMES.has(name) || parent === steps[0])) return { reason: 'name', confidence: 0.9 };
  if (synonyms.includes(`${parent}${name}`) && parent !== '') return { reason: 'synonym', confidence: 0.82 };
  // The earlier a synonym stands, the more usual it is.
  const place = synonyms.indexOf(name);
  return place === -1 ? undefined : { reason: 'synonym', confidence: 0.8 - Math.min(place, 15) * 0.01 };
}

function because(reason: NameMatch['reason'], name: string, target: string): string {
  return reason === 'name' ? `"${name}" is called like ${target}.` : `"${name}" is a common name for ${target}.`;
}
