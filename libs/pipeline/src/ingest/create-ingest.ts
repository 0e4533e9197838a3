import { FirsthandError, type JsonValue } from '@firsthand/domain';
import type { Doorbell, InboxRecord, SourceConnection, Store, WorkspaceConfiguration } from '../ports/index.js';
import { GroupCommit } from './group-commit.js';
import type { Intake } from './intake.js';
import { CONSENT_UNREADABLE, judgeRaw, type Receipt } from './judge-raw.js';
import { PLAN_REFUSAL } from './judge-by-plan.js';
import { partitionOf } from './partition-of.js';

/** Raw records of one authenticated, parsed request. */
export interface IngestRequest extends Receipt {
  configuration: WorkspaceConfiguration;
  connection: SourceConnection;
  raws: readonly JsonValue[];
  /** Size of the request, for the group commit's limits. */
  bytes?: number;
  /** The records of a thin source are the full ones already: nothing has to be fetched for them. */
  isWhole?: boolean;
}

/** What became of the records of one request. Those that wait for repair in the quarantine are among the accepted. */
export interface IngestResult {
  accepted: number;
  refused: number;
  /** The records that will not be applied as they are, by their place in `raws`: refused, or on their way to the quarantine. No word of the record is in it. */
  problems: { index: number; isRefused: boolean; reason: string }[];
  /** What consent of the records could not be read, and so permits nothing: `categories`, or the name of a signal, once per record. */
  unreadableConsents: string[];
}

export interface Ingest {
  /**
   * Resolves when every record is journaled, refused ones as counts only.
   * @throws FirsthandError CONNECTION_DISABLED, PROVENANCE_MISSING, PROVENANCE_THIRD_PARTY; UNAVAILABLE when it could not be stored
   */
  accept(request: IngestRequest): Promise<IngestResult>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/**
 * Step 1 of an event's path: check the connection's provenance, map, judge, append to the inbox.
 *
 * @example await ingest.accept({ configuration, connection, raws: [message], receivedAt: Date.now(), isVerified: false, isImport: false });
 */
export function createIngest(options: { store: Pick<Store, 'inbox'>; doorbell: Pick<Doorbell, 'ringApply'>; newId(): string; partitions?: number; intake?: Intake | undefined }): Ingest {
  const { store, doorbell, newId, partitions = 4, intake } = options;
  const commits = new GroupCommit({ inbox: store.inbox, newId, onCommitted: () => doorbell.ringApply(), intake });
  return {
    async accept({ configuration, connection, raws, bytes, isWhole = false, ...receipt }) {
      assertProvenance(connection);
      const records = raws.map((raw) => toEntry(raw, connection, configuration, receipt, partitions, isWhole));
      if (records.length > 0) await commits.commit({ workspaceId: configuration.workspaceId, receivedAt: receipt.receivedAt, records, bytes: bytes ?? records.length * 2048 });
      const problems = records.flatMap(({ record: { refusal, fault } }, index) => {
        if (refusal !== null) return connection.withoutBasis === 'refuse' || refusal === PLAN_REFUSAL ? [{ index, isRefused: true, reason: refusal }] : [];
        return fault === null ? [] : [{ index, isRefused: false, reason: [fault.code, ...fault.places.map(({ message }) => message)].join(': ') }];
      });
      const refused = problems.filter(({ isRefused }) => isRefused).length;
      return { accepted: records.length - refused, refused, problems, unreadableConsents: records.flatMap(({ record: { record } }) => unreadableConsents(record?.flags ?? [])) };
    },
    close: () => commits.drained(),
  };
}

function unreadableConsents(flags: readonly string[]): string[] {
  return flags.flatMap((flag) => (flag.startsWith(CONSENT_UNREADABLE) ? [flag.slice(CONSENT_UNREADABLE.length + 1) || 'categories'] : []));
}

/** First-party only: what was not collected by the brand itself has no way in. */
function assertProvenance(connection: SourceConnection): void {
  if (connection.provenance?.collection === 'third-party') throw new FirsthandError('PROVENANCE_THIRD_PARTY');
  if (connection.provenance === null || connection.agreementId === null) throw new FirsthandError('PROVENANCE_MISSING');
  if (connection.status !== 'enabled') throw new FirsthandError('CONNECTION_DISABLED');
}

function toEntry(raw: JsonValue, connection: SourceConnection, configuration: WorkspaceConfiguration, receipt: Receipt, partitions: number, isWhole: boolean): { partition: number; record: InboxRecord } {
  if (connection.source.fetch !== undefined && !isWhole) {
    const record: InboxRecord = { connectionId: connection.connectionId, mappingVersion: connection.mappingVersion, ...receipt, raw, record: null, refusal: null, fault: null, needsFetch: true };
    return { partition: 0, record };
  }
  const record = judgeRaw(raw, connection, configuration, receipt);
  return { partition: partitionOf(record.record, partitions), record };
}
