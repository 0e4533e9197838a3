import type { ConsentProofFacts, ConsentRecord } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';

/** What a record of the ledger says of how a decision was imported. */
export type ImportedConsent = Pick<ConsentRecord, 'agreementId' | 'agreementVersion' | 'textHash' | 'method' | 'effectiveAt' | 'actor' | 'importedAs' | 'isUnproven'>;

/**
 * What was decided elsewhere, with what is told of it. A grant is proven by three things together: the hash of a text that was published here, when the person decided, and how (GDPR
 * art. 7(1): the controller shall be able to demonstrate). Without one of them it permits nothing. A refusal needs no proof.
 */
export function importedConsent({ isGranted, decidedAt }: { isGranted: boolean; decidedAt: number }, proof: ConsentProofFacts = {}, { agreements }: Pick<WorkspaceConfiguration, 'agreements'>, now: number): ImportedConsent {
  const { textHash, method } = proof;
  const agreement = textHash === undefined ? undefined : [...agreements.values()].flat().find(({ textHashes }) => Object.values(textHashes).includes(textHash));
  const isProven = agreement !== undefined && proof.decidedAt !== undefined && method !== undefined;
  return {
    agreementId: agreement?.agreementId ?? null, agreementVersion: agreement?.version ?? null, textHash: textHash ?? null, method: 'import', effectiveAt: Math.min(proof.decidedAt ?? decidedAt, now),
    actor: { kind: 'import' }, ...(method === undefined ? {} : { importedAs: method }), ...(isGranted && !isProven ? { isUnproven: true } : {}),
  };
}
