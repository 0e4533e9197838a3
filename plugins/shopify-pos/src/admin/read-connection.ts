import { RetryableError, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from '../is-object.js';

/**
 * One page of customers as the API's connections give it: its nodes, and the cursor of the next page, null at the end.
 *
 * @throws RetryableError when the answer is not what Shopify documents: a page that is not whole must not pass for the end.
 */
export function readConnection(answer: JsonValue | undefined): { nodes: JsonObject[]; next: string | null } {
  const { nodes, pageInfo: info } = isObject(answer) ? answer : {};
  if (!Array.isArray(nodes) || !nodes.every(isObject) || !isObject(info)) throw new RetryableError('Shopify gave an answer without customers.');
  if (info.hasNextPage === false) return { nodes, next: null };
  if (info.hasNextPage !== true || typeof info.endCursor !== 'string') throw new RetryableError('Shopify did not say where the next page of customers begins.');
  return { nodes, next: info.endCursor };
}
