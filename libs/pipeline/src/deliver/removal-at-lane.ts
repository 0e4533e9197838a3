import { dataSubjectOf, decideConsent } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, DisclosureRow } from '../ports/rows.js';

/** What is known of a removal when it is decided. */
export interface RemovalFacts {
  person: PersonWork;
  /** What the recipient ever got of the person by this action. */
  disclosures: readonly DisclosureRow[];
  connection: DestinationConnection;
  configuration: WorkspaceConfiguration;
  now: number;
}

/**
 * How a recipient is made to forget after a refusal: by a removal where it has one, else by erasing the person there, as long as it may hold nothing of them for
 * another purpose. Decided at each try: what is allowed may have changed.
 */
export function removalAtLane(row: DeliveryRow, facts: RemovalFacts): DeliveryRow {
  const destination = facts.connection.destinations[row.action];
  if (row.cause !== 'consent-withdrawn' || destination === undefined) return row;
  const mustErase = destination.removeMembers === undefined && destination.erase !== undefined && !isNeeded(row, facts);
  const operation = mustErase ? 'erase' : 'removeMembers';
  return operation === row.operation ? row : { ...row, operation };
}

/** Whether the recipient got the person's data for a purpose, too, for which it may have them still. */
export function isNeeded({ action }: Pick<DeliveryRow, 'action'>, { person, disclosures, connection, configuration, now }: RemovalFacts): boolean {
  const subject = dataSubjectOf(person.profile);
  const target = { recipient: connection.recipient, connectionId: connection.connectionId, country: connection.country, channel: connection.destinations[action]?.channel ?? null };
  return [...new Set(disclosures.flatMap(({ purposes }) => purposes))].some((key) => (
    decideConsent({ state: person.consents, subject, purpose: configuration.purposes.get(key), target, agreements: configuration.agreements, now }).isAllowed));
}
