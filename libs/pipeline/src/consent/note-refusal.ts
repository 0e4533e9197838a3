import type { RecipientKind } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';

/** Notes that what recipients of a kind got under a purpose is to be taken back. */
export function noteRefusal({ refused }: PersonWork, purpose: string, recipient: RecipientKind): void {
  const recipients = refused.get(purpose) ?? new Set<RecipientKind>();
  refused.set(purpose, recipients.add(recipient));
}
