import type { ConfirmationLinks } from '@firsthand/access';
import { parseIdentityKey } from '@firsthand/domain';
import type { ConfirmationRow, Notice, Notifier } from '@firsthand/pipeline';
import { brandOf } from '../admin/consents/consent-receipts.js';
import type { AdminContext } from '../admin/admin-context.js';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import { issueConfirmationCode, type ConfirmationCodeDependencies } from '../privacy/confirmation-codes.js';
import { bestLanguage, pageLanguage } from '../privacy/privacy-texts.js';

/** What sending a confirmation needs. */
export interface SendConfirmationDependencies extends ConfirmationCodeDependencies {
  notifier: Notifier;
  repository: AdminContext['repository'];
  configuration: Pick<ConfigurationSnapshot, 'workspace'>;
  confirmationLinks: ConfirmationLinks;
  publicUrl: string;
}

type Content = Pick<Notice, 'kind' | 'link' | 'expiresAt'> & { code?: string };

/**
 * Asks a contact, in the language in which somebody agreed, to confirm it. The message names the purposes and advertises nothing.
 *
 * @throws FirsthandError UNAVAILABLE
 * @example createConfirmationSender({ ...dependencies, send: (row) => sendConfirmation(dependencies, row) });
 */
export async function sendConfirmation(dependencies: SendConfirmationDependencies, row: ConfirmationRow): Promise<void> {
  const { notifier, repository, configuration } = dependencies;
  const { workspaceId, identityKey, asks } = row;
  const language = pageLanguage(row.language, undefined);
  const { purposes } = configuration.workspace(workspaceId);
  const lines = asks.filter(({ isOpen }) => isOpen).map(({ purpose }) => {
    const name = purposes.get(purpose)?.name ?? {};
    return `- ${name[bestLanguage(name, language) ?? ''] ?? purpose}`;
  });
  const content = parseIdentityKey(identityKey).namespace === 'phone' ? await byCode(dependencies, row, language) : await byLink(dependencies, row, language);
  await notifier.notify({ ...content, to: parseIdentityKey(identityKey).value, language, workspaceName: await brandOf({ repository }, workspaceId), lines });
}

async function byLink({ confirmationLinks, publicUrl }: SendConfirmationDependencies, { workspaceId, identityKey, nonce, expiresAt }: ConfirmationRow, language: string): Promise<Content> {
  const token = await confirmationLinks.mint({ workspaceId, identityKey, nonce }, expiresAt);
  return { kind: 'consent-confirmation', link: pageOf(publicUrl, workspaceId, { token, lang: language }), expiresAt };
}

/** A text message holds no long link: its code is typed on the page. */
async function byCode(dependencies: SendConfirmationDependencies, row: ConfirmationRow, language: string): Promise<Content> {
  const { code, expiresAt } = await issueConfirmationCode(dependencies, row);
  return { kind: 'consent-confirmation-code', code, link: pageOf(dependencies.publicUrl, row.workspaceId, { lang: language }), expiresAt };
}

function pageOf(publicUrl: string, workspaceId: string, query: Record<string, string>): string {
  return `${publicUrl.replace(/\/$/, '')}/privacy/${encodeURIComponent(workspaceId)}/confirmations?${new URLSearchParams(query).toString()}`;
}
