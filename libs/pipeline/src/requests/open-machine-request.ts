import { requestDueAt, type Identity, type Regime, type RequestActor, type RequestSettings, type SubjectRequestType } from '@firsthand/domain';
import type { MachineRequest } from '../ports/machine-request.js';
import type { PrivacyRequestRow } from '../ports/privacy-requests.js';
import { openRequest } from './open-request.js';

/** In the history: that a setting of the workspace began the work. */
const BY_SETTING = 'starts-at-once';

/** What a machine hands in for somebody. */
export interface NewMachineRequest {
  /** `workspaceId|id`. */
  requestId: string;
  workspaceId: string;
  kind: SubjectRequestType;
  identities: readonly Identity[];
  profileId: string | null;
  /** The law that the controller says the request is made under. */
  regime: Regime;
  /** Epoch ms: when the person asked the controller. */
  requestedAt: number;
  actor: RequestActor;
  machine: Pick<MachineRequest, 'controllerId' | 'subjectRequestId' | 'bodyDigest'>;
  /** Each once. */
  callbackUrls: readonly string[];
}

/**
 * The row of a request that came over OpenDSR. The controller answers for who asks (section 3.1), so it is verified by the machine's act, which the history names; the work begins where the workspace says so. The time
 * to answer runs since the person asked the controller.
 *
 * @param now epoch ms
 * @example await requests.insertPrivacyRequest(openMachineRequest(asked, configuration.requestSettings, clock()));
 */
export function openMachineRequest({ regime, machine, callbackUrls, ...asked }: NewMachineRequest, settings: RequestSettings, now: number): PrivacyRequestRow {
  const isStarted = settings.openDsr.startsAtOnce.includes(asked.kind);
  const callbacks = [...new Set(callbackUrls)].map((url) => ({ url, told: 0, missed: 0, attempt: 0, since: null, dueAt: null }));
  const row = openRequest({ ...asked, country: null, source: 'machine', verification: 'machine', machine: { ...machine, callbacks, dueAt: isStarted ? now : null } }, settings, now);
  const dueAt = requestDueAt(regime, asked.requestedAt, settings);
  if (!isStarted) return { ...row, regime, dueAt };
  return { ...row, regime, dueAt, status: 'in-progress', history: [...row.history, { at: now, from: 'received', to: 'in-progress', actor: { kind: 'system', id: null }, reason: BY_SETTING }] };
}
