import type { AgreementVersion, ClaimedNotice, NotedNotice } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';

/**
 * What a record of the ledger says of the notice that came with a decision. An id that this host gave, before the decision, proves what was shown; its facts count and not those that
 * came along. Anything else is kept as it was claimed.
 */
export function noteNotice(claimed: ClaimedNotice, decidedAt: number, { notices }: Pick<WorkspaceConfiguration, 'notices'>): NotedNotice {
  const served = claimed.id === null ? undefined : notices?.open(claimed.id);
  return served === undefined || served.servedAt > decidedAt ? { ...claimed, standing: 'claimed' } : { id: claimed.id, ...served, standing: 'served' };
}

/** The published version that a notice showed, with the hash of its text; undefined for a claim that names none that there was when the person decided. */
export function versionOf({ agreementId, agreementVersion, textHash }: NotedNotice, decidedAt: number, { agreements }: Pick<WorkspaceConfiguration, 'agreements'>): { agreement: AgreementVersion; textHash: string } | undefined {
  const agreement = agreements.get(agreementId ?? '')?.find(({ version }) => version === agreementVersion);
  return agreement === undefined || agreement.publishedAt > decidedAt || textHash === undefined || !Object.values(agreement.textHashes).includes(textHash) ? undefined : { agreement, textHash };
}
