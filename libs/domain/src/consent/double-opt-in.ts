import type { Identity } from '../canonical/canonical-record.js';
import type { ConfirmedChannel, Purpose } from './consent.js';

const NAMESPACE_OF: Record<ConfirmedChannel, string> = { email: 'email', sms: 'phone' };

/**
 * Whether a grant permits nothing until it is confirmed: it came over a public channel, where anybody can type in anybody's address, and its purpose wants it confirmed
 * (UWG § 7; GDPR art. 7(1): the controller shall be able to demonstrate that the person has consented). A refusal never waits.
 *
 * @example waitsForConfirmation(newsletter, { isGranted: true, isVerified: false })
 */
export function waitsForConfirmation({ doubleOptIn = [] }: Pick<Purpose, 'doubleOptIn'>, { isGranted, isVerified }: { isGranted: boolean; isVerified: boolean }): boolean {
  return isGranted && !isVerified && doubleOptIn.length > 0;
}

/**
 * The addresses and numbers of a record at which a grant is to be confirmed, one per channel.
 *
 * @example contactsToConfirm(newsletter, record.identities) // [{ namespace: 'email', value: 'ana@example.com' }]
 */
export function contactsToConfirm({ doubleOptIn = [] }: Pick<Purpose, 'doubleOptIn'>, identities: readonly Identity[]): Identity[] {
  return doubleOptIn.flatMap((channel) => identities.find(({ namespace }) => namespace === NAMESPACE_OF[channel]) ?? []);
}

/** The channel that a contact is reached by; undefined for an identity that is none. */
export function channelOfContact(namespace: string): ConfirmedChannel | undefined {
  return (Object.keys(NAMESPACE_OF) as ConfirmedChannel[]).find((channel) => NAMESPACE_OF[channel] === namespace);
}
