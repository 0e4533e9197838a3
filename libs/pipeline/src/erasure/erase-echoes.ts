import { ECHO_MS, type Identity } from '@firsthand/domain';
import type { Candidate } from '../apply/apply-context.js';
import { ownerOfAny, type KnownPeople } from '../apply/known-people.js';
import { readBlock } from '../deliver/evidence-chain.js';
import { readOwnIds } from '../deliver/identities-for.js';
import { isRefusal } from '../deliver/settled.js';
import { idsOf } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, DisclosureRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';

/** So far apart two clocks may be. */
const CLOCKS_APART_MS = 10_000;
const DAY_MS = 24 * 60 * 60_000;

/** An erase that a system was told, and by what it named the person. */
interface ToldErase {
  row: DeliveryRow;
  tries: readonly EraseTry[];
  named: ReadonlySet<unknown>;
}

/** One request for it, which may have arrived. */
interface EraseTry {
  sentAt: number;
  /** Sent while they were one with another from whom they are told apart since: it has to have named them. */
  isOfBoth: boolean;
}

/**
 * The deletions that tell of what we had the system do ourselves: of a person whom it was told to erase, as far as is written down ahead of each try, and of whom it was given nothing since. They are nobody's wish. What leaves it open counts as
 * one: of before the erase, of long after it, of somebody whom the erase did not name, or after an erase that the system refused.
 *
 * @returns ids of their events
 */
export async function findEraseEchoes(tx: StoreTransaction, candidates: readonly Candidate[], known: KnownPeople, configuration: WorkspaceConfiguration): Promise<ReadonlySet<string>> {
  const echoes = new Set<string>();
  for (const candidate of candidates) {
    const person = candidate.record.type === 'delete' ? known.works.get(ownerOfAny(candidate, known) ?? '') : undefined;
    if (person === undefined) continue;
    const told = await findToldErases(tx, configuration.workspaceId, idsOf(person));
    if (told.some((erase) => isEcho(candidate, erase, configuration))) echoes.add(candidate.eventId);
  }
  return echoes;
}

async function findToldErases(tx: StoreTransaction, workspaceId: string, profileIds: readonly string[]): Promise<ToldErase[]> {
  const { joins } = await tx.findJournal(workspaceId, profileIds);
  const parted = joins.flatMap(({ winner, loser, at, undoneAt }) => {
    const [other, ...more] = [winner, loser].filter((id) => !profileIds.includes(id));
    return undoneAt === null || other === undefined || more.length > 0 ? [] : [{ other, at, undoneAt }];
  });
  const rows = await tx.findErases(workspaceId, profileIds);
  for (const other of new Set(parted.map(({ other }) => other))) rows.push(...await tx.findErases(workspaceId, [other], profileIds));
  if (rows.length === 0) return [];
  const blocks = (await tx.findEvidenceOf(workspaceId, rows.map(({ deliveryId }) => deliveryId))).map((block) => ({ ...readBlock(block), evaluatedAt: block.evaluatedAt }));
  const disclosures = await tx.findDisclosures(workspaceId, profileIds);
  return rows.map((row) => {
    const of = <T extends { deliveryId: string }>(items: readonly T[]): T[] => items.filter(({ deliveryId }) => deliveryId === row.deliveryId);
    const outcomes = blocks.flatMap((block) => of(block.outcomes));
    const mayHaveArrived = (attempt: number): boolean => {
      const own = outcomes.filter((item) => item.attempt === attempt);
      return own.length === 0 || own.some(({ outcome, reason }) => outcome !== 'not-sent' && !isRefusal(reason));
    };
    const sentAt = blocks.flatMap(({ evidence, evaluatedAt }) => of(evidence).filter(({ isAllowed, attempt }) => isAllowed && mayHaveArrived(attempt)).map(() => evaluatedAt));
    const isOwn = profileIds.includes(row.profileId);
    const tries = sentAt.map((at) => ({ sentAt: at, isOfBoth: parted.some((one) => (isOwn || one.other === row.profileId) && one.at <= at && at <= one.undoneAt) }));
    return { row, tries: isOwn ? tries : tries.filter(({ isOfBoth }) => isOfBoth), named: namedBy(row, disclosures) };
  });
}

function namedBy({ connectionId, action }: DeliveryRow, disclosures: readonly DisclosureRow[]): Set<unknown> {
  const own = disclosures.filter((disclosure) => disclosure.connectionId === connectionId && disclosure.action === action);
  return new Set(own.flatMap(({ identifiers }) => identifiers.flatMap((set) => Object.values(set))));
}

function isEcho({ record, item }: Candidate, { row, tries, named }: ToldErase, { destinations, syncs, identityRules }: WorkspaceConfiguration): boolean {
  const connection = destinations.get(row.connectionId);
  const destination = connection?.destinations[row.action];
  const ownIdOf = connection === undefined || destination === undefined ? () => undefined : readOwnIds({ connection, destination, identityRules });
  const ownIds = record.identities.flatMap((identity) => ownIdOf(identity) ?? []);
  const systemOf = (connectionId: string): string => syncs?.systemOf(connectionId) ?? connectionId;
  if (ownIds.length === 0 && systemOf(item.record.connectionId) !== systemOf(row.connectionId)) return false;
  const isAfter = ({ sentAt }: EraseTry, withinMs: number): boolean => record.occurredAt >= sentAt - CLOCKS_APART_MS && record.occurredAt <= sentAt + withinMs;
  // At once it is whichever of the person's records there was: of one that was merged the system tells under its newest id.
  if (tries.some((one) => !one.isOfBoth && isAfter(one, ECHO_MS))) return true;
  const laterMs = (destination?.eraseToldWithinDays ?? 0) * DAY_MS;
  return tries.some((one) => isAfter(one, one.isOfBoth ? Math.max(ECHO_MS, laterMs) : laterMs)) && isNamed(record.identities, ownIds, named, ownIdOf);
}

/** By the ids of the system where both name any, else by whatever both name. */
function isNamed(identities: readonly Identity[], ownIds: readonly string[], named: ReadonlySet<unknown>, ownIdOf: (identity: Identity) => string | null | undefined): boolean {
  const namesOwn = identities.some(({ namespace }) => [...named].some((value) => typeof value === 'string' && typeof ownIdOf({ namespace, value }) === 'string'));
  return ownIds.length > 0 && namesOwn ? ownIds.some((id) => named.has(id)) : identities.some(({ value }) => named.has(value));
}
