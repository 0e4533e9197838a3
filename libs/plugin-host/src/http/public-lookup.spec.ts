import type { LookupAddress } from 'node:dns';
import { AddressForbidden } from './address-forbidden.js';
import { publicLookup } from './public-lookup.js';

const resolvesTo = (...addresses: string[]) => publicLookup((_hostname, _options, done) => done(null, addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }))));
const ask = (lookup: ReturnType<typeof publicLookup>, all: boolean): Promise<unknown> =>
  new Promise((resolve) => { lookup('x.example', { all }, (error, address, family) => resolve(error ?? (all ? address : [address, family]))); });

describe('publicLookup', () => {
  it('gives only the public addresses of a mixed answer', async () => {
    const lookup = resolvesTo('10.0.0.1', '2606:4700::1111', '127.0.0.1', '8.8.8.8');
    await expect(ask(lookup, true)).resolves.toEqual([{ address: '2606:4700::1111', family: 6 }, { address: '8.8.8.8', family: 4 }]);
    await expect(ask(lookup, false)).resolves.toEqual(['2606:4700::1111', 6]);
  });

  it.each([[['10.0.0.1', '::1']], [[]]])('forbids an answer of %j', async (addresses) => {
    await expect(ask(resolvesTo(...addresses), true)).resolves.toBeInstanceOf(AddressForbidden);
  });

  it('hands a failure on as it is', async () => {
    const failure = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    await expect(ask(publicLookup((_hostname, _options, done) => done(failure, [])), true)).resolves.toBe(failure);
  });
});
