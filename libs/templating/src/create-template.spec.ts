import { FirsthandError } from '@firsthand/domain';
import { createTemplate } from './create-template.js';
import { templateHelpers } from './template-helpers.js';

describe('createTemplate', () => {
  it.each<[string, Parameters<ReturnType<typeof createTemplate>>[0], string]>([
    ['<p>Hello {{name}}</p>', { name: '<b>"\'&' }, '<p>Hello &lt;b&gt;&quot;&#x27;&amp;</p>'],
    ['{{upper name}}', { name: '<i>' }, '&lt;I&gt;'],
    ['{{concat "<" name}}', { name: 'x' }, '&lt;x'],
    ['{{missing}}{{a.b.c}}', {}, ''],
    ['{{#if a}}yes{{else}}no{{/if}}{{#unless a}}!{{/unless}}', { a: false }, 'no!'],
    ['{{#each list as |item at|}}{{at}}={{item.x}};{{/each}}', { list: [{ x: 'a' }, { x: '<' }] }, '0=a;1=&lt;;'],
    ['{{#each list}}{{@index}}{{this}}{{../sep}}{{else}}none{{/each}}', { list: ['a', 'b'], sep: ',' }, '0a,1b,'],
    ['{{#each list}}{{else}}none{{/each}}', { list: [] }, 'none'],
    ['{{#with a}}{{b}}{{@root.c}}{{/with}}', { a: { b: 1 }, c: 2 }, '12'],
    ['{{#if (eq a "x")}}1{{else if (gt b 2)}}2{{/if}}', { a: 'y', b: 3 }, '2'],
    ['{{title}} {{this.first}}', { title: 'A title', first: 'one' }, 'A title one'],
    ['{{#each list}}{{title}}{{/each}}', { title: 'outer', list: [{ title: 'a' }, {}] }, 'a'],
    ['{{join tags ", "}}', { tags: ['a', 'b'] }, 'a, b'],
  ])('%s', (text, data, expected) => {
    expect(createTemplate(text)(data)).toBe(expected);
  });

  it('escapes nothing in plain text', () => {
    expect(createTemplate('{{name}} {{{name}}}', { format: 'text' })({ name: '<b>' })).toBe('<b> <b>');
  });

  it.each([...templateHelpers.values()].map(({ name, example }) => ({ name, ...example })))('$name runs as documented', ({ template, record, gives }) => {
    const data = record as Parameters<ReturnType<typeof createTemplate>>[0];
    const expected = gives === null || typeof gives !== 'object' ? String(gives) : Array.isArray(gives) ? gives.join(',') : '[object Object]';
    expect(createTemplate(template, { format: 'text' })(data)).toBe(expected);
  });

  it.each<[string, RegExp]>([
    ['{{name', /^1:\d+ Handlebars cannot read/],
    ['{{{name}}}', /^1:1 HTML is always escaped/],
    ['{{&name}}', /always escaped/],
    ['x\n  {{> partial}}', /^2:3 Partials/],
    ['{{#> layout}}x{{/layout}}', /Partials/],
    ['{{#*inline "x"}}y{{/inline}}', /Partials and decorators/],
    ['{{* decorator}}', /Partials and decorators/],
    ['{{nope name}}', /^1:3 There is no helper "nope"/],
    ['{{log name}}', /no helper "log"/],
    ['{{lookup this "x"}}', /no helper "lookup"/],
    ['{{upper (nope name)}}', /no helper "nope"/],
    ['{{#nope}}x{{/nope}}', /no block "nope"/],
    ['{{#upper name}}x{{/upper}}', /no block "upper"/],
    ['{{#if}}x{{/if}}', /takes 1 argument/],
    ['{{#if a b}}x{{/if}}', /takes 1 argument/],
    ['{{#if a includeZero=true}}x{{/if}}', /Named arguments/],
    ['{{#if a}}{{> p}}{{/if}}', /Partials/],
    ['{{#if a}}{{else}}{{> p}}{{/if}}', /Partials/],
    ['{{#if (nope a)}}{{/if}}', /no helper "nope"/],
    ['{{upper a b}}', /does not take 2 arguments/],
    ['{{upper a x=1}}', /Named arguments/],
    ['{{a.__proto__.b}}', /prototype/],
    ['{{constructor}}', /prototype/],
    ['{{upper a.constructor}}', /prototype/],
    ['{{#each a.prototype}}{{/each}}', /prototype/],
    ['{{#each a as |title|}}{{title}}{{/each}}', /name of a helper/],
  ])('refuses %j', (text, message) => {
    let caught: unknown;
    try {
      createTemplate(text, { path: '/texts/en' });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(FirsthandError);
    expect(caught).toMatchObject({ code: 'INVALID_REQUEST', places: [{ path: '/texts/en', message: expect.stringMatching(message) }] });
  });

  it('reads own properties only', () => {
    expect(createTemplate('{{toString}}{{hasOwnProperty}}{{a.length}}')({ a: {} })).toBe('');
    expect(createTemplate('{{a}}')(Object.create({ a: 'inherited' }) as Record<string, string>)).toBe('');
  });
});
