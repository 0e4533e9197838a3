import { EVERY_PURPOSE, stableId, type ConsentScope } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, DisclosureRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { nextPlace, type PersonWork } from './person-work.js';

/**
 * For people who refused a purpose in this transaction: a removal to each recipient whom the refusal concerns that ever got data of them under it
 * (GDPR art. 7(3), 17(1)(b)), or may be getting it at this moment: what is pending may have been decided on the consent of before. The rows are of class
 * `suppression`: the gate that now blocks data lets them pass.
 */
export async function takeBack(tx: StoreTransaction, people: readonly PersonWork[], configuration: WorkspaceConfiguration, now: number): Promise<DeliveryRow[]> {
  const refusing = people.filter((person) => person.refused.size > 0);
  if (refusing.length === 0) return [];
  const idsOf = (person: PersonWork): string[] => [person.profile.profileId, ...person.profile.mergedFrom];
  const everybody = refusing.flatMap(idsOf);
  const disclosures: Ground[] = await tx.findDisclosures(configuration.workspaceId, everybody);
  const pending = await tx.findPendingData(configuration.workspaceId, everybody);
  const grounds = [...disclosures, ...pending.map(({ connectionId, action, profileId, purpose }) => ({ connectionId, action, profileId, purposes: [purpose], fields: [] }))];
  const rows: DeliveryRow[] = [];
  for (const person of refusing) {
    const ids = idsOf(person);
    const targets = new Map<string, DeliveryRow>();
    for (const disclosure of grounds) {
      const purpose = disclosure.purposes.find((key) => [key, EVERY_PURPOSE].some((refused) => isConcerned(disclosure, person.refused.get(refused), configuration)));
      const key = `${disclosure.connectionId}|${disclosure.action}`;
      if (!ids.includes(disclosure.profileId) || purpose === undefined || targets.has(key)) continue;
      targets.set(key, toRemoval(person, disclosure, purpose, now));
    }
    rows.push(...targets.values());
  }
  return rows;
}

/**
 * Whether what was refused concerns a recipient: its kind, the channel that its action stands for, or, of the separate consents, what it may have got under them.
 * Of what kind a recipient was that is gone is not known: refused for one is refused for it.
 */
function isConcerned({ connectionId, action, fields }: Ground, refused: ReadonlySet<ConsentScope> | undefined, { destinations, sensitivePaths }: WorkspaceConfiguration): boolean {
  if (refused === undefined || refused.size === 0) return false;
  const connection = destinations.get(connectionId);
  if (connection === undefined) return true;
  const channel = connection.destinations[action]?.channel;
  return refused.has(connection.recipient) || refused.has('minor') || (refused.has('cross-border') && (connection.recipient !== 'own' || connection.country !== null))
    || (refused.has('sensitive') && fields.some((path) => sensitivePaths.some((sensitive) => overlap(path, sensitive)))) || (channel !== undefined && refused.has(channel));
}

/** Whether one path is the other or holds it. */
function overlap(one: string, other: string): boolean {
  return `${one}.`.startsWith(`${other}.`) || `${other}.`.startsWith(`${one}.`);
}

/** Why a recipient is told: it has something of the person, or is about to. */
type Ground = Pick<DisclosureRow, 'connectionId' | 'action' | 'profileId' | 'purposes' | 'fields'>;

function toRemoval(person: PersonWork, { connectionId, action }: { connectionId: string; action: string }, purpose: string, now: number): DeliveryRow {
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
