import type { MemorySession, MemoryTable } from './memory-tables.js';
import { keyOf, type Tables } from './tables.js';

/** A person by all that a row may name them by. */
export interface Subject {
  workspaceId: string;
  profileIds: readonly string[];
  /** `namespace|value`. */
  identityKeys: readonly string[];
}

/** Counts by the name of the collection, without those that lost nothing. */
export type Counts = Record<string, number>;

type Remove = (session: MemorySession, tables: Tables, subject: Subject) => number;

function removeWhere<R>(session: MemorySession, table: MemoryTable<R>, isTheirs: (row: R, id: string) => boolean): number {
  const ids: string[] = [];
  session.some(table, (row, id) => {
    if (isTheirs(row, id)) ids.push(id);
    return false;
  });
  for (const id of ids) session.remove(table, id);
  return ids.length;
}

/** Rows that say by a field whose they are. */
const byProfile = (tableOf: (tables: Tables) => MemoryTable<{ workspaceId: string; profileId: string }>): Remove => (
  (session, tables, { workspaceId, profileIds }) => removeWhere(session, tableOf(tables), (row) => row.workspaceId === workspaceId && profileIds.includes(row.profileId)));

/** Rows that there is one of per profile. */
const byKey = (tableOf: (tables: Tables) => MemoryTable<unknown>): Remove => (
  (session, tables, { workspaceId, profileIds }) => [...new Set(profileIds)].filter((id) => session.remove(tableOf(tables), keyOf(workspaceId, id))).length);

type Theirs = MemoryTable<{ workspaceId: string; profileId: string }>;
const identities = byProfile((tables) => tables.identities as unknown as Theirs);
const runs = byProfile((tables) => tables.runs as unknown as Theirs);
const flowEntries = byProfile((tables) => tables.flowEntries as unknown as Theirs);
const contacts = byProfile((tables) => tables.contacts as unknown as Theirs);
const aliases = byKey((tables) => tables.aliases as MemoryTable<unknown>);
const profiles = byKey((tables) => tables.profiles as MemoryTable<unknown>);
const consentStates = byKey((tables) => tables.consentStates as MemoryTable<unknown>);
const salts = byKey((tables) => tables.salts as MemoryTable<unknown>);
const changes = byProfile((tables) => tables.changes as unknown as Theirs);
const merges: Remove = (session, tables, { workspaceId, profileIds }) => removeWhere(session, tables.merges, (row) => (
  row.workspaceId === workspaceId && ('mergeId' in row ? [row.winner, row.loser] : [row.from, row.to]).some((id) => profileIds.includes(id))));
const confirmations: Remove = (session, tables, { workspaceId, identityKeys }) => removeWhere(session, tables.confirmations, (row) => row.workspaceId === workspaceId && identityKeys.includes(row.identityKey));
const identityLinks: Remove = (session, tables, { workspaceId, identityKeys }) => removeWhere(session, tables.identityLinks, (row) => row.workspaceId === workspaceId && row.keys.some((key) => identityKeys.includes(key)));
const matchSuggestions: Remove = (session, tables, { workspaceId, profileIds }) => removeWhere(session, tables.matchSuggestions, (row) => row.workspaceId === workspaceId && row.profileIds.some((id) => profileIds.includes(id)));
/** What is pending is cancelled by its lane first, and what tells recipients is needed until they are told. */
const endedData: Remove = (session, tables, { workspaceId, profileIds }) => removeWhere(session, tables.deliveries, (row) => (
  row.workspaceId === workspaceId && profileIds.includes(row.profileId) && row.state !== 'pending' && row.cause !== 'erased'));
const ended: Remove = (session, tables, { workspaceId, profileIds }) => removeWhere(session, tables.deliveries, (row) => (
  row.workspaceId === workspaceId && profileIds.includes(row.profileId) && row.state !== 'pending'));
const disclosures = byProfile((tables) => tables.disclosures as unknown as Theirs);
const syncStates = byProfile((tables) => tables.syncStates as unknown as Theirs);
const audienceMembers = byProfile((tables) => tables.audienceMembers as unknown as Theirs);

/** By what a person is looked up, joined with others, or acted for: gone with the first step. */
const LOOKED_UP_BY: readonly [string, Remove][] = Object.entries({ profiles, identities, aliases, identityLinks, consentStates, runs, flowEntries, contacts });
/** What goes as a whole, a kind of rows at a time. */
const WHOLE: readonly [string, Remove][] = Object.entries({ identities, aliases, merges, identityLinks, matchSuggestions, profiles, salts, consentStates, confirmations, syncStates, deliveries: endedData, changes, runs, flowEntries, contacts });
/** By what recipients are told, and what sends leave that come back late. */
const TOLD_BY: readonly [string, Remove][] = Object.entries({ disclosures, audienceMembers, deliveries: ended, contacts });

/** Removes by what a person is looked up. */
export function removeLookedUpBy(session: MemorySession, tables: Tables, subject: Subject): Counts {
  return removeEach(LOOKED_UP_BY, session, tables, subject);
}

/** Removes by what recipients were told. */
export function removeToldBy(session: MemorySession, tables: Tables, subject: Subject): Counts {
  return removeEach(TOLD_BY, session, tables, subject);
}

/**
 * Removes one kind of what goes as a whole.
 *
 * @param name the first one where null
 * @returns what it was, and the name of the next kind; null after the last
 */
export function removeNextKind(session: MemorySession, tables: Tables, subject: Subject, name: string | null): { counts: Counts; next: string | null } {
  const at = Math.max(0, WHOLE.findIndex(([one]) => one === name));
  return { counts: removeEach(WHOLE.slice(at, at + 1), session, tables, subject), next: WHOLE[at + 1]?.[0] ?? null };
}

function removeEach(places: readonly [string, Remove][], session: MemorySession, tables: Tables, subject: Subject): Counts {
  const counts: Counts = {};
  for (const [name, remove] of places) {
    const count = remove(session, tables, subject);
    if (count > 0) counts[name] = count;
  }
  return counts;
}
