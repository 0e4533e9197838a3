import { identityKey, type Identity, type IdentityRules } from '@firsthand/domain';
import type { DisclosureRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { areOf, idsOf, type PersonWork } from './person-work.js';

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
 * Gives each of two who were one what is theirs of what came meanwhile: events with what was sent for them, waiting runs that such an event began, and what was disclosed by an identity of theirs
 * alone. What is in flight follows its event when it comes back: the lane hands it over before it decides.
 *
 * @param works the winner and the loser, as they are now
 * @param isLosers whose a record is, see {@link nameWith}
 */
export async function partRecords(tx: StoreTransaction, workspaceId: string, works: readonly [PersonWork, PersonWork], isLosers: (identities: readonly Identity[]) => boolean): Promise<void> {
  const [{ profile: winner }, { profile: loser }] = works;
  // Those that made them one were received before that.
  const found = await tx.findEventsNaming(workspaceId, winner.profileId, loser.identities);
  const eventIds = found.filter(({ identities }) => isLosers(identities)).map(({ eventId }) => eventId);
  await tx.moveEvents(eventIds, loser.profileId);
  await tx.moveDeliveries(workspaceId, { from: winner.profileId, to: loser.profileId, eventIds });
  await partRuns(tx, workspaceId, works);
  await partDisclosures(tx, workspaceId, works);
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

/** Gives to one of two whom they were told apart what was disclosed by an identity of theirs alone. */
export async function partDisclosures(tx: StoreTransaction, workspaceId: string, [winner, loser]: readonly [PersonWork, PersonWork]): Promise<void> {
  for (const row of await tx.findDisclosures(workspaceId, [winner.profile.profileId])) {
    const theirs = row.identifiers.filter((identifiers) => areOf(identifiers, loser) && !areOf(identifiers, winner));
    if (theirs.length === 0) continue;
    await tx.addDisclosures([{ ...row, profileId: loser.profile.profileId, identifiers: theirs } satisfies DisclosureRow]);
    await tx.removeDisclosed(row, theirs);
  }
}
