import { compileMapping, createDictionary, FirsthandError, runMappingTest, type MappingTest } from '@firsthand/domain';
import { mappingTemplates } from './mapping-templates.js';
import { refuseRealPeople } from './refuse-real-people.js';

const dictionary = createDictionary();

describe('a ready-made mapping', () => {
  it('is there for the common shapes', () => {
    expect(mappingTemplates().map(({ id }) => id)).toEqual(['contacts-zh-cn', 'customer', 'loyalty-member', 'order-refund', 'receipts-zh-cn', 'segment-track', 'shop-order']);
  });

  it.each(mappingTemplates().flatMap(({ id, mapping, tests }) => tests.map((test) => [id, test.name, mapping, test] as const)))('%s keeps its test: %s', (_id, _name, mapping, test) => {
    const compiled = compileMapping(mapping, { targets: dictionary.isTarget });
    expect(runMappingTest(compiled, test, { dictionary, settings: {}, connectionId: 'c' })).toEqual([]);
  });

  it.each(mappingTemplates().map(({ id, tests }) => [id, tests] as const))('%s has made-up samples, one of which becomes a record', (_id, tests) => {
    expect(() => refuseRealPeople(tests)).not.toThrow();
    expect(tests.some(({ expected }) => expected !== undefined)).toBe(true);
  });
});

describe('refuseRealPeople', () => {
  const placesOf = (test: Partial<MappingTest>): readonly unknown[] => {
    try {
      refuseRealPeople([{ name: 't', sample: {}, ...test }]);
    } catch (error) {
      if (error instanceof FirsthandError && error.code === 'INVALID_REQUEST') return error.places;
      throw error;
    }
    return [];
  };

  it('names the place of an address that may be somebody’s, and not the address', () => {
    const places = placesOf({ sample: { customer: [{ 'e/mail': 'ana@gmail.com' }] }, expected: { profile: { email: ' ana@gmail.com' } } });
    expect(places).toEqual(['/tests/0/sample/customer/0/e~1mail', '/tests/0/expected/profile/email'].map((path) => ({ path, message: expect.not.stringContaining('gmail') })));
  });

  it('takes addresses of domains that are nobody’s', () => {
    expect(placesOf({ sample: ['ana@example.com', 'Ana@Shop.Example.org', 'a@b.test', 'x@localhost', 'a@b.invalid', 'no address', 'at @ home'] })).toEqual([]);
    expect(placesOf({ sample: ['ana@myexample.com', 'a@example.com.cn'] })).toHaveLength(2);
  });
});
