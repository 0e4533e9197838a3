import type { JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from './is-object.js';

const AMOUNT = /^(\d{1,12})(?:\.(\d{1,4}))?$/;
/** ISO 4217 has no currency with more decimals. */
const DECIMALS = 4;

/**
 * Adds up what a refund gave back: its successful transactions of kind `refund`, several when the sale was paid in several ways.
 * Gives a decimal text and its currency; null when nothing was given back, or in more than one currency.
 *
 * @example refundTotal([{ kind: 'refund', status: 'success', amount: '10.00', currency: 'EUR' }]) // { total: '10.0000', currency: 'EUR' }
 */
export function refundTotal(transactions: readonly JsonValue[]): { total: string | null; currency: string | null } {
  let total = 0n;
  const currencies = new Set<string>();
  for (const transaction of transactions) {
    if (!isObject(transaction)) continue;
    const { kind, status, amount, currency } = transaction;
    const fields = kind === 'refund' && status === 'success' ? AMOUNT.exec(String(amount)) : null;
    if (fields === null || typeof currency !== 'string') continue;
    total += BigInt(`${fields[1]}${(fields[2] ?? '').padEnd(DECIMALS, '0')}`);
    currencies.add(currency);
  }
  const [currency, ...others] = currencies;
  if (currency === undefined || others.length > 0) return { total: null, currency: null };
  const digits = String(total).padStart(DECIMALS + 1, '0');
  return { total: `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`, currency };
}
