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
  const pending = await tx.findPendingData(workspaceId, [...from, ...idsOf(works[1])]);
  const losers = new Set<string>();
  for (const profileId of from) {
    const found = await tx.findEventsNaming(workspaceId, profileId, loser.identities);
    const eventIds = found.filter(({ identities }) => isLosers(identities)).map(({ eventId }) => eventId);
    for (const eventId of eventIds) losers.add(eventId);
    await tx.moveEvents(eventIds, loser.profileId);
    await tx.moveDeliveries(workspaceId, { from: profileId, to: loser.profileId, eventIds });
  }
  await tx.movePrivacyRequests(workspaceId, { from: idsOf(works[0]), to: loser.profileId, identities: loser.identities.filter((one) => !winner.identities.some((other) => identityKey(one) === identityKey(other))) });
  await partRuns(tx, workspaceId, works);
  // It may have been sent, and nobody told what became of it.
  const mayHave = pending.filter(({ profileId, eventId }) => idsOf(works[1]).includes(profileId) || losers.has(eventId ?? ''));
  return partDisclosures(tx, workspaceId, works, { mayHave, now });
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

/** @param mayHave what is pending of the loser */
async function partDisclosures(tx: StoreTransaction, workspaceId: string, [winner, loser]: readonly [PersonWork, PersonWork], { mayHave, now }: { mayHave: readonly DeliveryRow[]; now: number }): Promise<DeliveryRow[]> {
  const waiting = (await tx.findPendingRemovals(workspaceId, [winner.profile.profileId])).filter(({ cause }) => cause === 'consent-withdrawn');
  const got = new Set(mayHave.map(({ connectionId, action }) => `${connectionId}|${action}`));
  for (const row of await tx.findDisclosures(workspaceId, [winner.profile.profileId])) {
    const theirs = row.identifiers.filter((identifiers) => areOf(identifiers, loser));
    if (theirs.length === 0) continue;
    await tx.removeDisclosed(row, theirs);
    await tx.addDisclosures([
      { ...row, identifiers: theirs.filter((identifiers) => areOf(identifiers, winner)).map((identifiers) => partOf(identifiers, winner, loser)) },
      { ...row, profileId: loser.profile.profileId, identifiers: theirs.map((identifiers) => partOf(identifiers, loser, winner)) },
    ]);
    got.add(`${row.connectionId}|${row.action}`);
  }
  return waiting.filter(({ connectionId, action }) => got.delete(`${connectionId}|${action}`)).map((row) => toRemoval(loser, row, row.purpose, now));
}

/** Of identifiers that name both what does not name the other alone. */
function partOf(identifiers: JsonObject, person: PersonWork, other: PersonWork): JsonObject {
  return Object.fromEntries(Object.entries(identifiers).filter(([name, value]) => areOf({ [name]: value }, person) || !areOf({ [name]: value }, other)));
}
