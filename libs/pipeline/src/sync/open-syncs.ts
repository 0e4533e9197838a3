import type { JsonObject, SyncRule, WriteOutcome } from '@firsthand/domain';
import { isRefusal, type Settled } from '../deliver/settled.js';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { SyncGround } from './decide-sync.js';
import { SyncBook } from './sync-book.js';

/** What of a round of a lane concerns sync rules. */
export interface SyncRound {
  lease: Pick<LaneLease, 'workspaceId' | 'connectionId'>;
  configuration: Pick<WorkspaceConfiguration, 'syncs'>;
  settled: readonly Settled[];
  due: readonly DeliveryRow[];
}

/** What a round of a lane needs to know for the rows that sync rules make. */
export interface RoundSyncs {
  book: SyncBook;
  /** Undefined for a row that no rule makes. */
  groundOf(row: DeliveryRow): SyncGround | undefined;
  /** Notes ahead of a request that makes the system forget the person, named so: once it may have arrived, what the system holds of them is unknown, whatever becomes of the answer. */
  noteForgetting(row: DeliveryRow, identifiers: readonly JsonObject[], now: number): void;
}

/**
 * Reads what the system of a lane is known to hold, and notes the outcomes that came back: of writes, and of what made it forget somebody. Undefined, without a read, where no rule has a part in the round.
 *
 * @param people by the ids that the due rows carry
 */
export async function openSyncs(tx: StoreTransaction, { lease: { workspaceId, connectionId }, configuration: { syncs }, settled, due }: SyncRound, people: ReadonlyMap<string, PersonWork>): Promise<RoundSyncs | undefined> {
  if (syncs === undefined) return undefined;
  const written = due.filter(({ flowId }) => syncs.ofFlow(flowId) !== undefined);
  const answered = settled.filter(({ sync }) => sync !== undefined);
  const forgotten = settled.filter(({ row, result }) => result.outcome === 'delivered' && forgets(row, syncs.rules));
  const forgetting = due.filter((row) => forgets(row, syncs.rules));
  if (written.length === 0 && answered.length === 0 && forgotten.length === 0 && forgetting.length === 0) return undefined;
  const works = [...new Set([...written, ...forgetting].flatMap(({ profileId }) => people.get(profileId) ?? []))];
  // Who was merged away since is found under the id that the row still has.
  const told = forgotten.length === 0 ? new Map<string, PersonWork['profile']>() : await tx.findProfiles(workspaceId, forgotten.map(({ row }) => row.profileId));
  const idsAt = ({ row: { profileId } }: Settled): string[] => {
    const profile = told.get(profileId);
    return profile === undefined ? [profileId] : [...new Set([profileId, ...idsOf({ profile })])];
  };
  const book = await SyncBook.open(tx, workspaceId, [connectionId], works, [...answered.flatMap(({ sync }) => sync?.profileId ?? []), ...forgotten.flatMap(idsAt)]);
  for (const { row: { deliveryId }, result, sync } of answered) if (sync !== undefined) book.settle({ connectionId, profileId: sync.profileId }, deliveryId, outcomeOf(result));
  for (const one of forgotten) book.forget(connectionId, idsAt(one), one);
  return {
    book,
    groundOf({ flowId }) {
      const rule = syncs.ofFlow(flowId);
      return rule === undefined ? undefined : { rule, book };
    },
    noteForgetting(row, identifiers, now) {
      const person = people.get(row.profileId);
      if (person !== undefined && forgets(row, syncs.rules)) book.doubt(connectionId, idsOf(person), row.operation === 'erase' ? { at: now, identifiers } : undefined);
    },
  };
}

function outcomeOf(result: Settled['result']): WriteOutcome {
  if (result.outcome === 'delivered') return 'arrived';
  if (result.outcome === 'not-sent') return 'refused';
  return isRefusal(result.reason) ? 'refused' : 'unclear';
}

/** Whether a delivery makes the system forget a person whom a rule keeps equal there. */
function forgets({ class: kind, operation, connectionId, action }: DeliveryRow, rules: readonly SyncRule[]): boolean {
  return kind === 'suppression' && (operation === 'erase' || operation === 'removeMembers') && rules.some((rule) => rule.connectionId === connectionId && rule.action === action);
}
