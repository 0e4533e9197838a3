import {
  dataSubjectOf, decideConsent, decidingPlaces, EVERY_PURPOSE, findRefusals, isRefusal, type ConsentPlace, type ConsentStanding, type ConsentState, type ConsentTarget, type Profile, type RefusalQuestion,
} from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DisclosureRow } from '../ports/rows.js';

/** What a recipient has of a person, or is about to get. */
export type Ground = Pick<DisclosureRow, 'connectionId' | 'action' | 'profileId' | 'purposes' | 'fields' | 'grounds'>;

/** Whom it is of. */
export interface Decider {
  profile: Pick<Profile, 'fields'>;
  consents: ConsentState;
}

export type RefusalConfiguration = Pick<WorkspaceConfiguration, 'destinations' | 'purposes' | 'agreements' | 'sensitivePaths'>;

/** What a person's consents say of what recipients have got. */
export interface OwedRemovals {
  /** The refusals that stand against it for a purpose. */
  refusals(ground: Ground, purposeKey: string): ConsentStanding[];
  /** Whether its permission for a purpose hangs on a place of the state, and is not given. */
  hasLost(ground: Ground, purposeKey: string, places: readonly ConsentPlace[]): boolean;
  /** Whether what was taken back for a purpose still is: something that the recipient got is refused, or it may not have it for that purpose. */
  isOwed(grounds: readonly Ground[], purposeKey: string): boolean;
}

/**
 * Asks what a person's consents say of what recipients got, by the rule that decides sends. A recipient counts as what it is now and as what it was when it got
 * something: who became a processor since is told all the same what a third party has to forget. Of what kind one was that is gone and was never noted is not
 * known: refused for one is refused for it.
 *
 * @example owedRemovals(person, configuration, now).isOwed(disclosures, 'ads')
 */
export function owedRemovals({ profile, consents: state }: Decider, { destinations, purposes, agreements, sensitivePaths }: RefusalConfiguration, now: number): OwedRemovals {
  const subject = dataSubjectOf(profile);
  const questions = (ground: Ground, purposeKey: string): RefusalQuestion[] => {
    const connection = destinations.get(ground.connectionId);
    const channel = connection?.destinations[ground.action]?.channel ?? null;
    const kinds: Pick<ConsentTarget, 'recipient' | 'country'>[] = [...(connection === undefined ? [] : [connection]), ...ground.grounds.filter(({ purpose }) => purpose === purposeKey)];
    const hasSensitive = ground.fields.some((path) => sensitivePaths.some((sensitive) => overlap(path, sensitive)));
    return kinds.map(({ recipient, country }) => ({ state, subject, purposeKey, purpose: purposes.get(purposeKey), target: { recipient, country, connectionId: ground.connectionId, channel }, hasSensitive, now }));
  };
  const isPermitted = (question: RefusalQuestion): boolean => {
    const { isAllowed, coversSensitive } = decideConsent({ ...question, agreements });
    return isAllowed && (coversSensitive || !question.hasSensitive);
  };
  const refusals: OwedRemovals['refusals'] = (ground, purposeKey) => {
    const asked = questions(ground, purposeKey);
    return asked.length === 0 ? everyRefusal(state, purposeKey) : asked.flatMap(findRefusals);
  };
  return {
    refusals,
    hasLost: (ground, purposeKey, places) => questions(ground, purposeKey).some((question) => (
      decidingPlaces(question).some((one) => places.some((other) => one[0] === other[0] && one[1] === other[1])) && !isPermitted(question))),
    isOwed: (grounds, purposeKey) => grounds.some((ground) => ground.purposes.some((key) => refusals(ground, key).length > 0))
      || grounds.some((ground) => ground.purposes.includes(purposeKey) && questions(ground, purposeKey).some((question) => !isPermitted(question))),
  };
}

function everyRefusal(state: ConsentState, purposeKey: string): ConsentStanding[] {
  return [purposeKey, EVERY_PURPOSE].flatMap((key) => Object.values(Object.hasOwn(state, key) ? (state[key] ?? {}) : {}))
    .flatMap((standing) => (standing !== undefined && isRefusal(standing.decision) ? [standing] : []));
}

/** Whether one path is the other or holds it. */
function overlap(one: string, other: string): boolean {
  return `${one}.`.startsWith(`${other}.`) || `${other}.`.startsWith(`${one}.`);
}
