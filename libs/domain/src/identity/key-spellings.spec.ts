import { keySpellings } from './key-spellings.js';

it.each([
  ['userId|café', ['userId|café']], ['email|ana@example.com', ['email|ana@example.com']],
  ['email|ana@xn--fsqu00a.xn--fiqs8s', ['email|ana@xn--fsqu00a.xn--fiqs8s', 'email|ana@例子.中国']],
  ['email|rené@example.com', ['email|rené@example.com', 'email|rene\u0301@example.com']],
  ['email|ana@xn--exmple-cua.com', ['email|ana@xn--exmple-cua.com', 'email|ana@exämple.com', 'email|ana@exa\u0308mple.com']],
])('%s is looked for under each spelling that it has had', (key, spellings) => {
  expect(keySpellings(key)).toEqual(spellings);
});

it('knows an address by all spellings at once', () => {
  expect(keySpellings('email|rené@xn--exmple-cua.com')).toHaveLength(6);
});
