import type { JsonValue } from '../json.js';
import { compileMapping } from './compile-mapping.js';
import { mappingHelpers } from './mapping-helpers.js';

function run(template: string, record: JsonValue = {}): JsonValue | undefined {
  return compileMapping({ out: template }).apply(record, {}).out;
}

describe('mappingHelpers', () => {
  it.each([...mappingHelpers.values()].map(({ name, example }) => ({ name, ...example })))('$name: its example holds', ({ template, record, gives }) => {
    expect(run(template, record)).toEqual(gives);
  });

  it.each([...mappingHelpers.values()])('$name is documented, and only its last argument repeats', ({ name, description, args, example }) => {
    expect(example.template).toContain(name);
    expect(description).toMatch(/\.$/);
    expect(args.slice(0, -1).some(({ isRest }) => isRest === true)).toBe(false);
    expect(args.every((arg) => arg.description !== '')).toBe(true);
  });

  it.each<[string, JsonValue | undefined]>([
    ['{{e164 "12345" "CN"}}', undefined],
    ['{{e164 "+1 415 555 2671"}}', '+14155552671'],
    ['{{e164 "0086 139 1234 5678"}}', '+8613912345678'],
    ['{{e164 13912345678 "cn"}}', '+8613912345678'],
    ['{{e164 "13912345678"}}', undefined],
    ['{{money "18.995" "USD"}}', { amountMinor: 1900, currency: 'USD' }],
    ['{{money 1.005 "USD"}}', { amountMinor: 101, currency: 'USD' }],
    ['{{money "x" "USD"}}', undefined],
    ['{{money 5 "XXX"}}', undefined],
    ['{{map 3 "1" "a" "2" "b"}}', undefined],
    ['{{map 3 "1" "a" "else"}}', 'else'],
    ['{{date "2026-02-30"}}', undefined],
    ['{{date 1795478400}}', '2026-11-24T00:00:00.000Z'],
    ['{{date 1795478400000}}', '2026-11-24T00:00:00.000Z'],
    ['{{date "03/04/2026" "Z" "dmy"}}', '2026-04-03T00:00:00.000Z'],
    ['{{date "03/04/2026"}}', undefined],
    ['{{number "1,2"}}', undefined],
    ['{{number ""}}', undefined],
    ['{{integer 2.5}}', undefined],
    ['{{boolean "maybe"}}', undefined],
    ['{{boolean "NO"}}', false],
    ['{{eq 5 "5"}}', true],
    ['{{eq missing null}}', true],
    ['{{eq missing ""}}', false],
    ['{{eq missing 5}}', false],
    ['{{eq 5 null}}', false],
    ['{{eq this this}}', false],
    ['{{lt "b" "a"}}', false],
    ['{{lt "a" "a"}}', false],
    ['{{epoch "2026-11-24" "ms"}}', 1795478400000],
    ['{{epoch "never"}}', undefined],
    ['{{decimal 5}}', undefined],
    ['{{contains "abc" this}}', false],
    ['{{date "03/04/2026" "Z" "mdy"}}', '2026-03-04T00:00:00.000Z'],
    ['{{date "2026-11-24" ""}}', '2026-11-24T00:00:00.000Z'],
    ['{{sha256 " "}}', undefined],
    ['{{gt "10" "9"}}', true],
    ['{{gt "x" 1}}', false],
    ['{{lt "2026-01-01" "2026-02-01"}}', true],
    ['{{default 0 1}}', 0],
    ['{{replace "a" "" "x"}}', 'a'],
    ['{{slice "abc" -2}}', 'bc'],
    ['{{country "atlantis"}}', undefined],
    ['{{country "中国"}}', 'CN'],
    ['{{title "HTTPError"}}', 'Http Error'],
    ['{{contains "abc" "b"}}', true],
  ])('%s', (template, expected) => {
    expect(run(template)).toEqual(expected);
  });

  it('hashes nothing twice', () => {
    const once = run('{{sha256 "a"}}');
    expect(once).toBe('ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
    expect(run('{{sha256 x}}', { x: String(once).toUpperCase() })).toBe(once);
    expect(run('{{sha256 " a "}}')).toBe(once);
  });
});
