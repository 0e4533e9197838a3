import type { JsonValue } from '@firsthand/domain';
import type { QuarantineRow } from '../ports/quarantine-row.js';

/**
 * All that a quarantined record holds of anybody: as it is, as it came, and what was changed in it. Who is looked for is looked for in all of it.
 *
 * @example identitiesIn(quarantinedValues(row), { defaultCountry })
 */
export function quarantinedValues({ raw, original, edits = [] }: Pick<QuarantineRow, 'raw' | 'original' | 'edits'>): JsonValue {
  const changed = edits.flatMap(({ changes }) => changes.flatMap(({ old, new: next }) => [old ?? null, next ?? null]));
  return original === undefined && changed.length === 0 ? raw : [raw, original ?? null, ...changed];
}
