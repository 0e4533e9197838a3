import type { Purpose } from '@firsthand/domain';
import type { Notifier } from '../ports/notifier.js';

/** A purpose that wants grants confirmed on channels on which nobody can be asked. */
export interface UnreachableConfirmation {
  purpose: string;
  channels: readonly string[];
}

/**
 * Which purposes want double opt-in where no message can be sent: what people agree to there over a public key waits, and counts for nobody.
 *
 * @example unreachableConfirmations(configuration.purposes.values(), notifier) // [{ purpose: 'newsletter', channels: ['sms'] }]
 */
export function unreachableConfirmations(purposes: Iterable<Pick<Purpose, 'key' | 'doubleOptIn'>>, { isConfigured, takesNumbers }: Pick<Notifier, 'isConfigured' | 'takesNumbers'>): UnreachableConfirmation[] {
  return [...purposes].flatMap(({ key, doubleOptIn = [] }) => {
    const channels = doubleOptIn.filter((channel) => !isConfigured || (channel === 'sms' && takesNumbers !== true));
    return channels.length === 0 ? [] : [{ purpose: key, channels }];
  });
}
