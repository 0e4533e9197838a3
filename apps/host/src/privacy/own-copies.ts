import type { PrivacyClaims } from '@firsthand/access';
import { FirsthandError, identityKey } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import type { ExportFormat, PersonExportRow } from '@firsthand/pipeline';
import type { Response } from 'express';
import type { AdminContext } from '../admin/admin-context.js';
import { findPersonOf, type FoundPerson } from '../admin/profiles/find-person.js';
import type { CopiesFetchedBy } from './copies-section.js';
import { sendExportFile } from './serve-export.js';

const MOST_SHOWN = 20;

/** The copies of a person's data that are there, over all profiles merged into them, the newest first. */
export async function copiesOfPerson({ exports, clock }: Pick<AdminContext, 'exports' | 'clock'>, workspaceId: string, person: FoundPerson | undefined): Promise<PersonExportRow[]> {
  return person === undefined ? [] : exports.list({ workspaceId, profileIds: person.profileIds, now: clock(), limit: MOST_SHOWN });
}

/** How who opened the page fetches a copy. */
export function copiesFetchedBy({ notifier }: Pick<AdminContext, 'notifier'>, claims: PrivacyClaims, person: FoundPerson | undefined): CopiesFetchedBy {
  if (canFetchCopies(claims, person)) return 'page';
  return claims.by === 'link' && notifier.isConfigured ? 'code' : 'link';
}

/**
 * Whether who opened the page may fetch a copy there. It holds everything in full: so they have just read a code at an address or number that is proven to be the person's. A link to the page is made by staff, who
 * need no permission to see values in full for that.
 */
function canFetchCopies({ by, identity }: PrivacyClaims, person: FoundPerson | undefined): boolean {
  return by === 'code' && person?.profile.verifiedKeys.includes(identityKey(identity)) === true;
}

/**
 * Streams one file of a copy to the person whom a code has shown, once.
 *
 * @throws FirsthandError `UNAUTHENTICATED` for a page that is over, or was opened otherwise; `NOT_FOUND` for somebody else's copy, `EXPORT_GONE`
 */
export async function serveOwnCopy(admin: AdminContext, { workspaceId, id, token, format }: { workspaceId: string; id: string; token: string; format: ExportFormat }, response: Response): Promise<void> {
  const claims = await admin.privacyLinks.open(token, workspaceId);
  const person = await findPersonOf(admin, workspaceId, claims.identity);
  if (person === undefined || !canFetchCopies(claims, person)) throw new FirsthandError('UNAUTHENTICATED', 'A copy is fetched from a page that was opened by a code.');
  const row = await admin.exports.find(workspaceId, storeKey(workspaceId, id));
  if (row === undefined || !person.profileIds.includes(row.profileId)) throw new FirsthandError('NOT_FOUND');
  await sendExportFile(admin, { workspaceId, exportId: row.exportId, linkHash: null, format }, response);
}
