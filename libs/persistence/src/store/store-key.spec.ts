import { ownKey, storeKey } from './store-key.js';

describe('storeKey', () => {
  it('begins with the workspace, and cannot be made to look like another\'s', () => {
    expect(storeKey('acme', 'email', 'a|b')).toBe('acme|email|a|b');
    for (const workspaceId of ['', 'acme|email', '|']) expect(() => storeKey(workspaceId, 'x')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});

describe('ownKey', () => {
  it('gives the id back when it begins with its workspace', () => {
    expect(ownKey('acme', 'acme|1')).toBe('acme|1');
    for (const id of ['acme2|1', 'acme', '1', 'other|acme|1']) expect(() => ownKey('acme', id)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
