import type { ConsentScope } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';

/** Notes that what recipients got under a purpose, by kind of recipient, channel or separate consent, is to be taken back. */
export function noteRefusal({ refused }: PersonWork, purpose: string, scope: ConsentScope): void {
  const scopes = refused.get(purpose) ?? new Set<ConsentScope>();
  refused.set(purpose, scopes.add(scope));
}
