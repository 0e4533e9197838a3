import type { LookupAddress } from 'node:dns';
import { assertPublicUrl } from './assert-public-url.js';
import type { LookupAll } from './public-lookup.js';

const NAMES: Record<string, string[]> = {
  'public.example': ['93.184.216.34'], 'private.example': ['10.0.0.5', '::1'], 'mixed.example': ['10.0.0.5', '93.184.216.34'], localhost: ['127.0.0.1'], 'localhost.': ['127.0.0.1'],
};
const lookup: LookupAll = (hostname, _options, done) => {
  const addresses = NAMES[hostname]?.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
  done(addresses === undefined ? Object.assign(new Error('not found'), { code: 'ENOTFOUND' }) : null, addresses ?? []);
};
const check = (url: string, allowPrivate = false): Promise<void> => assertPublicUrl(url, { allowPrivate, lookup });
const forbidden = expect.objectContaining({ code: 'DESTINATION_ADDRESS_FORBIDDEN' });

describe('assertPublicUrl', () => {
  it.each(['https://public.example/a', 'http://8.8.8.8:8080/', 'https://[2606:4700::1111]/', 'https://unknown.example/', 'https://mixed.example/'])('takes %s', async (url) => {
    await expect(check(url)).resolves.toBeUndefined();
  });

  it.each([
    'http://127.0.0.1/', 'http://2130706433/', 'http://0x7f000001/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://127.1/', 'http://127.0.0.1./', 'http://①②⑦.0.0.1/',
    'http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://[64:ff9b::7f00:1]/', 'http://169.254.169.254/latest/meta-data',
    'http://localhost/', 'http://LOCALHOST./', 'https://private.example/',
  ])('refuses %s', async (url) => {
    await expect(check(url)).rejects.toThrow(forbidden);
  });

  it.each(['ftp://public.example/', 'file:///etc/passwd', 'public.example', ''])('refuses "%s", whatever the operator allows', async (url) => {
    await expect(check(url)).rejects.toThrow(forbidden);
    await expect(check(url, true)).rejects.toThrow(forbidden);
  });

  it('takes private addresses when the operator allows them', async () => {
    await expect(check('http://127.0.0.1:8080/', true)).resolves.toBeUndefined();
    await expect(check('https://private.example/', true)).resolves.toBeUndefined();
  });
});
