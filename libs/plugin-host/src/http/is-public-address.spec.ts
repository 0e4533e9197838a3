import { isPublicAddress } from './is-public-address.js';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['link-local, cloud metadata too', ['169.254.169.254', 'fe80::1', 'fe80::1%eth0']],
    ['unique-local', ['fc00::1', 'fd12:3456::1']],
    ['CGNAT', ['100.64.0.1', '100.127.255.255']],
    ['unspecified and broadcast', ['0.0.0.0', '0.1.2.3', '255.255.255.255', '::']],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['reserved and documentation', ['192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '192.88.99.1', '2001:db8::1', '3fff::1', 'fec0::1', '100::1']],
    ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8']],
    ['IPv4-compatible', ['::127.0.0.1', '::7f00:1']],
    ['NAT64', ['64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1']],
    ['6to4 and Teredo', ['2002:7f00:1::', '2001:0:7f00:1::1']],
    ['no address', ['', 'localhost', 'example.com', '[::1]', '8.8.8.8:80']],
  ])('%s is not', (_, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});
