import { renderConfirmationPage, type ConfirmationPageInput } from './confirmation-page.js';

const INPUT: ConfirmationPageInput = {
  language: 'en', nonce: 'n', brand: 'Acme <b>', outcome: 'asked', token: 't"t', contact: '', action: '/privacy/w/confirmations', pageUrl: '/privacy/w?lang=en',
  purposes: [{ recordId: 'r1', name: 'News <i>', description: 'We write.', text: 'The <text>', textLanguage: 'en', decidedAt: Date.UTC(2026, 10, 24, 8), origin: 'https://shop.example' }],
};

it('shows what was agreed to, with one button and without a script, and escapes whatever it shows', () => {
  const page = renderConfirmationPage(INPUT);
  expect(page.match(/<button>/g)).toHaveLength(1);
  expect(page).not.toMatch(/<script|<b>|<i>|<text>|t"t/);
  expect(page).toContain('name="ask" value="r1"');
  expect(page).toContain('<section aria-labelledby="p0">');
  expect(page).toContain('https://shop.example');
});

it.each(['confirmed', 'refused', 'over'] as const)('says what came of it: %s, in both languages, without a form', (outcome) => {
  const pages = (['en', 'zh-CN'] as const).map((language) => renderConfirmationPage({ ...INPUT, language, outcome, purposes: [] }));
  for (const page of pages) expect([page.includes('<form'), /role="(status|alert)"/.exec(page)?.[1]]).toEqual([false, outcome === 'confirmed' ? 'status' : 'alert']);
  expect(pages[0]).not.toBe(pages[1]);
});
