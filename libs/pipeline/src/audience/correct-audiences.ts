import { isSameHolder, type MembershipState } from '@firsthand/domain';
import { groupBy } from '../group-by.js';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { audiencesOf, type Audience } from './audience.js';
import { comparePerson } from './compare-person.js';
import { planCorrection } from './plan-correction.js';

/** Who takes the place of somebody at a recipient comes after them. */
const AFTER_REMOVAL_MS = 60_000;

/**
 * Plans what puts the audiences right of people who were taken for one: who is wanted and not in, who is in and not wanted, and who stands in one as the other does. Segments that they enter or leave in
 * this transaction see to themselves. The lane decides each anew.
 *
 * @param people as they are now, in their segments
 */
export async function correctAudiences(tx: StoreTransaction, people: readonly PersonWork[], configuration: WorkspaceConfiguration, occasion: { occurrenceId: string; now: number }): Promise<DeliveryRow[]> {
  const { workspaceId, destinations } = configuration;
  const audiences = [...destinations.keys()].flatMap((connectionId) => audiencesOf(configuration, connectionId));
  if (audiences.length === 0) return [];
  const known = groupBy(await tx.findAudienceMembers(workspaceId, people.flatMap(idsOf)), ({ connectionId, action }) => `${connectionId}|${action}`);
  const salts = await tx.findSalts(workspaceId, people.map(({ profile }) => profile.profileId));
  return audiences.flatMap((audience) => {
    const rows = known.get(`${audience.connection.connectionId}|${audience.step.action}`) ?? [];
    const stateOf = (person: PersonWork): MembershipState[] => rows.filter(({ profileId }) => idsOf(person).includes(profileId));
    const mixed = new Set(people.filter((person) => standsAsAnother(person, people, stateOf(person), audience)));
    return people.flatMap((person) => {
      if (person.membershipChanges.some(({ segmentId }) => segmentId === audience.segmentId)) return [];
      const { plan } = comparePerson({ person, salt: salts.get(person.profile.profileId) ?? '' }, stateOf(person), audience, configuration, occasion.now);
      return correct(person, mixed.has(person) && plan !== 'removeMembers' ? 'anew' : plan, audience, { ...occasion, isLater: mixed.size > 0 });
    });
  });
}

function correct(person: PersonWork, plan: 'addMembers' | 'removeMembers' | 'anew' | null, audience: Audience, { isLater, ...occasion }: { occurrenceId: string; now: number; isLater: boolean }): DeliveryRow[] {
  if (plan === null) return [];
  const out = plan === 'addMembers' ? [] : [planCorrection(person, 'removeMembers', audience, { ...occasion, occurrenceId: `${occasion.occurrenceId}|out` })];
  if (plan === 'removeMembers') return out;
  const back = planCorrection(person, 'addMembers', audience, occasion);
  return [...out, isLater ? { ...back, dueAt: occasion.now + AFTER_REMOVAL_MS } : back];
}

/** Whether a recipient has a person, over this audience, by what is another's now. */
function standsAsAnother(person: PersonWork, people: readonly PersonWork[], states: readonly MembershipState[], { flow, step }: Audience): boolean {
  const holder = { flowId: flow.compiled.definition.flowId, stepId: step.id };
  const valuesOf = (one: PersonWork): Set<unknown> => new Set(one.profile.identities.map(({ value }) => value));
  const own = valuesOf(person);
  const others = new Set(people.filter((one) => one !== person).flatMap((one) => [...valuesOf(one)]));
  return states.some(({ sets }) => sets.some(({ state, identifiers, holders }) => (
    state !== 'out' && holders.some((one) => isSameHolder(one, holder)) && Object.values(identifiers).some((value) => others.has(value) && !own.has(value)))));
}

function idsOf({ profile: { profileId, mergedFrom } }: PersonWork): string[] {
  return [profileId, ...mergedFrom];
}
