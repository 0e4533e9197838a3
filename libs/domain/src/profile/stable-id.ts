import { hash } from 'node:crypto';

/**
 * An id made from what it names, so that a repeated or crashed attempt makes the same one: the first 132 bits of a SHA-256
 * over the parts, base64url, 22 characters. Parts are kept apart and typed: `('a', 'bc')` and `('ab', 'c')`, `1` and `'1'`, all differ.
 * Put the workspace first.
 *
 * @example stableId(workspaceId, connectionId, messageId)
 */
export function stableId(...parts: readonly (string | number)[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);
}
