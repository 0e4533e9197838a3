import { CURRENCY_EXPONENTS, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from './is-object.js';

interface Products {
  /** Canonical order lines. */
  lines?: JsonValue;
  /** The one product of an event that has no lines. */
  productId?: string;
  productPrice?: number;
  quantity?: number;
}

/**
 * The products of an event as Meta's `contents`: the id by which the catalogue knows them, how many, and the price of one.
 *
 * @example toContents({ lines: [{ productId: 'p-1', quantity: 2, price: { amountMinor: 1899, currency: 'USD' } }] }) // [{ id: 'p-1', quantity: 2, item_price: 18.99 }]
 */
export function toContents({ lines, productId, productPrice, quantity }: Products): JsonObject[] {
  if (Array.isArray(lines) && lines.length > 0) return lines.filter(isObject).flatMap((line) => content(line.productId ?? line.sku, line.quantity, decimal(line.price)));
  return content(productId, quantity, productPrice);
}

function content(id: JsonValue | undefined, quantity: JsonValue | undefined, price: number | undefined): JsonObject[] {
  if (typeof id !== 'string' || id === '') return [];
  return [{ id, quantity: typeof quantity === 'number' && quantity > 0 ? quantity : 1, ...(price === undefined ? {} : { item_price: price }) }];
}

function decimal(money: JsonValue | undefined): number | undefined {
  if (!isObject(money) || typeof money.amountMinor !== 'number' || typeof money.currency !== 'string') return undefined;
  const exponent = CURRENCY_EXPONENTS.get(money.currency);
  // A decimal text read back gives the nearest number; a division may miss it.
  return exponent === undefined ? undefined : Number(`${money.amountMinor}e-${exponent}`);
}
