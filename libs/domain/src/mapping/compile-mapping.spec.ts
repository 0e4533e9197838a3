import fc from 'fast-check';
import { FirsthandError, type ErrorPlace } from '../errors/firsthand-error.js';
import type { JsonValue } from '../json.js';
import { compileMapping } from './compile-mapping.js';
import { mappingHelpers } from './mapping-helpers.js';
import type { Mapping } from './mapping.js';

function map(mapping: Mapping, record: JsonValue): Record<string, JsonValue> {
  return compileMapping(mapping).apply(record, { settings: { country: 'CN' }, receivedAt: '2026-11-24T00:00:00.000Z', connectionId: 'c1' });
}

function mistakes(mapping: unknown, targets?: (path: string) => boolean): readonly ErrorPlace[] {
  try {
    compileMapping(mapping as Mapping, { targets });
  } catch (error) {
    if (error instanceof FirsthandError && error.code === 'INVALID_MAPPING') return error.places;
    throw error;
  }
  return [];
}

describe('compileMapping: values', () => {
  it.each<[string, Mapping, JsonValue, JsonValue]>([
    ['a bare path keeps its type', { a: '{{x.y}}' }, { x: { y: [1, { z: true }] } }, { a: [1, { z: true }] }],
    ['false and 0 are values', { a: '{{x}}', b: '{{y}}' }, { x: false, y: 0 }, { a: false, b: 0 }],
    ['a list position', { a: '{{x.[1].y}}' }, { x: [{}, { y: 'b' }] }, { a: 'b' }],
    ['a key with a space', { a: '{{[first name]}}' }, { 'first name': 'Ana' }, { a: 'Ana' }],
    ['a field with the name of a helper', { a: '{{title}}', b: '{{date}}' }, { title: 'T', date: 'D' }, { a: 'T', b: 'D' }],
    ['the whole record', { a: '{{this}}', b: '{{@root.x}}' }, { x: 1 }, { a: { x: 1 }, b: 1 }],
    ['mixed text is rendered, absent is empty', { a: '{{x}}-{{y}}-{{z}}', b: 'id {{n}} {{b}}' }, { x: 'a', y: null, n: 5, b: false }, { a: 'a--', b: 'id 5 false' }],
    ['nothing is escaped', { a: '<{{x}}>' }, { x: '"&<' }, { a: '<"&<>' }],
    ['text without an expression', { a: 'Order Completed' }, {}, { a: 'Order Completed' }],
    ['comments are nothing', { a: '{{! why }}{{x}}' }, { x: 5 }, { a: 5 }],
    ['helpers nest', { a: '{{lower (concat x y)}}' }, { x: 'A', y: 'B' }, { a: 'ab' }],
    ['variables', { a: '{{@settings.country}}', b: '{{@receivedAt}}', c: '{{@connectionId}}' }, {}, { a: 'CN', b: '2026-11-24T00:00:00.000Z', c: 'c1' }],
    ['empty results are left out', { a: '{{x}}', b: '{{y}}', c: '{{z}}', d: '{{lower n}}', e: '{{w}}' }, { x: '', y: null, z: {}, n: {} }, {}],
    ['an explicit null is kept', { a: { $const: null }, b: { $const: { c: [] } } }, {}, { a: null, b: { c: [] } }],
    ['targets nest', { 'a.b': '{{x}}', 'a.c.d': '{{x}}', e: { f: '{{x}}', 'g.h': '{{x}}' } }, { x: 1 }, { a: { b: 1, c: { d: 1 } }, e: { f: 1, g: { h: 1 } } }],
    ['a tree without values is left out', { a: { b: '{{x}}' } }, {}, {}],
    ['a later part of a whole', { a: '{{x}}', 'a.b': '{{y}}', 'a.c.d': '{{y}}' }, { x: { b: 1, c: { e: 3 }, k: 2 }, y: 9 }, { a: { b: 9, c: { e: 3, d: 9 }, k: 2 } }],
    ['a part of what was no object', { a: { $const: null }, 'a.b': '{{y}}', c: '{{x}}', 'c.d': '{{y}}', e: '{{y}}', 'e.f': '{{y}}' }, { x: [1], y: 2 }, { a: { b: 2 }, c: { d: 2 }, e: { f: 2 } }],
  ])('%s', (_, mapping, record, expected) => {
    expect(map(mapping, record)).toEqual(expected);
  });

  it('maps each element, relative to it, with @root and @index, and leaves empty ones out', () => {
    const mapping: Mapping = { lines: { $each: '{{items}}', value: { sku: '{{sku}}', currency: { $when: '{{sku}}', value: '{{@root.currency}}' }, at: { $when: '{{sku}}', value: '{{@index}}' } } } };
    expect(map(mapping, { currency: 'CNY', items: [{ sku: 'a' }, {}, null, { sku: 'b' }] })).toEqual({
      lines: [{ sku: 'a', currency: 'CNY', at: 0 }, { sku: 'b', currency: 'CNY', at: 3 }],
    });
    expect(map({ tags: { $each: '{{split t ","}}', value: '{{upper this}}' } }, { t: 'a,b' })).toEqual({ tags: ['A', 'B'] });
    expect(map(mapping, { items: 'none' })).toEqual({});
  });

  it('nests $each', () => {
    const mapping: Mapping = { a: { $each: '{{x}}', value: { $each: '{{y}}', value: '{{z}}' } } };
    expect(map(mapping, { x: [{ y: [{ z: 1 }, { z: 2 }] }, { y: [{ z: 3 }] }] })).toEqual({ a: [[1, 2], [3]] });
  });

  it('chooses with $when and else', () => {
    const mapping: Mapping = { name: { $when: '{{eq status "paid"}}', value: 'Order Completed', else: { $when: '{{status}}', value: 'Order Updated' } } };
    expect(map(mapping, { status: 'paid' })).toEqual({ name: 'Order Completed' });
    expect(map(mapping, { status: 'open' })).toEqual({ name: 'Order Updated' });
    expect(map(mapping, {})).toEqual({});
  });

  it('applies the parts that hold, in order', () => {
    const mapping: Mapping = [{ name: 'A', a: '{{x}}' }, { $when: '{{eq x 2}}', name: 'B' }, { $when: '{{eq x 3}}', name: 'C' }];
    expect(map(mapping, { x: 1 })).toEqual({ name: 'A', a: 1 });
    expect(map(mapping, { x: 2 })).toEqual({ name: 'B', a: 2 });
    expect(map(mapping, { x: 3 })).toEqual({ name: 'C', a: 3 });
  });

  it('leaves its input as it is, also where it writes below a part of it', () => {
    const record = { x: { b: 1, c: { e: 3 } }, y: 9 };
    const before = structuredClone(record);
    map([{ a: '{{x}}', 'a.c.e': '{{y}}' }, { 'a.b': '{{y}}' }], record);
    expect(record).toEqual(before);
  });

  it('gives literals that nobody can change', () => {
    const { a } = map({ a: { $const: { b: [1] } } }, {}) as { a: { b: number[] } };
    expect(() => a.b.push(2)).toThrow(/not extensible/);
  });

  it('reads own properties only', () => {
    expect(map({ a: '{{toString}}', b: '{{x.length}}', c: '{{get this "__proto__.x" "no"}}', d: '{{hasOwnProperty.name}}' }, { x: 'text' })).toEqual({ c: 'no' });
  });
});

describe('compileMapping: mistakes', () => {
  it.each<[string, unknown, string, RegExp]>([
    ['an open expression', { a: 'x {{lower b' }, '/a', /^1:\d+ Handlebars/],
    ['a block', { a: 'x{{#if b}}y{{/if}}' }, '/a', /^1:2 Blocks/],
    ['a partial', { a: '{{> p}}' }, '/a', /^1:1 Blocks/],
    ['a decorator', { a: '{{* d}}' }, '/a', /^1:1 Blocks/],
    ['an unknown helper', { a: 'x\n {{nope b}}' }, '/a', /^2:4 There is no helper "nope"/],
    ['an unknown helper inside', { a: '{{lower (nope b)}}' }, '/a', /^1:10 There is no helper "nope"/],
    ['a helper behind a path', { a: '{{a.lower b}}' }, '/a', /There is no helper "a.lower"/],
    ['too many arguments', { a: '{{lower b c}}' }, '/a', /^1:3 Helper "lower" takes 1 argument, not 2/],
    ['too few arguments', { a: '{{map b "1"}}' }, '/a', /takes 3 or more arguments, not 2/],
    ['a helper as a variable', { a: '{{@lower b}}' }, '/a', /There is no helper/],
    ['a helper of a parent', { a: '{{../lower b}}' }, '/a', /There is no helper/],
    ['only named arguments', { a: '{{lower x=1}}' }, '/a', /takes no named arguments/],
    ['named arguments', { a: '{{lower b x=1}}' }, '/a', /takes no named arguments/],
    ['a prototype', { a: '{{b.__proto__.c}}' }, '/a', /leads to a prototype/],
    ['a constructor', { a: '{{lower constructor.name}}' }, '/a', /leads to a prototype/],
    ['a parent path', { a: '{{../b}}' }, '/a', /use @root/],
    ['an unknown variable', { a: '{{@secrets.x}}' }, '/a', /no variable "@secrets"/],
    ['@index outside of $each', { a: '{{@index}}' }, '/a', /inside \$each/],
    ['a condition that is always true', { a: { $when: 'paid', value: 'x' } }, '/a/$when', /single expression/],
    ['a list that is no expression', { a: { $each: '{{x}} {{y}}', value: 'x' } }, '/a/$each', /single expression/],
    ['$each without a value', { a: { $each: '{{x}}' } }, '/a/value', /A value is/],
    ['a stray key', { a: { $const: 1, value: 'x' } }, '/a/value', /does not go with "\$const"/],
    ['a bare literal', { a: 5 }, '/a', /A value is/],
    ['a list', { a: ['x'] }, '/a', /A value is/],
    ['a target that leads to a prototype', { 'a.__proto__.b': 'x' }, '/a.__proto__.b', /cannot be written/],
    ['a nested one', { a: { constructor: 'x' } }, '/a/constructor', /cannot be written/],
    ['an empty target part', { 'a..b': 'x' }, '/a..b', /cannot be written/],
    ['a key with an operator', { a: { $set: 'x' } }, '/a/$set', /cannot be written/],
    ['a part that is none', [{ a: 'x' }, null], '/1', /A mapping is/],
    ['a part condition that is none', { $when: { $const: true }, a: 'x' }, '/$when', /is a template/],
  ])('refuses %s', (_, mapping, path, message) => {
    const places = mistakes(mapping);
    expect(places.map((place) => place.path)).toContain(path);
    expect(places.find((place) => place.path === path)?.message).toMatch(message);
  });

  it('names every mistake at once, each at its place', () => {
    expect(mistakes([{ a: '{{nope x}}' }, { b: { c: '{{@no}}', d: { $each: '{{x}}', value: { e: '{{lower}}{{lower 1 2}}' } } } }]).map(({ path }) => path)).toEqual(['/0/a', '/1/b/c', '/1/b/d/value/e']);
  });

  it('refuses a key __proto__ that JSON brought', () => {
    expect(mistakes(JSON.parse('{"__proto__":"x"}'))).toHaveLength(1);
  });

  it('asks for each target that it fills', () => {
    const asked: string[] = [];
    mistakes({ 'a.b': 'x', c: { d: 'x', e: { $const: 1 } }, f: { $each: '{{x}}', value: { g: '{{g}}' } } }, (path) => asked.push(path) > 0);
    expect(asked).toEqual(['a.b', 'c.d', 'c.e', 'f', 'f.g']);
    expect(mistakes({ nope: 'x' }, () => false)).toEqual([{ path: '/nope', message: '"nope" is not in the dictionary.' }]);
  });

  it('refuses a mapping that is nested without end', () => {
    let value: unknown = '{{x}}';
    for (let depth = 0; depth < 2000; depth += 1) value = { a: value };
    expect(mistakes({ a: value })[0]?.message).toMatch(/Nested deeper/);
    for (const wrap of [(inner: unknown) => ({ $when: '{{x}}', value: inner }), (inner: unknown) => ({ $when: '{{x}}', value: 'x', else: inner }), (inner: unknown) => ({ $each: '{{x}}', value: inner })]) {
      let nested: unknown = '{{x}}';
      for (let depth = 0; depth < 2000; depth += 1) nested = wrap(nested);
      expect(mistakes({ a: nested })[0]?.message).toMatch(/Nested deeper/);
    }
  });
});

describe('compileMapping: reads', () => {
  it('lists what each target reads, also inside helpers, conditions and $each', () => {
    const { reads } = compileMapping({
      $when: '{{live}}',
      a: '{{lower (concat x.y "-" z)}}',
      b: { $when: '{{eq c.d 1}}', value: '{{e}}', else: '{{f}}' },
      g: { $each: '{{h.list}}', value: { i: '{{j}}', k: '{{@root.l}}', m: { $each: '{{n}}', value: '{{this}}' } } },
      o: { p: '{{q}}', r: { s: '{{t}}' } },
      u: '{{@settings.x}}{{@index0}}'.replace('{{@index0}}', ''),
      v: '{{this}}',
      w: { $each: '{{split tags ","}}', value: '{{x}}' },
      y: '{{emails.[0].value}}',
    });
    expect(Object.fromEntries(reads)).toEqual({
      a: ['live', 'x.y', 'z'],
      b: ['live', 'c.d', 'e', 'f'],
      g: ['live', 'h.list', 'h.list.j', 'l', 'h.list.n'],
      o: ['live', 'q', 't'],
      'o.p': ['live', 'q'],
      'o.r': ['live', 't'],
      'o.r.s': ['live', 't'],
      u: ['live'],
      v: ['live', '*'],
      w: ['live', 'tags'],
      y: ['live', 'emails.value'],
    });
  });
});

describe('compileMapping: any input', () => {
  const everyHelper = Object.fromEntries([...mappingHelpers.values()].flatMap(({ name, args }) => {
    const given = args.map((_, index) => ['a', 'b', 'c', 'd'][index]).join(' ');
    return [[`h.${name}`, `{{${name} ${given}}}`], [`t.${name}`, `x {{${name} ${given}}}`], [`w.${name}`, `{{${name} ${args.map(() => 'this').join(' ')}}}`]];
  }));
  const mapping = compileMapping({ ...everyHelper, each: { $each: '{{a}}', value: { x: '{{b}}', 'y.z': '{{this}}' } }, whole: '{{a}}', 'whole.b.c': '{{b}}', json: '{{json this}}' });
  const json = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>,
    fc.record({ a: fc.jsonValue({ maxDepth: 3 }), b: fc.jsonValue(), c: fc.oneof(fc.string(), fc.constant('CN'), fc.constant('USD')), d: fc.jsonValue() }, { requiredKeys: [] }) as fc.Arbitrary<JsonValue>,
  );

  it('never throws, changes its input, or touches a prototype', () => {
    const prototypes = [Object.getOwnPropertyNames(Object.prototype), Object.getOwnPropertyNames(Array.prototype)];
    fc.assert(fc.property(json, (record) => {
      const before = JSON.stringify(record);
      const out = mapping.apply(record, {});
      expect(Object.getPrototypeOf(out)).toBe(Object.prototype);
      expect(JSON.stringify(record)).toBe(before);
      // What comes out is JSON: nothing is lost by writing and reading it.
      expect(JSON.parse(JSON.stringify(out))).toEqual(JSON.parse(JSON.stringify(out, (_, value: unknown) => (value === undefined ? 'UNDEFINED' : value))));
    }), { numRuns: 500 });
    expect([Object.getOwnPropertyNames(Object.prototype), Object.getOwnPropertyNames(Array.prototype)]).toEqual(prototypes);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('carries an own key %s of the input only as data', (key) => {
    const record = JSON.parse(`{"a":{"${key}":{"polluted":true}},"b":1}`) as JsonValue;
    mapping.apply(record, {});
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('survives nesting that would overflow a recursion', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as JsonValue;
    expect(() => mapping.apply({ a: deep, b: deep, c: deep, d: deep }, {})).not.toThrow();
  });
});
