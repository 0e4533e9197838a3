import fc from 'fast-check';
import { CURRENCY_EXPONENTS } from './iso-4217.js';
import { readMoney } from './money.js';

describe('readMoney', () => {
  it.each<[string | number, string, number | undefined]>([
    ['18.99', 'USD', 1899],
    [18.99, 'usd', 1899],
    [0.1 + 0.2, 'USD', 30],
    [1.005, 'USD', 101],
    ['1,299.5', 'CNY', 129950],
    ['1200', 'JPY', 1200],
    ['1200.5', 'JPY', 1201],
    ['1.2345', 'KWD', 1235],
    ['-18.99', 'USD', -1899],
    ['-0.001', 'USD', 0],
    ['.5', 'USD', 50],
    ['5.', 'USD', 500],
    [0, 'USD', 0],
    ['', 'USD', undefined],
    ['.', 'USD', undefined],
    ['1e3', 'USD', undefined],
    ['1,2', 'USD', undefined],
    ['$5', 'USD', undefined],
    [NaN, 'USD', undefined],
    [Infinity, 'USD', undefined],
    ['5', 'XXX', undefined],
    ['999999999999999', 'USD', undefined],
  ])('%s %s', (amount, currency, amountMinor) => {
    expect(readMoney(amount, currency)).toEqual(amountMinor === undefined ? undefined : { amountMinor, currency: currency.toUpperCase() });
  });

  it('is exact for every amount that has as many decimals as its currency', () => {
    fc.assert(fc.property(fc.constantFrom(...CURRENCY_EXPONENTS), fc.integer({ min: -1e12, max: 1e12 }), ([currency, exponent], minor) => {
      const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
      const text = `${minor < 0 ? '-' : ''}${digits.slice(0, digits.length - exponent)}${exponent === 0 ? '' : `.${digits.slice(-exponent)}`}`;
      expect(readMoney(text, currency)?.amountMinor).toBe(minor);
    }));
  });
});
