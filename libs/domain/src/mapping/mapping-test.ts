import { canonicalise, type CanonicaliseContext, type CanonicaliseResult } from '../canonical/canonicalise.js';
import { deriveMessageId } from '../canonical/derive-message-id.js';
import type { Dictionary } from '../canonical/dictionary.js';
import type { JsonObject, JsonValue } from '../json.js';
import { findMismatches, type Mismatch } from './find-mismatches.js';
import type { CompiledMapping, MappingVariables } from './mapping.js';

/** The moment of receipt of a test that names none: 2030-01-01T00:00:00Z, before which samples lie. */
export const TEST_RECEIVED_AT = Date.UTC(2030, 0, 1);

/** One example that a mapping has to keep: a raw record, and what must become of it. */
export interface MappingTest {
  name: string;
  /** The raw record, made up. */
  sample: JsonValue;
  /** Parts of the canonical record, or with `isWhole` all of it. */
  expected?: JsonObject | undefined;
  /** In place of `expected`: the code with which such a record goes to quarantine. */
  expectedError?: string | undefined;
  /** That the record has nothing else. Empty parts need not be named. */
  isWhole?: boolean | undefined;
  /** ISO 8601; {@link TEST_RECEIVED_AT} when left out. */
  receivedAt?: string | undefined;
}

/** What a mapping runs with besides the record. */
export interface MappingSurroundings {
  dictionary: Dictionary;
  /** Without secret ones: a template could show them. */
  settings: Record<string, JsonValue>;
  connectionId: string;
  /** ISO 3166-1 alpha-2 country that national phone numbers are read in. */
  defaultCountry?: string | undefined;
}

/** A raw record after the mapping, and after it was read against the dictionary. */
export interface MappedRecord {
  mapped: JsonObject;
  result: CanonicaliseResult;
}

/**
 * Maps one raw record as ingest does.
 *
 * @param receivedAt epoch ms
 * @example mapSample(compileMapping(mapping), raw, Date.now(), surroundings).result.record?.name
 */
export function mapSample(mapping: Pick<CompiledMapping, 'apply'>, raw: JsonValue, receivedAt: number, { dictionary, settings, connectionId, defaultCountry }: MappingSurroundings): MappedRecord {
  const variables: MappingVariables = { settings, receivedAt: new Date(receivedAt).toISOString(), connectionId };
  const mapped = mapping.apply(raw, variables);
  const context: CanonicaliseContext = { dictionary, receivedAt, derivedMessageId: () => deriveMessageId(raw), ...(defaultCountry === undefined ? {} : { defaultCountry }) };
  return { mapped, result: canonicalise(mapped, context) };
}

/**
 * Runs one test of a mapping. Gives every place that is not as expected; none when it holds.
 *
 * @example runMappingTest(compiled, { name: 'an order', sample: { id: 1 }, expected: { order: { orderId: '1' } } }, surroundings) // []
 */
export function runMappingTest(mapping: Pick<CompiledMapping, 'apply'>, test: MappingTest, surroundings: MappingSurroundings): Mismatch[] {
  const receivedAt = test.receivedAt === undefined ? TEST_RECEIVED_AT : Date.parse(test.receivedAt);
  const { record, error } = mapSample(mapping, test.sample, receivedAt, surroundings).result;
  if (record === undefined) {
    return error?.code === test.expectedError ? [] : [{ path: '/error', expected: test.expectedError ?? null, got: error?.code ?? null }];
  }
  if (test.expectedError !== undefined) return [{ path: '/error', expected: test.expectedError, got: null }];
  return findMismatches(test.expected ?? {}, record as unknown as JsonObject, test.isWhole === true);
}
