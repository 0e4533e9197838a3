import { disownIdentity, FirsthandError, parseIdentityKey, unionIdentities } from '@firsthand/domain';
import { causeOf } from '../changes/change-cause.js';
import { isClaim, isProven, moveClaims } from '../consent/move-claims.js';
import { proveIdentities } from '../consent/prove-identities.js';
import type { Clock, ConfigurationSource, Doorbell, Store } from '../ports/index.js';
import type { IdentityLinkRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { loadPeople } from './load-people.js';
import { mergePeople, refoldMerged } from './merge-people.js';
import { LedgerCounts, newWorkOutput, nextVersion, type PersonWork } from './person-work.js';
import { writePeople } from './write-people.js';

const DECIDED = causeOf('admin');

export interface DecideLinkOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
}

/** A decision on a link that a limit held back. */
export interface LinkDecision {
  workspaceId: string;
  /** As in {@link IdentityLinkRow}. */
  linkId: string;
  decision: 'accepted' | 'rejected';
}

export interface LinkEnds {
  /** Who has the stronger identity. */
  person: PersonWork;
  /** Who has the weaker one; undefined where nobody does. */
  other: PersonWork | undefined;
}

/**
 * Decides on a held link, in one transaction. Accepted, both are one person from now on, by the same path and with the same journal as any merge, so that it can be taken back; what nobody has yet is the person's. Rejected,
 * the person knows the weaker identity as not their own: records that name both are applied to them without it, and nobody is asked again. The same decision once more changes nothing, but that two who were accepted and taken apart since are one again.
 *
 * @throws FirsthandError `NOT_FOUND` for an unknown link, or one of whose people nobody is left; `LINK_DECIDED` when it was decided otherwise; `LINK_JOINED` for a rejection when both have become one meanwhile
 * @example await decideIdentityLink({ workspaceId, linkId, decision: 'accepted' }, options);
 */
export async function decideIdentityLink({ workspaceId, linkId, decision }: LinkDecision, { store, doorbell, configuration: source, clock }: DecideLinkOptions): Promise<IdentityLinkRow> {
  const { row, lanes } = await store.transaction(async (tx) => {
    const now = clock();
    const configuration = source.workspace(workspaceId);
    const found = (await tx.findIdentityLinks([linkId])).get(linkId);
    if (found === undefined || found.workspaceId !== workspaceId) throw new FirsthandError('NOT_FOUND');
    if (found.state !== 'pending' && found.state !== decision) throw new FirsthandError('LINK_DECIDED', `It was ${found.state}.`);
    const owners = await tx.findIdentities(workspaceId, found.keys);
    const people = await loadPeople(tx, configuration, [...owners.values()], now);
    const [person, other] = found.keys.map((key) => people.get(owners.get(key) ?? ''));
    // A merge that was taken back is made again.
    if (found.state === decision && (decision === 'rejected' || person === other)) return { row: found, lanes: [] };
    if (person === undefined) throw new FirsthandError('NOT_FOUND', 'Nobody has the stronger identity any more.');
    const decide = decision === 'accepted' ? joinEnds : reject;
    const works = await decide(tx, found, { person, other }, { configuration, now });
    const decided: IdentityLinkRow = { ...found, state: decision, decidedAt: now };
    await tx.writeIdentityLinks([decided]);
    return { row: decided, lanes: await writePeople(tx, { configuration, people: works, occurrences: [], consentRecords: [], output: newWorkOutput(), counts: new LedgerCounts(), now, cause: DECIDED }) };
  });
  for (const connectionId of lanes) doorbell.ringLane({ workspaceId, connectionId });
  return row;
}

interface Context {
  configuration: ReturnType<ConfigurationSource['workspace']>;
  now: number;
}

/** Makes one person of both ends, as a record would; what nobody has yet is the person's. Gives whom to write. */
export async function joinEnds(tx: StoreTransaction, { workspaceId, keys: [, key], causeEventId }: Pick<IdentityLinkRow, 'workspaceId' | 'keys' | 'causeEventId'>, { person, other }: LinkEnds, { configuration, now }: Context): Promise<PersonWork[]> {
  if (other === person) return [];
  if (other === undefined) {
    await tx.insertIdentities(workspaceId, new Map([[key, person.profile.profileId]]), now);
    unionIdentities(person.profile.identities, [parseIdentityKey(key)]);
    Object.assign(person, { isTouched: true, areIdentitiesChanged: true });
    delete person.profile.evaluated;
    await proveIdentities(tx, workspaceId, [{ person, key }], now);
    return [person];
  }
  // As when a record names it: what was only claimed goes to who has shown it, and takes nobody along who is known otherwise.
  if (isClaim(other.profile, key) && isProven(other.profile)) {
    await moveClaims(tx, workspaceId, [{ key, from: other, to: person, causeEventId, cause: DECIDED }], now);
    await proveIdentities(tx, workspaceId, [{ person, key }], now);
    return [person, other];
  }
  const [winner, loser] = isBefore(person, other) ? [person, other] : [other, person];
  const works = new Map([winner, loser].map((one) => [one.profile.profileId, one]));
  await mergePeople(tx, works, [{ winner: winner.profile.profileId, loser: loser.profile.profileId, causeEventId, cause: DECIDED }], { configuration, now });
  await proveIdentities(tx, workspaceId, [{ person: winner, key }], now);
  await refoldMerged(tx, workspaceId, [winner]);
  return [winner];
}

/** As in any merge: the older one wins, then the smaller id. */
export function isBefore({ profile: one }: PersonWork, { profile: other }: PersonWork): boolean {
  return one.createdAt === other.createdAt ? one.profileId < other.profileId : one.createdAt < other.createdAt;
}

function reject(_tx: StoreTransaction, { keys: [, key] }: IdentityLinkRow, { person, other }: LinkEnds): Promise<PersonWork[]> {
  if (other === person) throw new FirsthandError('LINK_JOINED');
  for (const field of disownIdentity(person.profile, key)) person.changedFields.add(field);
  person.profile.version = nextVersion(person);
  person.isTouched = true;
  return Promise.resolve([person]);
}
