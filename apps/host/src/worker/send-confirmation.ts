import type { ConfirmationLinks } from '@firsthand/access';
import { parseIdentityKey } from '@firsthand/domain';
import type { ConfirmationRow, Notifier } from '@firsthand/pipeline';
import { brandOf } from '../admin/consents/consent-receipts.js';
import type { AdminContext } from '../admin/admin-context.js';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import { bestLanguage, pageLanguage } from '../privacy/privacy-texts.js';

/** What sending a confirmation needs. */
export interface SendConfirmationDependencies {
  notifier: Notifier;
  repository: AdminContext['repository'];
  configuration: Pick<ConfigurationSnapshot, 'workspace'>;
  confirmationLinks: ConfirmationLinks;
  publicUrl: string;
}

/**
 * Asks a contact, in the language in which somebody agreed, to confirm it. The message names the purposes and advertises nothing.
 *
 * @throws FirsthandError UNAVAILABLE
 * @example createConfirmationSender({ ...dependencies, send: (row) => sendConfirmation(dependencies, row) });
 */
export async function sendConfirmation({ notifier, repository, configuration, confirmationLinks, publicUrl }: SendConfirmationDependencies, row: ConfirmationRow): Promise<void> {
  const { workspaceId, identityKey, nonce, asks, expiresAt } = row;
  const language = pageLanguage(row.language, undefined);
  const { purposes } = configuration.workspace(workspaceId);
  const token = await confirmationLinks.mint({ workspaceId, identityKey, nonce }, expiresAt);
  const lines = asks.filter(({ isOpen }) => isOpen).map(({ purpose }) => {
    const name = purposes.get(purpose)?.name ?? {};
    return `- ${name[bestLanguage(name, language) ?? ''] ?? purpose}`;
  });
  await notifier.notify({
    kind: 'consent-confirmation', to: parseIdentityKey(identityKey).value, language, workspaceName: await brandOf({ repository }, workspaceId), lines,
    link: `${publicUrl.replace(/\/$/, '')}/privacy/${encodeURIComponent(workspaceId)}/confirmations?${new URLSearchParams({ token, lang: language }).toString()}`, expiresAt,
  });
}
