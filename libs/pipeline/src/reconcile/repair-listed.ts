import type { JsonValue } from '@firsthand/domain';
import type { Ingest } from '../ingest/create-ingest.js';
import type { StoreTransaction } from '../ports/store.js';
import type { CompareContext } from './compare-listed.js';
import { eraseCopy } from './erase-copy.js';
import type { ListedCopy } from './read-copies.js';
import type { FindingRow, ReconcileRow } from './reconcile-rows.js';
import { countStates } from './repair-findings.js';

/** A record of the system about which something was decided. */
export interface DecidedCopy {
  copy: ListedCopy;
  finding: FindingRow;
}

/**
 * Takes in what a system says, through its source: mapping, plan, quarantine, ownership and consent are those of every record. What differs is said anew, as of now and of the fields that differ alone, for somebody has decided that
 * it holds; a yes to anything that comes with it is no new one. Somebody whom we do not know comes in as any record does.
 *
 * @returns those that were taken in
 * @throws FirsthandError `UNAVAILABLE` when they could not be stored
 */
export async function takeCopies(decided: readonly DecidedCopy[], { reconcileId }: ReconcileRow, { configuration, place: { source }, now }: CompareContext, ingest: Ingest): Promise<Set<string>> {
  const taking = decided.filter(({ finding }) => finding.repair === 'take');
  // Without a way in nothing of theirs can be taken: it is left.
  if (source === undefined || source.status !== 'enabled' || source.agreementId === null || source.provenance?.collection !== 'first-party') return new Set();
  const accept = async (raws: JsonValue[], restated?: { at: number; fields: readonly string[]; by: string }): Promise<void> => {
    if (raws.length > 0) await ingest.accept({ configuration, connection: source, raws, receivedAt: now, isVerified: true, isImport: false, isWhole: true, ...(restated === undefined ? {} : { restated }) });
  };
  await accept(taking.filter(({ finding }) => finding.kind === 'extra').map(({ copy }) => copy.raw));
  for (const { copy, finding } of taking.filter((one) => one.finding.kind === 'different')) await accept([copy.raw], { at: now, fields: finding.fields.map(({ field }) => field), by: reconcileId });
  return new Set(taking.map(({ finding }) => finding.findingId));
}

/** Notes what became of a page of such records, and has the system forget those who were erased. */
export async function settleCopies(tx: StoreTransaction, row: ReconcileRow, decided: readonly DecidedCopy[], taken: ReadonlySet<string>, context: CompareContext): Promise<{ counts: ReconcileRow['counts']; findings: FindingRow[]; lanes: string[] }> {
  const findings: FindingRow[] = [];
  const lanes = new Set<string>();
  for (const { copy, finding } of decided) {
    if (finding.repair !== 'erase') {
      findings.push({ ...finding, state: taken.has(finding.findingId) ? 'repaired' : 'left' });
      continue;
    }
    const isTold = await eraseCopy(tx, copy, finding, context);
    if (isTold) lanes.add(context.place.connection.connectionId);
    findings.push({ ...finding, state: isTold ? 'repaired' : 'left' });
  }
  return { counts: countStates(row.counts, findings), findings, lanes: [...lanes] };
}
