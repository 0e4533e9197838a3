import { createDictionary, ENTITIES } from '@firsthand/domain';
import { renderDictionaryHtml } from './render-dictionary-html.js';

describe('renderDictionaryHtml', () => {
  const dictionary = createDictionary({ customFields: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: '<script>alert(1)</script>', example: '"><img>' }] });
  const html = renderDictionaryHtml(dictionary, { nonce: 'n0nce', heading: 'Words & fields' });

  it('has every field in a row of its own', () => {
    expect(html.match(/<tr data-field>/g)).toHaveLength(dictionary.fields.length);
    for (const { path } of dictionary.fields) expect(html).toContain(`<th scope="row"><code>${path}</code></th>`);
    for (const entity of ENTITIES) expect(html).toContain(`<section id="${entity}" aria-labelledby="${entity}-heading">`);
  });

  it('escapes what workspaces write', () => {
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('&quot;&gt;&lt;img&gt;');
    expect(html).toContain('<title>Words &amp; fields</title>');
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  it('runs under a strict policy: each style and script has the nonce, and nothing is loaded', () => {
    expect(html.match(/<(?:script|style) nonce="n0nce">/g)).toHaveLength(2);
    expect(html).not.toMatch(/ on\w+=| style=|src=|<link/);
  });

  it('can be used without a mouse or eyes', () => {
    expect(html).toContain('<html lang="en">');
    expect(html).toContain('<label for="query">');
    expect(html).toContain('aria-live="polite"');
    expect(html).toContain('href="#fields"');
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
