import {
  dataSubjectOf, decideConsent, decideScopes, identityKey, OWN_USE, profileView, stripUncovered, UNKNOWN_SUBJECT, type ConsentReason, type Identity, type JsonObject, type Purpose, type ScopeAnswer,
} from '@firsthand/domain';
import type { SourceConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { Store } from '../ports/store.js';
import { loadPeople } from './load-people.js';
import { isNamedBy } from './named-person.js';
import type { PersonWork } from './person-work.js';

/** What a channel may know of the person who is signed in there. */
export interface ChannelView {
  /** Whether the identity names anybody: see {@link isNamedBy}. */
  isKnown: boolean;
  /** Grows with each change of the person; 0 of who is not known. */
  version: number;
  /** The purpose that it reads under, and whether that is allowed now. */
  purpose: string | null;
  isAllowed: boolean;
  reason: ConsentReason;
  /** What the purpose covers of the profile, e.g. `{ firstName, custom: { shoeSize } }`; empty where it is not allowed. */
  traits: JsonObject;
  /** The segments made for the purpose that the person is in; none where it is not allowed. */
  memberships: { segmentId: string; name: string; since: number }[];
  /** For the purposes of the connection's agreement. What somebody has decided is theirs to see, whatever the channel may read. */
  consents: Pick<ScopeAnswer, 'purpose' | 'scope' | 'isAllowed' | 'reason' | 'validUntil'>[];
}

/** For whom a view is made, and where it is shown. */
export interface ChannelViewOptions {
  configuration: WorkspaceConfiguration;
  connection: Pick<SourceConnection, 'profilePurpose' | 'agreementId'>;
  identity: Identity;
  now: number;
}

/**
 * Reads what a channel may know of a person, all at one moment: the consent that decides is of the same moment as what it lets through. Nothing is let through without a purpose, nor of
 * who is not known. It is the person's own view in a channel of the brand, and so no disclosure.
 *
 * @throws FirsthandError `UNAVAILABLE`
 * @example const view = await readChannelView(store, { configuration, connection, identity: { namespace: 'userId', value: 'u-7' }, now: Date.now() });
 */
export async function readChannelView(store: Pick<Store, 'snapshot'>, { configuration, connection, identity, now }: ChannelViewOptions): Promise<ChannelView> {
  const person = await store.snapshot(async (reads) => {
    const key = identityKey(identity);
    const [profileId] = (await reads.findIdentities(configuration.workspaceId, [key])).values();
    const holder = profileId === undefined ? undefined : (await loadPeople(reads, configuration, [profileId], now)).get(profileId);
    return holder !== undefined && isNamedBy(holder.profile, key) ? holder : undefined;
  });
  const { profilePurpose = null } = connection;
  const purpose = profilePurpose === null ? undefined : configuration.purposes.get(profilePurpose);
  const subject = person === undefined ? UNKNOWN_SUBJECT : dataSubjectOf(person.profile);
  const question = { state: person?.consents, subject, agreements: configuration.agreements, now };
  const { isAllowed, reason, coversSensitive } = decideConsent({ ...question, purpose, target: OWN_USE });
  return {
    isKnown: person !== undefined, version: person?.profile.version ?? 0, purpose: profilePurpose, isAllowed, reason,
    traits: isAllowed ? traitsFor(person, purpose, coversSensitive ? [] : configuration.sensitivePaths) : {},
    memberships: isAllowed ? membershipsFor(person, purpose, configuration) : [],
    consents: decideScopes(question, askedPurposes(configuration, connection)).map(({ purpose: key, scope, isAllowed: isGiven, reason: because, validUntil }) => ({ purpose: key, scope, isAllowed: isGiven, reason: because, validUntil })),
  };
}

function traitsFor(person: PersonWork | undefined, purpose: Purpose | undefined, withheld: readonly string[]): JsonObject {
  if (person === undefined || purpose === undefined) return {};
  const { profile = {} } = stripUncovered(purpose, { profile: profileView(person.profile) }, withheld);
  return profile as JsonObject;
}

function membershipsFor(person: PersonWork | undefined, purpose: Purpose | undefined, { segments }: WorkspaceConfiguration): ChannelView['memberships'] {
  return segments.filter((segment) => segment.purpose === purpose?.key).flatMap(({ segmentId, name }) => {
    const membership = person?.profile.memberships[segmentId];
    return membership?.isMember === true ? [{ segmentId, name, since: membership.at }] : [];
  });
}

/** The purposes that the newest version of the connection's agreement is about. */
function askedPurposes({ agreements, purposes }: WorkspaceConfiguration, { agreementId }: Pick<SourceConnection, 'agreementId'>): Purpose[] {
  return (agreements.get(agreementId ?? '')?.at(-1)?.purposes ?? []).flatMap((key) => purposes.get(key) ?? []);
}
