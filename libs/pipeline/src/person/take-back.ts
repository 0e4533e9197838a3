import { stableId, standingAt, type ConsentPlace } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { idsOf, nextPlace, type PersonWork } from './person-work.js';
import { owedRemovals, type Ground } from './owed-removals.js';

/**
 * For people who refused a purpose in this transaction: a removal to each recipient whom the refusal concerns that ever got data of them under it
 * (GDPR art. 7(3), 17(1)(b)), or may be getting it at this moment: what is pending may have been decided on the consent of before. The rows are of class
 * `suppression`: the gate that now blocks data lets them pass.
 */
export async function takeBack(tx: StoreTransaction, people: readonly PersonWork[], configuration: WorkspaceConfiguration, now: number): Promise<DeliveryRow[]> {
  const refusing = people.filter((person) => person.refused.size > 0);
  if (refusing.length === 0) return [];
  const everybody = refusing.flatMap(idsOf);
  const disclosures: Ground[] = await tx.findDisclosures(configuration.workspaceId, everybody);
  const pending = await tx.findPendingData(configuration.workspaceId, everybody);
  const grounds = [...disclosures, ...pending.map(({ connectionId, action, profileId, purpose }) => ({ connectionId, action, profileId, purposes: [purpose], fields: [], grounds: [] }))];
  const rows: DeliveryRow[] = [];
  for (const person of refusing) {
    const ids = idsOf(person);
    const targets = new Map<string, DeliveryRow>();
    const { records, lost } = changesOf(person);
    const owed = owedRemovals(person, configuration, now);
    const isConcerned = (ground: Ground, purpose: string): boolean => owed.refusals(ground, purpose).some(({ recordId }) => records.has(recordId)) || owed.hasLost(ground, purpose, lost);
    for (const disclosure of grounds) {
      const key = `${disclosure.connectionId}|${disclosure.action}`;
      if (!ids.includes(disclosure.profileId) || targets.has(key)) continue;
      const purpose = disclosure.purposes.find((one) => isConcerned(disclosure, one));
      if (purpose !== undefined) targets.set(key, toRemoval(person, disclosure, purpose, now));
    }
    rows.push(...targets.values());
  }
  return rows;
}

/**
 * Who decides anew while something waits to be taken back from a recipient that does not answer: that is decided again at once. What they agree to again is left where it
 * is, and what comes after it for them waits no longer. Gives the lanes to ring.
 */
export async function hurryTakeBacks(tx: StoreTransaction, people: readonly PersonWork[], workspaceId: string, now: number): Promise<string[]> {
  const deciding = people.filter(({ isNew, areConsentsChanged }) => areConsentsChanged && !isNew);
  const waiting = (await tx.findPendingRemovals(workspaceId, deciding.flatMap(idsOf))).filter(({ cause, dueAt }) => cause === 'consent-withdrawn' && dueAt > now);
  await tx.updateDeliveries(waiting.map(({ deliveryId, state, reason, attempt }) => ({ deliveryId, state, reason, attempt, dueAt: now })));
  return waiting.map(({ connectionId }) => connectionId);
}

/** What was refused in this transaction: the records that say so, and the places at which nothing stands any more, once a merge that had brought a yes was taken back. */
function changesOf({ refused, consents }: PersonWork): { records: Set<string>; lost: ConsentPlace[] } {
  const places = [...refused].flatMap(([purpose, scopes]) => [...scopes].map((scope): ConsentPlace => [purpose, scope]));
  const standings = places.map((place) => standingAt(consents, place));
  return { records: new Set(standings.flatMap((standing) => standing?.recordId ?? [])), lost: places.filter((_, index) => standings[index] === null) };
}

/** What takes back from a recipient all that it got of a person; the lane decides whether that is still refused. */
export function toRemoval(person: PersonWork, { connectionId, action }: { connectionId: string; action: string }, purpose: string, now: number): DeliveryRow {
  const { workspaceId, profileId } = person.profile;
  const { seq, createdAt } = nextPlace(person, now);
  person.isTouched = true;
  return {
    deliveryId: `${workspaceId}|${stableId(workspaceId, 'take-back', connectionId, action, profileId, seq)}`,
    workspaceId, connectionId, action, operation: 'removeMembers', class: 'suppression', profileId, seq, purpose,
    flowId: null, flowVersion: null, stepId: null, runId: null, eventId: null, segmentId: null, cause: 'consent-withdrawn',
    createdAt, dueAt: now, attempt: 0, state: 'pending', reason: null,
  };
}
