import type { Identity } from '@firsthand/domain';
import type { PersonExportRow } from '@firsthand/pipeline';
import type { AdminContext } from '../admin/admin-context.js';
import { brandOf } from '../admin/consents/consent-receipts.js';
import { newExportLink } from '../admin/person-exports/person-exports.js';
import { findPerson, type FoundPerson } from '../admin/profiles/find-person.js';

/** What announcing a copy needs. */
export type AnnounceDependencies = Pick<AdminContext, 'collections' | 'store' | 'configuration' | 'notifier' | 'publicUrl' | 'clock' | 'repository'> & { requests: Pick<AdminContext['requests'], 'findPrivacyRequest'> };

/**
 * Sends the link of a copy that a person asked for to an email address that is proven to be theirs. Without a notifier or such an address, and for a copy that staff asked
 * for, nothing is sent: staff makes the link.
 *
 * @throws FirsthandError UNAVAILABLE
 */
export async function announceExport(dependencies: AnnounceDependencies, row: PersonExportRow): Promise<Partial<Pick<PersonExportRow, 'linkHash' | 'noticedAt'>>> {
  const { notifier, clock } = dependencies;
  if (row.requestId === null || !notifier.isConfigured) return {};
  // Whom a machine asked for is told by its controller.
  if ((await dependencies.requests.findPrivacyRequest(row.requestId))?.source === 'machine') return {};
  const person = await findPerson(dependencies, row.workspaceId, row.profileId);
  const address = person === undefined ? undefined : provenEmail(person);
  if (address === undefined) return {};
  const { url, linkHash } = newExportLink(dependencies, row);
  await notifier.notify({ kind: 'person-export', to: address.value, language: row.language, workspaceName: await brandOf(dependencies, row.workspaceId), link: url, expiresAt: row.expiresAt });
  return { linkHash, noticedAt: clock() };
}

function provenEmail({ profile: { identities, verifiedKeys } }: FoundPerson): Identity | undefined {
  return identities.findLast(({ namespace, value }) => namespace === 'email' && verifiedKeys.includes(`email|${value}`));
}
