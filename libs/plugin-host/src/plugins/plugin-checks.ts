import type { Mapping } from '@firsthand/domain';

/** What the domain knows and a plugin must fit. Each throws FirsthandError `INVALID_MAPPING`. */
export interface PluginChecks {
  /** Raw record to canonical: every target is in the dictionary. */
  compileSourceMapping(mapping: Mapping): unknown;
  /** Delivery context to payload: every target is one of the destination's fields. */
  compileDestinationMapping(mapping: Mapping, fieldNames: readonly string[]): unknown;
}
