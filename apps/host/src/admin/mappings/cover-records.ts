import { coverRaw, FIELD_OUTCOMES, mapSample, traceMapping, type CompiledMapping, type FieldOutcome, type MappingSurroundings } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import type { MappingCoverage, MappingCoverageBody } from './mapping-bodies.js';
import { chooseMapping, compileFor, sourceOf } from './mapping-source.js';
import { newestRaws, type StoredRaw } from './newest-raws.js';

const MAX_FIELDS = 1_000;

type Target = MappingCoverage['targets'][number];

/**
 * Runs a mapping over the newest stored records of its connection and counts: which fields go nowhere, which targets lose something, what would go to quarantine. No value
 * leaves here, so it is for who may work on mappings, customers or not.
 *
 * @throws FirsthandError `INVALID_MAPPING`, `NOT_FOUND`
 */
export async function coverRecords(admin: AdminContext, { workspaceId }: Caller, body: MappingCoverageBody): Promise<MappingCoverage> {
  const source = await sourceOf(admin, workspaceId, body.connectionId);
  const mapping = compileFor(await chooseMapping(admin, workspaceId, source, body), source.surroundings.dictionary);
  const { raws, isComplete } = await newestRaws(admin, workspaceId, source, body.newest);
  return { records: raws.length, isComplete, ...count(raws, mapping, source.surroundings) };
}

function count(raws: readonly StoredRaw[], mapping: CompiledMapping, surroundings: MappingSurroundings): Pick<MappingCoverage, 'outcomes' | 'fields' | 'targets'> {
  const codes = new Map<string | null, number>();
  const fields = new Map<string, { records: number; isMapped: boolean }>();
  const targets = new Map<string, Target>();
  for (const { raw, receivedAt } of raws) {
    const { mapped, result } = mapSample(mapping, raw, receivedAt, surroundings);
    const code = result.error?.code ?? null;
    codes.set(code, (codes.get(code) ?? 0) + 1);
    for (const { path, isMapped } of coverRaw(raw, mapping)) fields.set(path, { records: (fields.get(path)?.records ?? 0) + 1, isMapped });
    for (const [key, { target, type, outcome }] of worstByTarget(traceMapping({ mapping, raw, mapped, record: result.record, ...surroundings }))) {
      const counted = targets.get(key) ?? { target, type, kept: 0, coerced: 0, truncated: 0, dropped: 0, empty: 0 };
      targets.set(key, { ...counted, [outcome]: counted[outcome] + 1 });
    }
  }
  return {
    outcomes: [...codes].map(([code, records]) => ({ code, records })),
    fields: [...fields].map(([path, field]) => ({ path, ...field })).sort((a, b) => Number(a.isMapped) - Number(b.isMapped) || b.records - a.records).slice(0, MAX_FIELDS),
    targets: [...targets.values()].slice(0, MAX_FIELDS),
  };
}

/** A record counts once for each target, by the worst that happened to it: the lines of an order are one. */
function worstByTarget(traced: ReturnType<typeof traceMapping>): Map<string, { target: string; type: string | null; outcome: FieldOutcome }> {
  const worst = new Map<string, { target: string; type: string | null; outcome: FieldOutcome }>();
  for (const { target: path, type, outcome } of traced) {
    const target = path.split('.').filter((key) => !/^\d+$/.test(key)).join('.');
    const known = worst.get(target);
    if (known === undefined || FIELD_OUTCOMES.indexOf(outcome) > FIELD_OUTCOMES.indexOf(known.outcome)) worst.set(target, { target, type, outcome });
  }
  return worst;
}
