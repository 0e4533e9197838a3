import { resolveRows } from './resolve-rows.js';

const owners = new Map([['email|a', 'p1'], ['phone|a', 'merged'], ['email|b', 'p2'], ['email|gone', 'nowhere']]);
const roots = new Map([['p1', 'p1'], ['merged', 'p1'], ['p2', 'p2']]);
const resolve = (...identityKeys: string[]) => resolveRows([{ row: 7, identityKeys }], owners, (id) => roots.get(id))[0];

describe('resolveRows', () => {
  it.each([[['email|a']], [['email|a', 'phone|a']], [['email|a', 'email|nobody']], [['phone|a']]])('finds the one person of %j', (keys) => {
    expect(resolve(...keys)).toEqual({ row: 7, profileId: 'p1' });
  });

  it('tells nobody from several', () => {
    expect(resolve('email|nobody')).toEqual({ row: 7, fault: 'unknown' });
    expect(resolve('email|gone')).toEqual({ row: 7, fault: 'unknown' });
    expect(resolve('email|a', 'email|b')).toEqual({ row: 7, fault: 'ambiguous' });
  });
});
