import { RetryableError, type SendResult } from '@firsthand/plugin-sdk';
import { callFields, type FieldCall } from './call-fields.js';
import type { ShopifyContext } from './call-shopify.js';
import { readPayload } from './read-payload.js';
import { toResult } from './to-result.js';

/**
 * Makes one change for each customer that was found, all in one request. `ids` are the global ids, null where there is nobody to change: that is done, or the error that an item
 * ends with.
 *
 * @param what is changed, for the detail of an error
 * @throws what callShopify throws, when it concerns all.
 */
export async function changeEach(context: ShopifyContext, ids: readonly (string | null | Error)[], toCall: (id: string, index: number) => FieldCall, what: string): Promise<SendResult[]> {
  const calls = ids.map((id, index) => (typeof id === 'string' ? toCall(id, index) : null));
  const answers = await callFields(context, 'mutation', calls.filter((call) => call !== null));
  let at = 0;
  return ids.map((id, index) => {
    if (id instanceof Error) return toResult(id);
    if (calls[index] === null) return toResult(undefined);
    const payload = readPayload(answers[at++] ?? new RetryableError('Shopify left a change out.'), what);
    return toResult(payload instanceof Error ? payload : undefined);
  });
}
