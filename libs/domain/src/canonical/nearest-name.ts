import { isOneEditApart } from './is-one-edit-apart.js';

/**
 * The name that was probably meant: the same one in other capitals, else one that is one edit apart; undefined where none is near.
 *
 * @example nearestName('Ordr Completed', ['Order Completed', 'Order Updated']) // 'Order Completed'
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const lower = name.toLowerCase();
  let near: string | undefined;
  for (const other of names) {
    const otherLower = other.toLowerCase();
    if (otherLower === lower) return other;
    if (near === undefined && isOneEditApart(otherLower, lower)) near = other;
  }
  return near;
}
