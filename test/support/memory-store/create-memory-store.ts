import { FirsthandError } from '@firsthand/domain';
import { FenceLost, isImported, type InboxStore, type Store, type StoreTransaction } from '@firsthand/pipeline';
import { changeRows } from './change-rows.js';
import { consentRows } from './consent-rows.js';
import { deliveryRows } from './delivery-rows.js';
import { erasureRows } from './erasure-rows.js';
import { eventRows } from './event-rows.js';
import { flowRows } from './flow-rows.js';
import { audienceRows, journalRows } from './journal-rows.js';
import { laneRows } from './lane-rows.js';
import { LostRace, MemoryDatabase, type MemorySession } from './memory-tables.js';
import { personRows } from './person-rows.js';
import { sharedRows } from './shared-rows.js';
import { pushGateRows } from './push-gate-rows.js';
import { quarantineJobs, quarantineRows } from './quarantine-rows.js';
import { memorySyncStates, syncRows } from './sync-rows.js';
import { createTables, type InboxRow, type Tables } from './tables.js';

const ATTEMPTS = 8;

export interface MemoryStoreOptions {
  /** Whether the function of a transaction is run once more, as after a lost race, although it has lost none. */
  runsAgain?: () => boolean;
  /** Told of each transaction at the moment of its commit, with what its function was given. */
  onCommit?: (tx: StoreTransaction) => void;
}

/** The store in memory, with what lies in it. */
export interface MemoryStore extends Store {
  tables: Tables;
  /** Whether somebody waits for another's transaction to end. */
  isBlocked(): boolean;
  /** What is committed, as it is now. */
  read<T>(look: (session: MemorySession, tables: Tables) => T): Promise<T>;
  /** One transaction that waits for nobody within: who loses a race runs again. */
  run<T>(work: (session: MemorySession) => T): Promise<T>;
}

/**
 * The twin of the store on MongoDB, for property tests over many histories: transactions with snapshots from their first read on, where the first who writes a row wins and
 * the other one's function runs again; leases, fences and claims. `test/e2e/store-twin*.spec.ts` hold the two to the same cases.
 *
 * @example const store = createMemoryStore(); await store.transaction((tx) => tx.insertDeliveries(rows));
 */
export function createMemoryStore({ runsAgain = () => false, onCommit = () => undefined }: MemoryStoreOptions = {}): MemoryStore {
  const database = new MemoryDatabase();
  const tables = createTables();
  const now = <T>(work: (session: MemorySession) => T): Promise<T> => database.now(work);

  async function attempt<T>(work: (tx: StoreTransaction) => Promise<T>, isKept: boolean): Promise<T> {
    const session = database.begin();
    try {
      const tx = transactionOn(session, tables);
      const result = await work(tx);
      if (isKept) {
        session.commit();
        onCommit(tx);
      }
      return result;
    } finally {
      session.rollback();
    }
  }

  return {
    tables,
    isBlocked: () => database.waiting > 0,
    read: (look) => now((session) => look(session, tables)),
    run: now,
    inbox: inboxRows(now, tables),
    ...laneRows(now, tables),
    ...quarantineJobs(now, tables),
    snapshot: (work) => attempt(work, false),
    syncs: memorySyncStates(now, tables),
    async transaction(work) {
      if (runsAgain()) await attempt(work, false).catch((error: unknown) => { if (!(error instanceof LostRace)) throw error; });
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(work, true);
        } catch (error) {
          if (!(error instanceof LostRace)) throw error;
          if (tries >= ATTEMPTS) throw new FirsthandError('CONFLICT', 'Others kept writing the same rows.');
          if (error.holder === null) continue;
          await database.waitFor(error.holder);
        }
      }
    },
  };
}

type Rows = (session: MemorySession, tables: Tables) => Partial<StoreTransaction>;
const ROWS: readonly Rows[] = [eventRows, personRows, sharedRows, consentRows, erasureRows, deliveryRows, audienceRows, flowRows, journalRows, quarantineRows, changeRows, pushGateRows, syncRows];

/** Which rows have which method. */
const ROWS_OF = new Map(ROWS.flatMap((rows) => Object.keys(rows(new MemoryDatabase().begin(), createTables())).map((name) => [name, rows] as const)));

/** A transaction takes up the kinds of rows that it comes to use, and no others: most use few. */
function transactionOn(session: MemorySession, tables: Tables): StoreTransaction {
  const open = new Map<Rows, Partial<StoreTransaction>>();
  return new Proxy({} as StoreTransaction, {
    get(_, name: keyof StoreTransaction & string) {
      const rows = ROWS_OF.get(name);
      if (rows === undefined) return undefined;
      // Also a call that has nothing to read is the first one: who asks what a transaction could know counts from there.
      session.start();
      let own = open.get(rows);
      if (own === undefined) open.set(rows, (own = rows(session, tables)));
      return own[name];
    },
  });
}

function inboxRows(now: <T>(work: (session: MemorySession) => T) => Promise<T>, { inbox }: Tables): InboxStore {
  const isDue = ({ dueAt, claimedUntil }: InboxRow, at: number): boolean => dueAt <= at && claimedUntil <= at;
  return {
    append: (documents) => now((session) => {
      for (const { claim, ...document } of documents) {
        if (!document.inboxId.startsWith(`${document.workspaceId}|`)) throw new FirsthandError('INTERNAL', 'The id of a row does not begin with its workspace.');
        session.insert(inbox, document.inboxId, { document, isImport: isImported(document), dueAt: document.receivedAt, claim: claim?.token ?? null, claimedUntil: claim?.until ?? 0 });
      }
    }),
    claim: ({ now: at, leaseMs, maxRecords, workspaceId, partition }) => now((session) => {
      const token = session.database.newId();
      const due = session
        .select(inbox, (row) => isDue(row, at) && (workspaceId === undefined || row.document.workspaceId === workspaceId) && (partition === undefined || row.document.partition === partition))
        .sort((a, b) => Number(a.isImport) - Number(b.isImport) || a.dueAt - b.dueAt);
      const taken: InboxRow[] = [];
      let sum = 0;
      for (const row of due) {
        sum += row.document.records.length;
        if (taken.length > 0 && sum > maxRecords) break;
        taken.push(row);
        session.put(inbox, row.document.inboxId, { ...row, claim: token, claimedUntil: at + leaseMs });
      }
      return { token, documents: taken.sort((a, b) => a.dueAt - b.dueAt || (a.document.inboxId < b.document.inboxId ? -1 : 1)).map(({ document }) => document) };
    }),
    extend: (token, inboxIds, until) => now((session) => {
      for (const id of inboxIds) {
        const row = session.get(inbox, id);
        if (row?.claim !== token) throw new FenceLost('The claim on an inbox document was lost.');
        session.put(inbox, id, { ...row, claimedUntil: until });
      }
    }),
    release: (token, inboxIds, dueAt) => now((session) => {
      for (const id of inboxIds) {
        const row = session.get(inbox, id);
        if (row?.claim === token) session.put(inbox, id, { ...row, document: { ...row.document, attempt: row.document.attempt + 1 }, claim: null, claimedUntil: 0, dueAt });
      }
    }),
    hasDue: (at) => now((session) => session.some(inbox, (row) => isDue(row, at))),
  };
}
