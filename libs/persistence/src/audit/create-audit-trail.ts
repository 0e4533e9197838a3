import { FirsthandError } from '@firsthand/domain';
import { AUDIT_GENESIS, nextAuditRow, type AuditContent, type AuditHead, type AuditQuery, type AuditRow, type AuditTrail } from '@firsthand/pipeline';
import type { Connection, mongo } from 'mongoose';
import { isDuplicateKey, storeFailure } from '../store/store-failure.js';
import { storeKey } from '../store/store-key.js';

/** `_id` is `workspaceId|seq`: of two rows in one place the second is a duplicate key. */
interface StoredAuditRow extends AuditRow {
  _id: string;
  schemaVersion: number;
}

/** Others write too: each lost race means that a row of theirs was written. */
const MOST_RACES = 200;
/** Rows in one write. */
const MOST_ROWS = 200;

interface Waiting {
  content: AuditContent;
  resolve(): void;
  reject(error: unknown): void;
}

/** One workspace's chain, as far as this process knows it. */
interface Chain {
  head: AuditHead | null;
  waiting: Waiting[];
  isWriting: boolean;
}

/**
 * The audit log on MongoDB. Rows that come while one write is under way share the next one.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example await createAuditTrail(connection).append(workspaceId, content);
 */
export function createAuditTrail(connection: Connection): AuditTrail {
  const rows = connection.getClient().db(connection.name).collection<StoredAuditRow>('auditTrail');
  const chains = new Map<string, Chain>();
  const write = async (workspaceId: string, chain: Chain): Promise<void> => {
    chain.isWriting = true;
    while (chain.waiting.length > 0) {
      const batch = chain.waiting.splice(0, MOST_ROWS);
      try {
        chain.head = await appendAll(rows, workspaceId, chain.head, batch.map(({ content }) => content));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        chain.head = null;
        for (const { reject } of batch) reject(storeFailure(error));
      }
    }
    chain.isWriting = false;
  };
  return {
    append(workspaceId, content) {
      const chain = chains.get(workspaceId) ?? { head: null, waiting: [], isWriting: false };
      chains.set(workspaceId, chain);
      return new Promise((resolve, reject) => {
        chain.waiting.push({ content, resolve, reject });
        if (!chain.isWriting) void write(workspaceId, chain);
      });
    },
    async find(workspaceId, query, { beforeSeq, limit }) {
      try {
        const last = beforeSeq === undefined ? `${workspaceId}}` : keyOf(workspaceId, beforeSeq);
        return (await rows.find({ ...filterOf(workspaceId, query), _id: { $gt: storeKey(workspaceId, ''), $lt: last } }, { sort: { _id: -1 }, limit }).toArray()).map(toRow);
      } catch (error) {
        throw storeFailure(error);
      }
    },
    async *read(workspaceId, query = {}) {
      try {
        for await (const row of rows.find({ ...filterOf(workspaceId, query), _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } }, { sort: { _id: 1 } })) yield toRow(row);
      } catch (error) {
        throw storeFailure(error);
      }
    },
  };
}

/** Appends in order, after whatever others have written in the meantime, and gives the new head. */
async function appendAll(rows: mongo.Collection<StoredAuditRow>, workspaceId: string, known: AuditHead | null, contents: AuditContent[]): Promise<AuditHead> {
  let head = known ?? await readHead(rows, workspaceId);
  let left = contents;
  for (let race = 0; race < MOST_RACES; race += 1) {
    const chained: StoredAuditRow[] = [];
    for (const content of left) {
      const row = nextAuditRow(workspaceId, chained.at(-1) ?? head, content);
      chained.push({ _id: keyOf(workspaceId, row.seq), schemaVersion: 1, ...row });
    }
    try {
      await rows.insertMany(chained, { ordered: true, writeConcern: { w: 'majority', journal: true } });
      return chained.at(-1) ?? head;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    head = await readHead(rows, workspaceId);
    // Rows before the one that met another's were written.
    const written = new Set((await rows.find({ _id: { $in: chained.map(({ _id }) => _id) }, hash: { $in: chained.map(({ hash }) => hash) } }, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id));
    left = left.filter((_, index) => !written.has(chained[index]?._id ?? ''));
    if (left.length === 0) return head;
  }
  throw new FirsthandError('UNAVAILABLE', 'Others kept writing to the audit log.', [], { retryAfterSeconds: 1 });
}

async function readHead(rows: mongo.Collection<StoredAuditRow>, workspaceId: string): Promise<AuditHead> {
  const last = await rows.findOne({ _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } }, { sort: { _id: -1 }, projection: { seq: 1, hash: 1 } });
  return last === null ? AUDIT_GENESIS : { seq: last.seq, hash: last.hash };
}

function keyOf(workspaceId: string, seq: number): string {
  return storeKey(workspaceId, String(seq).padStart(12, '0'));
}

function filterOf(workspaceId: string, { from, to, ...equal }: AuditQuery): mongo.Filter<StoredAuditRow> {
  const given = Object.fromEntries(Object.entries(equal).flatMap(([name, value]) => (value === undefined ? [] : [[name, { $eq: value }]])));
  const at = from === undefined && to === undefined ? {} : { at: { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lt: to }) } };
  return { workspaceId, ...given, ...at };
}

function toRow({ _id, schemaVersion, ...row }: StoredAuditRow): AuditRow {
  return row;
}
