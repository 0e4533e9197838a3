import { domainToUnicode } from 'node:url';
import fc from 'fast-check';
import { normaliseEmail } from './normalise-email.js';

describe('an address', () => {
  it.each<[string, string | null]>([
    ['ana@exämple.com', 'ana@xn--exmple-cua.com'],
    ['ANA@EXÄMPLE.COM', 'ana@xn--exmple-cua.com'],
    ['ana@exa\u0308mple.com', 'ana@xn--exmple-cua.com'],
    ['ana@XN--EXMPLE-CUA.com', 'ana@xn--exmple-cua.com'],
    ['ana@例子。中国', 'ana@xn--fsqu00a.xn--fiqs8s'],
    ['ana@ｅｘａｍｐｌｅ．ｃｏｍ', 'ana@example.com'],
    ['ana@डाटामेल.भारत', 'ana@xn--c2bd4bq1db8d.xn--h2brj9c'],
    ['Jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['JOS\u00c9@example.com', 'jos\u00e9@example.com'],
    ['小明@例子.中国', '小明@xn--fsqu00a.xn--fiqs8s'],
    ['ana@straße.de', 'ana@xn--strae-oqa.de'],
    ['ana@exä mple.com', null],
    ['ana@\u0308.com', null],
    ['exämple.com', null],
    ['é'.repeat(127) + '@a.bc', null],
    ['é'.repeat(124) + '@a.bc', 'é'.repeat(124) + '@a.bc'],
  ])('%j is %j', (text, expected) => expect(normaliseEmail(text)).toBe(expected));

  // Letters of scripts that have cases, marks and ideographs; UTS 46 maps some of them to others.
  const letter = fc.constantFrom(...'aZéÉßäöüñçÅ東京例子中国дЖΣσςİıĳﬀｅＡ가각'.normalize('NFC'), 'e\u0301', 'a\u0308', 'ो');
  const word = fc.array(letter, { minLength: 2, maxLength: 8 }).map((letters) => letters.join(''));
  const address = fc.tuple(word, fc.array(word, { minLength: 1, maxLength: 3 })).map(([mailbox, labels]) => `${mailbox}@${labels.join('.')}.com`);

  it('is one however its letters are composed and its domain is written', () => {
    let read = 0;
    fc.assert(fc.property(address, (text) => {
      const one = normaliseEmail(text);
      for (const form of ['NFC', 'NFD'] as const) expect(normaliseEmail(` ${text.normalize(form)} `)).toBe(one);
      if (one === null) return;
      read += 1;
      const [mailbox, domain] = one.split('@') as [string, string];
      expect([domain, one.normalize('NFC')]).toEqual([domain.toLowerCase(), one]);
      for (const other of [one, `${mailbox}@${domain.toUpperCase()}`, `${mailbox}@${domainToUnicode(domain)}`, `${mailbox}@${domainToUnicode(domain).normalize('NFD')}`]) expect(normaliseEmail(other)).toBe(one);
    }), { numRuns: 500 });
    expect(read).toBeGreaterThan(300);
  });

  it('of plain letters is what it was', () => {
    fc.assert(fc.property(fc.emailAddress(), (text) => {
      fc.pre(normaliseEmail(text) !== null);
      expect(normaliseEmail(text)).toBe(text.toLowerCase());
    }));
  });
});
