import type { Dictionary } from './dictionary.js';
import { nearestName } from './nearest-name.js';

const MONEY_PARTS: ReadonlySet<string> = new Set(['amountMinor', 'currency']);

/**
 * Why nothing can ever lie at a path of a canonical record: the dictionary has no such field, and what it does not have is kept of nobody. Null where something can: at a field, a
 * part of an amount of money, and an object or section that holds fields.
 *
 * @param path without places in lists, e.g. `order.lines.sku`
 * @example fieldMistake('order.totl', dictionary) // 'the dictionary has no `order.totl`: use `order.total`'
 */
export function fieldMistake(path: string, { field, fields }: Pick<Dictionary, 'field' | 'fields'>): string | null {
  if (field(path) !== undefined) return null;
  const dot = path.lastIndexOf('.');
  const part = path.slice(dot + 1);
  const whole = dot < 0 ? undefined : field(path.slice(0, dot));
  if (whole?.type === 'money' && MONEY_PARTS.has(part)) return null;
  if ((whole?.type === 'objects' || whole?.type === 'strings') && part === 'length') return null;
  const paths = fields.map((one) => one.path);
  if (paths.some((one) => one.startsWith(`${path}.`))) return null;
  const near = nearestName(path, paths);
  return `the dictionary has no \`${path}\`${near === undefined ? '' : `: use \`${near}\``}`;
}
