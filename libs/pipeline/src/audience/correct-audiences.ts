import { isSameHolder, type MembershipState, type MemberSet } from '@firsthand/domain';
import { areOf, idsOf, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { AudienceMemberRow, DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { audiencesOf, type Audience } from './audience.js';
import { comparePerson } from './compare-person.js';
import { planCorrection } from './plan-correction.js';

/** Who is put in comes after what is taken out that names them too. */
const AFTER_REMOVAL_MS = 60_000;

/**
 * Puts the audiences right of who was taken for one with another, once {@link partAudiences} has noted what is whose: plans who is wanted and not in, who is in and not wanted,
 * and who stands in one by what is both theirs. Segments that they enter or leave in this transaction see to themselves. The lane decides each anew.
 *
 * @param people as they are now, in their segments
 * @param planned what the transaction sends of them otherwise: of a recipient that has somebody by what is both theirs it comes after that is taken out
 */
export async function correctAudiences(
  tx: StoreTransaction, people: readonly PersonWork[], configuration: WorkspaceConfiguration, { planned, ...occasion }: { occurrenceId: string; now: number; planned: readonly DeliveryRow[] },
): Promise<DeliveryRow[]> {
  const { workspaceId, destinations } = configuration;
  const rows = await tx.findAudienceMembers(workspaceId, people.flatMap(idsOf));
  const audiences = [...destinations.keys()].flatMap((connectionId) => audiencesOf(configuration, connectionId));
  const salts = await tx.findSalts(workspaceId, people.map(({ profile }) => profile.profileId));
  const going = (await tx.findPendingRemovals(workspaceId, people.flatMap(idsOf))).filter(({ operation }) => operation === 'removeMembers');
  // What is decided of both as one at this moment takes out who is wanted: one of the two runs again.
  await tx.meetAudienceMembers(rows.filter((row) => going.some(({ connectionId, action }) => connectionId === row.connectionId && action === row.action)));
  const leaving = going.filter(({ cause }) => cause === 'segment-left');
  return audiences.flatMap((audience) => {
    const stateOf = (person: PersonWork): MembershipState[] => rows.filter(({ connectionId, action, profileId }) => connectionId === audience.connection.connectionId && action === audience.step.action && idsOf(person).includes(profileId));
    const mixed = people.filter((person) => stateOf(person).some(({ sets }) => sets.some((set) => isHeldBy(set, audience) && areOf(set.identifiers, person) && namesAnother(set, person, people))));
    const own = people.flatMap((person) => {
      if (person.membershipChanges.some(({ segmentId }) => segmentId === audience.segmentId)) return [];
      const { as, plan } = comparePerson({ person, salt: salts.get(person.profile.profileId) ?? '' }, stateOf(person), audience, configuration, occasion.now);
      if (mixed.includes(person) && plan !== 'removeMembers') return correct(person, 'anew', audience, occasion);
      // As one they had left the segment, and what takes them out is on its way.
      if ((as === 'confirmed' || as === 'changed') && leaving.some((row) => isOf(row, audience) && idsOf(person).includes(row.profileId))) return correct(person, 'addMembers', audience, occasion);
      // In with other data than now is nothing that being one has done: nobody is told of them again for it.
      return as === 'changed' ? [] : correct(person, plan, audience, occasion);
    });
    if (mixed.length > 0) for (const row of [...own, ...planned]) if (row.operation === 'addMembers' && row.connectionId === audience.connection.connectionId) row.dueAt = occasion.now + AFTER_REMOVAL_MS;
    return own;
  });
}

/** Of people who are told apart, notes what recipients have by what is one's alone as theirs. */
export async function partAudiences(tx: Pick<StoreTransaction, 'findAudienceMembers' | 'writeAudienceMembers'>, workspaceId: string, people: readonly PersonWork[]): Promise<void> {
  const found = await tx.findAudienceMembers(workspaceId, people.flatMap(idsOf));
  await tx.writeAudienceMembers(handOver(found, people).filter((row) => !found.includes(row)));
}

/** Rows with each set at whom alone it names, whichever of their ids it stands under; those that nothing goes from or to stay the same objects. */
function handOver(rows: readonly AudienceMemberRow[], people: readonly PersonWork[]): AudienceMemberRow[] {
  const left = new Map(rows.map((row) => [keyOf(row), row]));
  const setsAt = (place: AudienceMemberRow): readonly MemberSet[] => left.get(keyOf(place))?.sets ?? [];
  for (const person of people) {
    const own = idsOf(person);
    for (const row of rows.filter(({ profileId }) => own.includes(profileId))) {
      for (const other of people.filter((one) => one !== person)) {
        const theirs = row.sets.filter((set) => !areOf(set.identifiers, person) && areOf(set.identifiers, other));
        if (theirs.length === 0) continue;
        const to = { ...row, profileId: other.profile.profileId };
        left.set(keyOf(row), { ...row, sets: setsAt(row).filter((set) => !theirs.includes(set)) });
        left.set(keyOf(to), { ...to, sets: [...setsAt(to), ...theirs] });
      }
    }
  }
  return [...left.values()];
}

function correct(person: PersonWork, plan: 'addMembers' | 'removeMembers' | 'anew' | null, audience: Audience, occasion: { occurrenceId: string; now: number }): DeliveryRow[] {
  const out = (): DeliveryRow => planCorrection(person, 'removeMembers', audience, { ...occasion, occurrenceId: `${occasion.occurrenceId}|out` });
  if (plan === 'removeMembers') return [out()];
  if (plan === 'addMembers') return [planCorrection(person, 'addMembers', audience, occasion)];
  return plan === null ? [] : [out(), planCorrection(person, 'addMembers', audience, occasion)];
}

function isHeldBy({ state, holders }: MemberSet, { flow, step }: Audience): boolean {
  return state !== 'out' && holders.some((one) => isSameHolder(one, { flowId: flow.compiled.definition.flowId, stepId: step.id }));
}

function isOf({ connectionId, flowId, stepId }: DeliveryRow, { connection, flow, step }: Audience): boolean {
  return connectionId === connection.connectionId && flowId === flow.compiled.definition.flowId && stepId === step.id;
}

function namesAnother(set: MemberSet, person: PersonWork, people: readonly PersonWork[]): boolean {
  return people.some((other) => other !== person && areOf(set.identifiers, other));
}

function keyOf({ connectionId, action, profileId }: AudienceMemberRow): string {
  return `${connectionId}|${action}|${profileId}`;
}
