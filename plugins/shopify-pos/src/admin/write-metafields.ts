import { InvalidPayload, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from '../is-object.js';
import { callFields, type FieldCall } from './call-fields.js';
import type { ShopifyContext } from './call-shopify.js';
import { readPayload } from './read-payload.js';

/** Metafields of one customer, by namespace and key, e.g. `{ loyalty: { level: 'gold', points: null } }`. Null takes one away. */
export interface MetafieldInput {
  /** Global id of the customer. */
  ownerId: string;
  metafields: Record<string, JsonValue>;
}

/** metafieldsSet takes 25 at a time. */
const MAX_METAFIELDS = 25;

/**
 * Writes metafields of many customers in one request. A value alone takes the type of the shop's definition of the metafield; `{ type, value }` names one where the shop has none. Gives for each
 * customer the error of the first that was refused, or undefined.
 *
 * @throws what callShopify throws, when it concerns all.
 */
export async function writeMetafields(context: ShopifyContext, inputs: readonly MetafieldInput[]): Promise<(Error | undefined)[]> {
  const planned = inputs.map(toCalls);
  const answers = await callFields(context, 'mutation', planned.flatMap((calls) => (calls instanceof Error ? [] : calls)));
  let at = 0;
  return planned.map((calls) => {
    if (calls instanceof Error) return calls;
    const own = answers.slice(at, (at += calls.length));
    return own.map((answer) => readPayload(answer, 'the metafields')).find((payload) => payload instanceof Error);
  });
}

function toCalls({ ownerId, metafields }: MetafieldInput): FieldCall[] | Error {
  const set: JsonObject[] = [];
  const gone: JsonObject[] = [];
  for (const [namespace, keys] of Object.entries(metafields)) {
    if (!isObject(keys)) return new InvalidPayload('Metafields are given by namespace and key.');
    for (const [key, value] of Object.entries(keys)) {
      const place = { ownerId, namespace, key };
      if (value === null) gone.push(place);
      else set.push({ ...place, ...typedValue(value) });
    }
  }
  if (set.length > MAX_METAFIELDS) return new InvalidPayload(`At most ${MAX_METAFIELDS} metafields can be written at once.`);
  const calls: FieldCall[] = [];
  if (set.length > 0) calls.push({ field: 'metafieldsSet', args: { metafields: { type: '[MetafieldsSetInput!]!', value: set } }, select: '{ userErrors { field code } }' });
  if (gone.length > 0) calls.push({ field: 'metafieldsDelete', args: { metafields: { type: '[MetafieldIdentifierInput!]!', value: gone } }, select: '{ userErrors { field } }' });
  return calls;
}

/** Values of metafields are texts; lists and objects are JSON in a text. */
function typedValue(given: JsonValue): JsonObject {
  if (isObject(given) && typeof given.type === 'string' && given.value !== undefined) return { type: given.type, value: toText(given.value) };
  return { value: toText(given) };
}

function toText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
