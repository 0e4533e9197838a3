import { ECHO_MS, type MemberSet, type SyncRule } from '@firsthand/domain';
import type { Candidate } from '../apply/apply-context.js';
import { carriedDecisions } from '../consent/carried-decisions.js';
import { idsOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { InboxRecord } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';

/** What is needed of a candidate of a system that is written to. */
export type HeardCandidate = Pick<Candidate, 'item' | 'eventId' | 'record' | 'isRefused'>;

/**
 * Gives what takes from a record the grants that only repeat what its system was told by us: they are no decisions of the person, and must not come back as newer ones. What we took out there lately, or may have, counts
 * as told too. A refusal is always heard.
 *
 * @param concerned candidates of systems that are written to, with their people
 * @param rules those that write there
 */
export async function withoutToldGrants(
  tx: Pick<StoreTransaction, 'findAudienceMembers'>, concerned: readonly { candidate: HeardCandidate; person: PersonWork }[], rules: readonly SyncRule[], { workspaceId, syncs }: WorkspaceConfiguration, now: number,
): Promise<(candidate: HeardCandidate, person: PersonWork) => InboxRecord> {
  const keeping = rules.filter(({ memberships }) => memberships.length > 0);
  const granting = concerned.filter(({ candidate: { item } }) => carriedDecisions(item.record).some(({ isGranted }) => isGranted));
  if (keeping.length === 0 || granting.length === 0) return ({ item }) => item.record;
  const rows = await tx.findAudienceMembers(workspaceId, [...new Set(granting.flatMap(({ person }) => idsOf(person)))]);
  return ({ item: { record } }, person) => {
    const own = syncs?.ofSource(record.connectionId) ?? [];
    const sets = (rule: SyncRule): MemberSet[] => rows.filter(({ connectionId, action, profileId }) => (
      connectionId === rule.connectionId && idsOf(person).includes(profileId) && rule.memberships.some((membership) => membership.action === action))).flatMap((row) => [...row.sets]);
    const told = new Set(own.filter((rule) => sets(rule).some((set) => isTold(set, now))).map(({ purpose }) => purpose));
    return told.size === 0 ? record : withoutGrants(record, told);
  };
}

/** Whether the system has the person in because we said so, or may have, or has had so lately. */
function isTold({ state, at }: MemberSet, now: number): boolean {
  return state !== 'out' || at > now - ECHO_MS;
}

function withoutGrants(item: InboxRecord, told: ReadonlySet<string>): InboxRecord {
  const { record, signals } = item;
  if (record === null) return item;
  const consents = Object.fromEntries(Object.entries(record.consents).filter(([purpose, isGranted]) => !isGranted || !told.has(purpose)));
  return { ...item, record: { ...record, consents }, ...(signals === undefined ? {} : { signals: signals.filter(({ decision, purpose }) => decision !== 'granted' || !told.has(purpose)) }) };
}
