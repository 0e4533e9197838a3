import { CURRENCY_EXPONENTS } from './iso-4217.js';

/** An exact amount: `amountMinor` is an integer in the currency's minor unit (ISO 4217), so `{ amountMinor: 1899, currency: 'USD' }` is 18.99 dollars. */
export interface Money {
  amountMinor: number;
  currency: string;
}

const DECIMAL = /^([+-]?)(\d{1,15}|\d{1,3}(?:,\d{3}){1,4})?(?:\.(\d{0,20}))?$/;

/**
 * Reads a decimal amount in a currency by string arithmetic, so that 0.1 + 0.2 style drift cannot happen. More decimals than the currency has are
 * rounded half away from zero. Gives undefined when the amount is no decimal, the currency is unknown, or the result is no safe integer.
 *
 * @example readMoney('1,299.5', 'usd') // { amountMinor: 129950, currency: 'USD' }
 * @example readMoney(1200, 'JPY') // { amountMinor: 1200, currency: 'JPY' }
 */
export function readMoney(amount: string | number, currency: string): Money | undefined {
  const code = currency.trim().toUpperCase();
  const exponent = CURRENCY_EXPONENTS.get(code);
  const fields = DECIMAL.exec(String(amount).trim());
  if (exponent === undefined || fields === null) return undefined;
  const [, sign, whole, decimals = ''] = fields;
  if (whole === undefined && decimals === '') return undefined;
  const digits = `${(whole ?? '0').replaceAll(',', '')}${decimals.slice(0, exponent).padEnd(exponent, '0')}`;
  const roundsUp = decimals.length > exponent && decimals.charCodeAt(exponent) >= 53;
  const minor = Number(digits) + (roundsUp ? 1 : 0);
  if (!Number.isSafeInteger(minor)) return undefined;
  return { amountMinor: sign === '-' && minor !== 0 ? -minor : minor, currency: code };
}
