import { identityKey, isGoneId, MAILBOX, type Identity, type IdentityRules, type JsonObject, type Profile } from '@firsthand/domain';
import type { DestinationDefinition } from '@firsthand/plugin-sdk';
import { ownIdIn } from '../own-ids.js';
import type { DestinationConnection } from '../ports/configuration.js';

/** To whom identities go. */
export interface IdentityRecipient {
  connection: Pick<DestinationConnection, 'connectionId' | 'settings'>;
  destination: Pick<DestinationDefinition, 'ownIds'>;
  identityRules?: Pick<IdentityRules, 'scopeOf'> | undefined;
}

/**
 * The identities of a person as a mapping of a destination reads them: one of each namespace, the first. Of a namespace in which the system gives out ids of its own it is the first that is of this account, as the system
 * knows it: what another account calls the person is not told to this one, where it may be somebody else's. One that the system has taken away, by deleting or merging its copy, comes after those that it has not.
 *
 * @example identitiesFor(profile, { connection, destination }) // { crmId: 'hubspot:62515:512', email: 'ana@example.com' }
 */
export function identitiesFor({ identities, ...profile }: Pick<Profile, 'identities' | 'goneIds'>, recipient: IdentityRecipient): JsonObject {
  const valueOf = readOwnIds(recipient);
  const found: JsonObject = {};
  const gone: JsonObject = {};
  for (const identity of identities) {
    const value = identity.namespace === MAILBOX.name ? null : valueOf(identity);
    if (value === null) continue;
    const into = value !== undefined && isGoneId(profile, identityKey(identity)) ? gone : found;
    into[identity.namespace] ??= value ?? identity.value;
  }
  return { ...gone, ...found };
}

/** Gives of an identity the id that the recipient's own account has given out, without the scope of its source; null for an id of somebody else, and undefined in a namespace in which its system gives out none. */
export function readOwnIds({ connection: { connectionId, settings }, destination, identityRules }: IdentityRecipient): (identity: Identity) => string | null | undefined {
  const ownIds = destination.ownIds?.(settings as never) ?? {};
  return (identity) => ownIdIn(ownIds, identity, identityRules?.scopeOf(connectionId, identity.namespace));
}
