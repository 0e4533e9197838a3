import { bestLanguage, countryText, pageLanguage, pageTexts } from './privacy-texts.js';

describe('the language of the privacy page', () => {
  it.each([
    [undefined, undefined, 'en'],
    [undefined, 'zh-TW,zh;q=0.9,en;q=0.8', 'zh-CN'],
    [undefined, 'de-DE,de;q=0.9,en;q=0.2,zh;q=0.5', 'zh-CN'],
    ['en', 'zh-CN', 'en'],
    ['xx', 'zh-CN', 'zh-CN'],
    ['<script>', '', 'en'],
  ])('asked for %j with Accept-Language %j is %s', (asked, accept, language) => {
    expect(pageLanguage(asked, accept)).toBe(language);
  });

  it('falls back from the exact tag over the base to English', () => {
    expect(bestLanguage({ en: 'a', 'zh-CN': 'b' }, 'zh-CN')).toBe('zh-CN');
    expect(bestLanguage({ en: 'a', zh: 'b' }, 'zh-CN')).toBe('zh');
    expect(bestLanguage({ de: 'a', 'en-GB': 'b' }, 'zh-CN')).toBe('en-GB');
    expect(bestLanguage({ de: 'a' }, 'zh-CN')).toBe('de');
    expect(bestLanguage({}, 'en')).toBeUndefined();
  });

  it('calls a country by its name', () => {
    expect([countryText('DE', 'en'), countryText('DE', 'zh-CN')]).toEqual(['Germany', '德国']);
  });

  it('says everything in every language', () => {
    for (const language of ['en', 'zh-CN'] as const) expect(Object.values(pageTexts(language)).filter((text) => text.trim() === '')).toEqual([]);
  });
});
