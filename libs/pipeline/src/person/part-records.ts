import { identityKey, type Identity, type IdentityRules, type JsonObject } from '@firsthand/domain';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { areOf, idsOf, type PersonWork } from './person-work.js';
import { toRemoval } from './take-back.js';

/**
 * Whether a record is of those of two who are told apart that have these keys: its strongest identity names the person, as where records are resolved.
 *
 * @param of all keys of both
 * @example nameWith(new Set(['userId|u2']), new Set(['userId|u1', 'userId|u2', 'email|a@example.com']), rules)
 */
export function nameWith(keys: ReadonlySet<string>, of: ReadonlySet<string>, { rankOf }: Pick<IdentityRules, 'rankOf'>): (identities: readonly Identity[]) => boolean {
  return (identities) => {
    const [strongest] = identities.filter((one) => of.has(identityKey(one))).sort((one, other) => rankOf(one.namespace) - rankOf(other.namespace));
    return strongest !== undefined && keys.has(identityKey(strongest));
  };
}

/**
 * Gives each of two who were one what is theirs of what came meanwhile: events with what was sent for them, waiting runs that such an event began, requests that name them alone, and what was disclosed by identities of theirs:
 * what named both is told of each by their own. What is in flight follows its event when it comes back: the lane hands it over before it decides. What waits to be taken back of both has to be taken back of the loser as well, where what it names is theirs now, or what may have been sent: these removals are given.
 *
 * @param works the winner and the loser, as they are now
 * @param isLosers whose a record is, see {@link nameWith}
 * @param from the profiles under which it may be: of a merge the winner, for what made them one was received before that
 */
export async function partRecords(tx: StoreTransaction, workspaceId: string, works: readonly [PersonWork, PersonWork], { isLosers, from, now }: { isLosers: (identities: readonly Identity[]) => boolean; from: readonly string[]; now: number }): Promise<DeliveryRow[]> {
  const [{ profile: winner }, { profile: loser }] = works;
  const eventIds: string[] = [];
  for (const profileId of from) eventIds.push(...(await tx.findEventsNaming(workspaceId, profileId, loser.identities)).filter(({ identities }) => isLosers(identities)).map(({ eventId }) => eventId));
  await tx.moveEvents(eventIds, loser.profileId);
  const waiting = await tx.findPendingData(workspaceId, works.flatMap(idsOf));
  // What is decided of both as one at this moment would be noted of the winner alone: one of the two runs again.
  await tx.meetDisclosures(waiting.map(({ connectionId, action }) => ({ workspaceId, connectionId, action, profileId: winner.profileId })));
  // What waits for an event of theirs of before came to be the winner's with the run that had waited.
  const pending = await theirsOf(tx, waiting, works[1]);
  const causes = new Set([...eventIds, ...pending.flatMap(({ eventId }) => eventId ?? [])]);
  for (const profileId of idsOf(works[0])) await tx.moveDeliveries(workspaceId, { from: profileId, to: loser.profileId, eventIds: [...causes] });
  await tx.movePrivacyRequests(workspaceId, { from: idsOf(works[0]), to: loser.profileId, identities: loser.identities.filter((one) => !winner.identities.some((other) => identityKey(one) === identityKey(other))) });
  await partRuns(tx, workspaceId, works);
  return partDisclosures(tx, workspaceId, works, { pending, now });
}

async function partRuns(tx: StoreTransaction, workspaceId: string, works: readonly [PersonWork, PersonWork]): Promise<void> {
  const runs = await tx.findWaitingRuns(workspaceId, works.flatMap(idsOf));
  const events = await tx.findEvents([...new Set(runs.flatMap(({ eventId }) => eventId ?? []))]);
  const strays = runs.flatMap((run) => {
    const event = events.get(run.eventId ?? '');
    const owner = event === undefined ? undefined : works.find((work) => idsOf(work).includes(event.profileId));
    return owner === undefined || idsOf(owner).includes(run.profileId) ? [] : [{ ...run, profileId: owner.profile.profileId }];
  });
  if (strays.length > 0) await tx.replaceRuns(strays);
}

/**
 * What a recipient has under any id of the one, and names the other, is noted as the other's. Gives what has to be taken back of each because it was to be of both.
 *
 * @param pending what waits of the loser
 */
async function partDisclosures(tx: StoreTransaction, workspaceId: string, works: readonly [PersonWork, PersonWork], { pending, now }: { pending: readonly DeliveryRow[]; now: number }): Promise<DeliveryRow[]> {
  const [winner, loser] = works;
  const got = new Map(works.map((work) => [work, new Set<string>()]));
  for (const row of await tx.findDisclosures(workspaceId, works.flatMap(idsOf))) {
    const isWinners = idsOf(winner).includes(row.profileId);
    const [person, other] = isWinners ? [winner, loser] : [loser, winner];
    if (!isWinners) got.get(loser)?.add(placeOf(row));
    // What stands under the loser's ids was sent of them alone: a device that both have says nothing of the winner.
    const theirs = row.identifiers.filter((identifiers) => areOf(identifiers, other) && (isWinners || !areOf(identifiers, person)));
    if (theirs.length === 0) continue;
    await tx.removeDisclosed(row, theirs);
    await tx.addDisclosures([
      { ...row, identifiers: theirs.filter((identifiers) => areOf(identifiers, person)).map((identifiers) => partOf(identifiers, person, other)) },
      { ...row, profileId: other.profile.profileId, identifiers: theirs.map((identifiers) => partOf(identifiers, other, person)) },
    ]);
    got.get(other)?.add(placeOf(row));
  }
  // It may have been sent, and nobody told what became of it.
  for (const row of pending) got.get(loser)?.add(placeOf(row));
  const waiting = (await tx.findPendingRemovals(workspaceId, works.flatMap(idsOf))).filter(({ cause }) => cause === 'consent-withdrawn');
  return works.flatMap((work) => {
    const isOwn = ({ profileId }: DeliveryRow): boolean => idsOf(work).includes(profileId);
    const known = new Set(waiting.filter(isOwn).map(placeOf));
    const places = new Set([...got.get(work) ?? []].filter((place) => !known.has(place)));
    return waiting.filter((row) => !isOwn(row) && places.delete(placeOf(row))).map((row) => toRemoval(work, row, row.purpose, now));
  });
}

/** Of what is pending of both what is the loser's: under an id of theirs, or for an event of theirs. */
async function theirsOf(tx: StoreTransaction, pending: readonly DeliveryRow[], loser: PersonWork): Promise<DeliveryRow[]> {
  const events = await tx.findEvents([...new Set(pending.flatMap(({ eventId }) => eventId ?? []))]);
  const own = idsOf(loser);
  return pending.filter(({ profileId, eventId }) => own.includes(profileId) || own.includes(events.get(eventId ?? '')?.profileId ?? ''));
}

function placeOf({ connectionId, action }: Pick<DeliveryRow, 'connectionId' | 'action'>): string {
  return `${connectionId}|${action}`;
}

/** Of identifiers that name both what does not name the other alone. */
function partOf(identifiers: JsonObject, person: PersonWork, other: PersonWork): JsonObject {
  return Object.fromEntries(Object.entries(identifiers).filter(([name, value]) => areOf({ [name]: value }, person) || !areOf({ [name]: value }, other)));
}
