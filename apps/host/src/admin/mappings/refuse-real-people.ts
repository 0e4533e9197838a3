import { FirsthandError, pointerToken, type ErrorPlace, type JsonValue, type MappingTest } from '@firsthand/domain';

const ADDRESS = /^[^\s@]+@([^\s@]+)$/;
/** Domains that are nobody's (RFC 2606, RFC 6761). */
const RESERVED = /(?:^|\.)(?:example\.(?:com|org|net)|example|test|invalid|localhost)$/i;

/**
 * Samples of tests are configuration: they are shown to all who read mappings, exported with them, and no erasure looks there. So they are made up, which can be told of
 * addresses: one outside the domains that are kept for examples may be a customer's.
 *
 * @throws FirsthandError `INVALID_REQUEST` with the place of each such address, without it
 */
export function refuseRealPeople(tests: readonly MappingTest[]): void {
  const places = tests.flatMap(({ sample, expected }, index) => [...addresses(sample, `/tests/${index}/sample`), ...addresses(expected ?? null, `/tests/${index}/expected`)]);
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', 'Samples of tests are made up.', places);
}

function addresses(value: JsonValue, path: string): ErrorPlace[] {
  if (typeof value === 'string') {
    const domain = ADDRESS.exec(value.trim())?.[1];
    return domain === undefined || RESERVED.test(domain) ? [] : [{ path, message: 'may be somebody’s address: use one of example.com, or of a domain under .example or .test' }];
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => addresses(inner as JsonValue, `${path}/${pointerToken(key)}`));
}
