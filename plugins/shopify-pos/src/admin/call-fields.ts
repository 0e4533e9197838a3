import type { JsonObject, JsonValue } from '@firsthand/plugin-sdk';
import { callShopify, type ShopifyContext } from './call-shopify.js';

/** One field of the API's root to call: its arguments by name, each with its GraphQL type, and what is asked of the answer. */
export interface FieldCall {
  field: string;
  args: Record<string, { type: string; value: JsonValue }>;
  select: string;
}

/**
 * Calls fields of the API's root in one request, each under a name of its own: one that fails does not take the others with it. Values go as variables, never within the text.
 * Gives for each call, in order, what it answered, null where it is nothing, or its error. No request where there is nothing to call.
 *
 * @throws what {@link callShopify} throws, when it concerns all.
 * @example await callFields(context, 'query', [{ field: 'customer', args: { id: { type: 'ID!', value: id } }, select: '{ id }' }])
 */
export async function callFields(context: ShopifyContext, kind: 'query' | 'mutation', calls: readonly FieldCall[]): Promise<(JsonValue | Error)[]> {
  if (calls.length === 0) return [];
  const declared: string[] = [];
  const variables: JsonObject = {};
  const fields = calls.map(({ field, args, select }, index) => {
    const given = Object.entries(args).map(([name, { type, value }]) => {
      declared.push(`$${name}${index}: ${type}`);
      variables[`${name}${index}`] = value;
      return `${name}: $${name}${index}`;
    });
    return `c${index}: ${field}(${given.join(', ')}) ${select}`;
  });
  const { data, failures } = await callShopify(context, `${kind} (${declared.join(', ')}) { ${fields.join(' ')} }`, variables);
  return calls.map((_, index) => failures.get(`c${index}`) ?? data[`c${index}`] ?? null);
}
