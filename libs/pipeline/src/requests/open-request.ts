import { regimeFor, requestDueAt, type Identity, type JsonObject, type RequestActor, type RequestKind, type RequestSettings, type RequestSource, type Verification } from '@firsthand/domain';
import type { MachineRequest } from '../ports/machine-request.js';
import type { PrivacyRequestRow } from '../ports/privacy-requests.js';

/** Who asks for what. */
export interface NewRequest {
  /** `workspaceId|id`. */
  requestId: string;
  workspaceId: string;
  kind: RequestKind;
  identities: readonly Identity[];
  profileId: string | null;
  /** Of the person, ISO 3166: it decides the law. */
  country: string | null;
  source: RequestSource;
  connectionId?: string;
  eventId?: string;
  /** How it was shown that the person asks; null for not yet. */
  verification: Verification | null;
  actor: RequestActor;
  /** Epoch ms. */
  requestedAt: number;
  details?: JsonObject | null;
  machine?: MachineRequest | null;
}

/**
 * The row of a new request, with its due date. Who has not shown that they are the person begins with the identity check, and the time to answer runs all the same.
 *
 * @param receivedAt epoch ms
 * @example await requests.insertPrivacyRequest(openRequest(asked, configuration.requestSettings, clock()));
 */
export function openRequest({ country, verification, actor, identities, connectionId, eventId, details = null, machine = null, ...asked }: NewRequest, settings: RequestSettings, receivedAt: number): PrivacyRequestRow {
  const regime = regimeFor(country, settings);
  const status = verification === null ? 'identity-check' : 'received';
  return {
    ...asked, status, identities: [...identities], connectionId: connectionId ?? null, eventId: eventId ?? null, isVerified: verification !== null, verification, regime, receivedAt,
    dueAt: requestDueAt(regime, receivedAt, settings), extension: null, refusal: null, details, result: null, machine, alerts: { dueSoonAt: null, overdueAt: null },
    history: [{ at: receivedAt, from: null, to: status, actor, reason: verification }],
  };
}
