import { coverRaw, mapSample, traceMapping, type CanonicalRecord, type ErrorPlace, type JsonValue, type TracedField } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { findSample, type Sample } from './find-sample.js';
import type { MappingPreviewBody } from './mapping-bodies.js';
import { chooseMapping, compileFor, sourceOf } from './mapping-source.js';

/** What a mapping makes of a sample, field by field. */
export interface MappingPreview {
  sample: Sample;
  mapped: Record<string, JsonValue>;
  record: CanonicalRecord | null;
  error: { code: string; places: ErrorPlace[] } | null;
  fields: TracedField[];
  unmapped: string[];
  reads: Record<string, readonly string[]>;
}

/**
 * Maps a sample as the connection would, and stores nothing.
 *
 * @throws FirsthandError `INVALID_MAPPING`, `NOT_FOUND`, `FORBIDDEN` for a stored sample
 */
export async function previewMapping(admin: AdminContext, caller: Caller, body: MappingPreviewBody): Promise<MappingPreview> {
  const source = await sourceOf(admin, caller.workspaceId, body.connectionId);
  const { dictionary, defaultCountry } = source.surroundings;
  const mapping = compileFor(await chooseMapping(admin, caller.workspaceId, source, body), dictionary);
  const sample = await findSample(admin, caller, source, body);
  const { mapped, result } = mapSample(mapping, sample.raw, admin.clock(), source.surroundings);
  return {
    sample, mapped, record: result.record ?? null, error: result.error ?? null,
    fields: traceMapping({ mapping, raw: sample.raw, mapped, record: result.record, dictionary, defaultCountry }),
    unmapped: coverRaw(sample.raw, mapping).filter(({ isMapped }) => !isMapped).map(({ path }) => path),
    reads: Object.fromEntries(mapping.reads),
  };
}
