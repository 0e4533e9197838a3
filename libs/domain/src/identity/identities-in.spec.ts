import { identitiesIn } from './identities-in.js';

describe('the identities that a record of any shape may name', () => {
  it.each([
    ['an address however it is spelled', { a: [{ b: ' Ana@Example.COM ' }] }, 'email|ana@example.com'],
    ['a national number', { tel: '139 8765 4321' }, 'phone|+8613987654321'],
    ['a number that is an id', { customer: { id: 9101 } }, 'customerId|9101'],
    ['an id under any name that is long enough', { x: 'u-20481-7' }, 'userId|u-20481-7'],
    ['the name of a field', { 'ana@example.com': true }, 'email|ana@example.com'],
    ['a bare text', 'ana@example.com', 'email|ana@example.com'],
  ])('has %s', (_, record, key) => {
    expect([...identitiesIn(record, { defaultCountry: 'CN' })]).toContain(key);
  });

  it('takes no quantity for a person', () => {
    expect(identitiesIn({ quantity: 5, price: '12.50' }, {}).size).toBe(0);
  });

  it('ends in a record without end', () => {
    let deep: { next: object } = { next: {} };
    for (let depth = 0; depth < 20_000; depth += 1) deep = { next: deep };
    expect(identitiesIn(deep as never, {}).size).toBe(0);
  });
});
