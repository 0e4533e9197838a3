import { REPORT_EXAMPLE } from './quality-bodies.js';
import { renderQualityPage } from './quality-page.js';

it('does not say that nothing fails where nothing is expected', () => {
  const passing = REPORT_EXAMPLE.expectations.map((standing) => ({ ...standing, status: 'passing' as const }));
  const said = [[], passing].map((expectations) => {
    const html = renderQualityPage({ ...REPORT_EXAMPLE, expectations }, { language: 'en', nonce: 'n' });
    return ['Nothing fails.', 'Nothing is expected yet', 'All expectations'].map((text) => html.includes(text));
  });
  expect(said).toEqual([[false, true, false], [true, false, true]]);
});
