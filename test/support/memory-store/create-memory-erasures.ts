import { heldRecord, identitiesIn, identityKey, stableId, type JsonValue } from '@firsthand/domain';
import { ERASURE_LEASE_MS, ERASURE_STEPS, FenceLost, LedgerCounts, quarantinedValues, type ErasureLease, type ErasureRow, type ErasureStep, type ErasureStore, type EventRow, type HeldCount, type InboxRecord } from '@firsthand/pipeline';
import type { MemoryStore } from './create-memory-store.js';
import type { MemorySession } from './memory-tables.js';
import { removeNextKind, removeToldBy, type Counts, type Subject } from './person-places.js';
import { keyOf, toErasure, type StoredErasure, type Tables } from './tables.js';

/** A worker that has a document applies it within moments, and finds the tombstone. */
const WAIT_MS = 1_000;

/** How far a part of a step came. */
interface Part {
  counts?: Counts;
  held?: HeldCount[];
  /** Null when the step is done. */
  next: string | null;
  waitMs?: number;
}

interface Scope {
  session: MemorySession;
  tables: Tables;
  row: ErasureRow;
  subject: Subject;
  now: number;
}

/** What each step does. Each is one part but `rows`, which goes by kinds; there are no raw records apart from their events. */
const PARTS: Record<Exclude<ErasureStep, 'recipients'>, (scope: Scope) => Part> = {
  inbox: emptyInbox,
  events: (scope) => removeEvents(scope, ({ profileId }) => scope.subject.profileIds.includes(profileId)),
  'named-events': (scope) => removeEvents(scope, ({ record: { identities } }) => identities.some((one) => scope.subject.identityKeys.includes(identityKey(one)))),
  quarantine: ({ session, tables: { quarantine, ledger }, subject }) => {
    const own = session.select(quarantine, (row) => row.workspaceId === subject.workspaceId && isAbout(subject, null, quarantinedValues(row)));
    for (const entry of LedgerCounts.moved(own, 'quarantined', 'refused.erased').list()) session.insert(ledger, keyOf(subject.workspaceId, session.database.newId()), { ...entry, workspaceId: subject.workspaceId });
    return { counts: counted('quarantine', removeAll(session, quarantine, own.map(({ quarantineId }) => quarantineId))), next: null };
  },
  rows: ({ session, tables, subject, row }) => removeNextKind(session, tables, subject, row.cursor),
  consents: ({ session, tables: { consents }, subject: { workspaceId, identityKeys } }) => {
    const found = session.select(consents, (record) => record.workspaceId === workspaceId && identityKeys.includes(record.identityKey));
    // What is left of a record names nobody, as in MongoDB, where both fields are taken out.
    for (const { seal, ...record } of found) session.put(consents, `${workspaceId}|${record.recordId}`, { ...record, identityKey: '', ...(seal === undefined ? {} : { seal: { ...seal, nonce: '' } }) });
    return { counts: counted('consents', found.length), next: null };
  },
  requests: ({ session, tables: { privacyRequests }, subject: { workspaceId, profileIds, identityKeys } }) => {
    const found = session.select(privacyRequests, (row) => row.workspaceId === workspaceId
      && ((row.profileId !== null && profileIds.includes(row.profileId)) || row.identities.some((one) => identityKeys.includes(identityKey(one)))));
    for (const row of found) {
      const isTheirs = row.profileId === null || profileIds.includes(row.profileId);
      session.put(privacyRequests, row.requestId, isTheirs ? { ...row, identities: [], profileId: null, details: null } : { ...row, identities: row.identities.filter((one) => !identityKeys.includes(identityKey(one))) });
    }
    return { counts: counted('privacyRequests', found.length), next: null };
  },
};

/**
 * The twin of the erasures on MongoDB, over a store in memory: the same steps in the same order, each part a transaction.
 *
 * @example const eraser = createEraser({ erasures: createMemoryErasures(store), clock, holder });
 */
export function createMemoryErasures(store: MemoryStore): ErasureStore {
  const { tables } = store;
  const { erasures, deliveries } = tables;
  return {
    claim: ({ now, until, holder, workspaceId }) => store.run((session) => {
      const [row] = session.select(erasures, (one) => one.dueAt !== null && one.dueAt > 0 && one.dueAt <= now && (one.until <= now || one.holder === holder) && (workspaceId === undefined || one.workspaceId === workspaceId))
        .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || (a.erasureId < b.erasureId ? -1 : 1));
      if (row === undefined) return null;
      session.put(erasures, row.erasureId, { ...row, holder, until, fence: row.fence + 1 });
      return { row: toErasure(row), fence: row.fence + 1 };
    }),

    work: (lease, now) => store.run((session) => {
      const { row } = lease;
      if (row.step === 'recipients') return row;
      const { workspaceId, profileIds, identityKeys } = row;
      const next = advance(row, PARTS[row.step]({ session, tables, row, subject: { workspaceId, profileIds, identityKeys }, now }), now);
      updateOwn(session, tables, lease, { ...next, until: now + ERASURE_LEASE_MS });
      return next;
    }),

    findTold: (workspaceId, deliveryIds) => store.run((session) => new Map(deliveryIds.flatMap((id) => {
      const row = session.peek(deliveries, id);
      return row?.workspaceId !== workspaceId ? [] : [[id, { state: row.state, reason: row.reason }]];
    }))),

    save: (lease, { recipients, dueAt }) => store.run((session) => updateOwn(session, tables, lease, { recipients, dueAt, holder: null, until: 0 })),

    finish: (lease, { recipients, dueAt }, now) => store.run((session) => {
      const { workspaceId, profileIds, counts, finishedAt } = lease.row;
      const removed = removeToldBy(session, tables, { workspaceId, profileIds, identityKeys: [] });
      const isTheirs = (row: { workspaceId: string; profileId: string }): boolean => row.workspaceId === workspaceId && profileIds.includes(row.profileId);
      const waits = session.some(deliveries, (row) => isTheirs(row) && row.state === 'pending') || session.some(tables.inFlight, ({ rows }) => rows.some(isTheirs));
      const rest = waits ? { dueAt } : { people: [], profileIds: [], dueAt: null };
      updateOwn(session, tables, lease, { recipients, counts: sum(counts, removed), ...rest, finishedAt: finishedAt ?? now, holder: null, until: 0 });
    }),

    sweepHeld: (now) => store.run((session) => {
      const isHeld = (held: { workspaceId: string; category: string }): boolean => session.some(tables.legalHolds, ({ workspaceId, category, until }) => workspaceId === held.workspaceId && category === held.category && until > now);
      const ids: string[] = [];
      session.some(tables.heldData, (row, id) => {
        if (!isHeld(row)) ids.push(id);
        return false;
      });
      return removeAll(session, tables.heldData, ids);
    }),
  };
}

function removeEvents(scope: Scope, isTheirs: (row: EventRow) => boolean): Part {
  const { session, tables: { events }, subject: { workspaceId } } = scope;
  const own = session.select(events, (row) => row.workspaceId === workspaceId && isTheirs(row));
  const held = holdBack(scope, own);
  return { counts: counted('events', removeAll(session, events, own.map(({ eventId }) => eventId))), held, next: null };
}

/** Copies what holds keep of events that are about to go, without whose they were. */
function holdBack({ session, tables: { heldData, legalHolds }, row: { erasureId, workspaceId }, now }: Scope, own: readonly EventRow[]): HeldCount[] {
  return session.select(legalHolds, (hold) => hold.workspaceId === workspaceId && hold.until > now).flatMap(({ category, reason, until }) => {
    const kept = own.flatMap(({ eventId, record }) => {
      const held = heldRecord(category, record);
      return held === null ? [] : [{ id: keyOf(workspaceId, stableId(erasureId, category, eventId)), held }];
    });
    for (const { id, held } of kept) session.put(heldData, id, { workspaceId, erasureId, category, heldAt: now, record: held });
    return kept.length === 0 ? [] : [{ category, reason, until, rows: kept.length }];
  });
}

/** Empties the person's records in documents that nobody has taken; one that somebody is just applying is waited for. */
function emptyInbox({ session, tables: { inbox }, subject, now }: Scope): Part {
  let emptied = 0;
  for (const row of session.select(inbox, ({ document }) => document.workspaceId === subject.workspaceId)) {
    const mine = row.document.records.map((record) => isAbout(subject, record, record.raw));
    const count = mine.filter(Boolean).length;
    if (count === 0) continue;
    if (row.claimedUntil > now) return { counts: counted('inbox', emptied), next: '', waitMs: WAIT_MS };
    session.put(inbox, row.document.inboxId, { ...row, document: { ...row.document, records: row.document.records.map((record, index) => (mine[index] === true ? emptyRecord(record) : record)) } });
    emptied += count;
  }
  return { counts: counted('inbox', emptied), next: null };
}

function isAbout({ identityKeys }: Subject, record: Pick<InboxRecord, 'record'> | null, raw: JsonValue): boolean {
  if (record?.record?.identities.some((identity) => identityKeys.includes(identityKey(identity))) === true) return true;
  const named = identitiesIn(raw, {});
  return identityKeys.some((key) => named.has(key));
}

function emptyRecord({ connectionId, receivedAt, mappingVersion, isVerified, isImport }: InboxRecord): InboxRecord {
  return { connectionId, receivedAt, mappingVersion, isVerified, isImport, raw: null, record: null, refusal: 'erased', fault: null };
}

function advance(row: ErasureRow, { counts = {}, held = [], next, waitMs = 0 }: Part, now: number): ErasureRow {
  const done = { ...row, counts: sum(row.counts, counts), held: held.reduce(addHeld, row.held.map((one) => ({ ...one }))), dueAt: now + waitMs };
  if (next !== null) return { ...done, cursor: next };
  const step = ERASURE_STEPS[ERASURE_STEPS.indexOf(row.step) + 1] ?? 'recipients';
  return step === 'recipients' ? { ...done, step, cursor: null, identityKeys: [], removedAt: now } : { ...done, step, cursor: null };
}

function addHeld(sums: HeldCount[], one: HeldCount): HeldCount[] {
  const known = sums.find(({ category, reason }) => category === one.category && reason === one.reason);
  if (known === undefined) return [...sums, one];
  known.rows += one.rows;
  return sums;
}

function updateOwn(session: MemorySession, { erasures }: Tables, { row, fence }: ErasureLease, change: Partial<StoredErasure>): void {
  const stored = session.get(erasures, row.erasureId);
  if (stored?.fence !== fence) throw new FenceLost('The erasure was taken over.');
  session.put(erasures, row.erasureId, { ...stored, ...change });
}

function removeAll(session: MemorySession, table: Parameters<MemorySession['remove']>[0], ids: readonly string[]): number {
  return ids.filter((id) => session.remove(table, id)).length;
}

function counted(name: string, count: number): Counts {
  return count === 0 ? {} : { [name]: count };
}

function sum(one: Counts, other: Counts): Counts {
  const sums = { ...one };
  for (const [name, count] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
