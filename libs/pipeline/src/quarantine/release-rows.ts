import { applyBatch } from '../apply/apply-batch.js';
import { isUnusable, type ApplyContext, type ApplyItem } from '../apply/apply-context.js';
import { refuseErased } from '../apply/refuse-erased.js';
import { judgeRaw } from '../ingest/judge-raw.js';
import { LedgerCounts } from '../person/person-work.js';
import type { SourceConnection } from '../ports/configuration.js';
import type { QuarantineRow } from '../ports/quarantine-row.js';
import type { InboxDocument, InboxRecord } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { groupBy } from '../group-by.js';

/** What a release works with besides the transaction. */
export interface ReleaseContext extends ApplyContext {
  /** Whether flows that accept historical records are started. */
  startsFlows: boolean;
  /** Records that were found to break the others: they stay in quarantine. */
  poison: ReadonlySet<string>;
}

/** What became of a page of quarantined records. */
export interface ReleasedRows {
  /** The destination connections to ring. */
  lanes: string[];
  /** As on `QuarantineJobRow`. */
  counts: Record<string, number>;
}

/** What a vendor did not give in time is thin: it is asked for again. */
const THIN = 'FETCH_FAILED';
/** The counts that are ends of records. */
const ENDS = /^(?:applied|anonymous|duplicate|refused\..+)$/u;

/**
 * Releases quarantined records within a transaction that takes them out of quarantine: each is mapped, judged and applied anew by the configuration and the consents of now, as a record of the past, and
 * counted under the minute of its receipt. What cannot be used still goes back under its own id. So a record is released once, whoever asks how often, and wherever a process dies.
 *
 * @param rows read in this transaction, in the order of receipt
 */
export async function releaseRows(tx: StoreTransaction, rows: readonly QuarantineRow[], context: ReleaseContext): Promise<ReleasedRows> {
  const { configuration } = context;
  const counts = new LedgerCounts();
  const { items, thin, left } = judgeAnew(rows, context);
  const taken = [...items.map(({ quarantined }) => quarantined), ...thin.map(({ row }) => row)];
  for (const { connectionId, receivedAt } of taken) counts.add(connectionId, receivedAt, 'quarantined', -1);
  await tx.removeQuarantined(taken.map(({ quarantineId }) => quarantineId));
  // The inbox counts what it holds as received.
  for (const { row } of thin) counts.add(row.connectionId, row.receivedAt, 'received', -1);
  await tx.insertInbox(thinDocuments(thin, configuration.workspaceId, context.newId));
  const welcome = await refuseErased(tx, items, context, counts);
  const lanes = welcome.length === 0 ? [] : await applyBatch(tx, welcome, { ...context, counts });
  if (welcome.length === 0) await tx.insertLedger(configuration.workspaceId, counts.list());
  return { lanes, counts: { ...outcomes(counts), ...again(welcome), ...(thin.length === 0 ? {} : { fetching: thin.length }), ...left } };
}

type ReleasedItem = ApplyItem & { quarantined: QuarantineRow };

/** A quarantined record as one that comes in now; null where its connection may let nothing in, or is gone: it is left as it is. */
export function toItem(row: QuarantineRow, { configuration, startsFlows, poison }: Pick<ReleaseContext, 'configuration' | 'startsFlows' | 'poison'>): ReleasedItem | null {
  const connection = configuration.sources.get(row.connectionId);
  if (connection === undefined || reasonToLeave(connection) !== null) return null;
  const { receivedAt, isVerified = false, original } = row;
  const record = judgeRaw(row.raw, connection, configuration, { receivedAt, isVerified, isImport: true, ...(original === undefined ? {} : { original }) });
  return { id: row.quarantineId, quarantined: row, record: silent(record, startsFlows), ...(poison.has(row.quarantineId) ? { isPoison: true } : {}) };
}

/** First-party only, as at the door. A connection that is paused takes nothing new in; what it let in can be released. */
function reasonToLeave({ provenance, agreementId }: SourceConnection): string | null {
  if (provenance?.collection === 'third-party') return 'PROVENANCE_THIRD_PARTY';
  return provenance === null || agreementId === null ? 'PROVENANCE_MISSING' : null;
}

interface ThinRecord {
  row: QuarantineRow;
  record: InboxRecord;
}

interface JudgedAnew {
  items: ReleasedItem[];
  thin: ThinRecord[];
  left: Record<string, number>;
}

function judgeAnew(rows: readonly QuarantineRow[], context: ReleaseContext): JudgedAnew {
  const judged: JudgedAnew = { items: [], thin: [], left: {} };
  for (const row of rows) {
    const connection = context.configuration.sources.get(row.connectionId);
    const item = toItem(row, context);
    if (connection === undefined || item === null) {
      const reason = `left.${connection === undefined ? 'connection-gone' : reasonToLeave(connection) ?? ''}`;
      judged.left[reason] = (judged.left[reason] ?? 0) + 1;
    } else if (row.code === THIN && connection.source.fetch !== undefined) {
      const { receivedAt, isVerified = false, raw, connectionId } = row;
      const record = { connectionId, receivedAt, isVerified, isImport: true, raw, mappingVersion: connection.mappingVersion, record: null, refusal: null, fault: null, needsFetch: true };
      judged.thin.push({ row, record: silent(record, context.startsFlows) });
    } else judged.items.push(item);
  }
  return judged;
}

function silent(record: InboxRecord, startsFlows: boolean): InboxRecord {
  return startsFlows ? record : { ...record, startsNoFlow: true };
}

/** Of each connection one document of the inbox, as when they came. */
function thinDocuments(thin: readonly ThinRecord[], workspaceId: string, newId: () => string): InboxDocument[] {
  return [...groupBy(thin, ({ record }) => record.connectionId).values()].map((own) => ({
    inboxId: `${workspaceId}|${newId()}`, workspaceId, partition: 0, receivedAt: own[0]?.record.receivedAt ?? 0, attempt: 0, records: own.map(({ record }) => record),
  }));
}

function outcomes(counts: LedgerCounts): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const entry of counts.list()) {
    for (const [key, count] of Object.entries(entry.counts)) if (ENDS.test(key)) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}

/** What goes back, by its cause. */
function again(items: readonly ApplyItem[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { isPoison, record } of items.filter(isUnusable)) {
    const key = `quarantined.${isPoison === true ? 'RECORD_FAILED' : record.fault?.code ?? 'RECORD_FAILED'}`;
    sums[key] = (sums[key] ?? 0) + 1;
  }
  return sums;
}
