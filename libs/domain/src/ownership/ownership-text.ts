import type { FieldOwnership } from './compile-ownership.js';
import { nameOfSource, type OwnershipSource } from './ownership-settings.js';

/**
 * Who is believed about a field, in one line for people.
 *
 * @example ownershipText(ownership.of('city')) // 'master channel:crm; then the newest'
 */
export function ownershipText({ policy, masters, proposers, refused, priority }: FieldOwnership): string {
  const order = priority.length === 0 ? '' : list(priority, ' > ');
  const parts = {
    'owner-first': [masters.length === 0 ? 'no master' : `master ${list(masters)}`, 'then the newest', ...(order === '' ? [] : [`then ${order}`])],
    newest: ['the newest', ...(order === '' ? [] : [`then ${order}`])],
    priority: [[...(masters.length === 0 ? [] : [list(masters)]), ...(order === '' ? [] : [order])].join(' > '), 'then the newest'],
  }[policy];
  return [...parts, ...(proposers === null ? [] : [`others who may write: ${list(proposers)}`]), ...(refused.length === 0 ? [] : [`may not write: ${list(refused)}`])].join('; ');
}

function list(sources: readonly OwnershipSource[], between = ', '): string {
  return sources.map(nameOfSource).join(between);
}
