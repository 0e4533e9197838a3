import { dataSubjectOf, decideConsent, parseIdentityKey, type ConsentAnswer } from '@firsthand/domain';
import type { HttpClient } from '@firsthand/plugin-sdk';
import { loadPeople } from '../person/load-people.js';
import type { PersonWork } from '../person/person-work.js';
import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { Store } from '../ports/store.js';
import { isTakeBack } from '../ports/take-back-causes.js';
import { consentTargetOf, type Cleared } from './decide-delivery.js';
import { flowOf } from './flow-of.js';
import { takenThere } from './merged-there.js';

/** From the decision to each request at most this long, else it is asked for again. */
export const MAX_DECISION_AGE_MS = 1_000;

/** The decision on a call that was under way is another by now, or cannot be asked for: no further request of it goes out. */
export class DecisionOutdated extends Error {
  constructor(readonly reason: 'decision-outdated' | 'decision-unavailable') {
    super('What was decided is out of date.');
  }
}

/**
 * A client whose every request is on the wire within a second of a decision, or never. One that comes later, since the vendor took long to answer those before it or its rate limit made it wait, asks again first.
 *
 * @param again whether the decision is what it was
 * @throws DecisionOutdated from `request`
 * @example decidedWithin(http, { evaluatedAt, clock, again: () => isAllowedStill(rows, connection, context) })
 */
export function decidedWithin(http: HttpClient, { evaluatedAt, clock, again }: { evaluatedAt: number; clock(): number; again(): Promise<boolean> }): HttpClient {
  let decidedAt = evaluatedAt;
  return {
    async request(request, options) {
      const now = clock();
      if (now - decidedAt > MAX_DECISION_AGE_MS) {
        const stands = await again().catch(() => null);
        if (stands !== true) throw new DecisionOutdated(stands === null ? 'decision-unavailable' : 'decision-outdated');
        decidedAt = now;
      }
      return http.request(request, { ...options, startWithinMs: decidedAt + MAX_DECISION_AGE_MS - clock() });
    },
  };
}

/**
 * Whether all rows of a call may go on being sent as they were decided: the people are there, the connection is, consent (restrictions and closed channels with it) gives the same answer on the same record, and nothing that names them has turned out to be another's. Removals need no consent.
 *
 * @throws FirsthandError `UNAVAILABLE` when the configuration or the store cannot be read
 */
export async function isAllowedStill(rows: readonly { row: DeliveryRow; cleared: Cleared }[], { workspaceId, connectionId }: DestinationConnection, { store, configuration, clock }: { store: Pick<Store, 'snapshot'>; configuration(): WorkspaceConfiguration; clock(): number }): Promise<boolean> {
  const current = configuration();
  const connection = current.destinations.get(connectionId);
  if (connection?.workspaceId !== workspaceId) return false;
  // What a person has asked to be taken back goes out of a paused connection too.
  if (connection.status !== 'enabled' && !(connection.status === 'paused' && rows.every(({ row }) => isTakeBack(row)))) return false;
  const asked = rows.flatMap(({ row, cleared: { consent, destination, disclosure } }) => (consent === null ? [] : [{ row, consent, destination, disclosure }]));
  if (asked.length === 0) return true;
  const now = clock();
  const people = await store.snapshot((reads) => loadPeople(reads, current, asked.map(({ row }) => row.profileId), now));
  return asked.every(({ row, consent, destination, disclosure }) => {
    const person = people.get(row.profileId);
    if (person === undefined || namesAnother(person, disclosure)) return false;
    const taken = takenThere(person.profile, connection, current.identityRules);
    if (taken !== null && (disclosure?.identifiers ?? [{}]).some((identifiers) => taken.isAnothers(identifiers))) return false;
    return isSame(consent, decideConsent({
      state: person.consents, subject: dataSubjectOf(person.profile), purpose: current.purposes.get(row.purpose), target: consentTargetOf(row, connection, destination, flowOf(row, current)), agreements: current.agreements, now,
    }));
  });
}

/** A correction has found that an address of the payload is somebody else's. */
function namesAnother({ profile: { disowned = [] } }: PersonWork, disclosure: Cleared['disclosure']): boolean {
  const values = new Set(disclosure?.identifiers.flatMap((identifiers) => Object.values(identifiers)));
  return disowned.some((key) => values.has(parseIdentityKey(key).value));
}

function isSame(before: ConsentAnswer, after: ConsentAnswer): boolean {
  return after.isAllowed && after.reason === before.reason && after.coversSensitive === before.coversSensitive && after.standing?.recordId === before.standing?.recordId;
}
