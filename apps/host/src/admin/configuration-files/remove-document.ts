import { FirsthandError } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import { pauseConnection } from '../connections/connections.js';
import { deleteConnection } from '../connections/delete-connection.js';
import { removeCustomEntity } from '../dictionary/custom-entities.js';
import { removeCustomEvent } from '../dictionary/custom-events.js';
import { removeCustomField } from '../dictionary/custom-fields.js';
import { deleteExpectation } from '../expectations/expectations.js';
import { deleteFlow } from '../flows/flows.js';
import type { Caller } from '../http/caller.js';
import { deleteDraft } from '../mappings/mappings.js';
import { deletePurpose } from '../purposes/purposes.js';
import { deleteRole } from '../roles/roles.js';
import { deleteSegment, pauseSegment } from '../segments/segments.js';
import { deleteSyncRule } from '../sync-rules/sync-rules.js';
import { deletePlan } from '../tracking-plans/tracking-plans.js';
import type { DocumentChange, DocumentKind } from './configuration-documents.js';
import type { ImportOptions } from './write-document.js';

type Remove = (admin: AdminContext, caller: Caller, id: string, version: number, options: ImportOptions) => Promise<void>;

const REMOVES: Readonly<Record<Exclude<DocumentKind, 'settings'>, Remove>> = {
  customEntities: (admin, caller, id, version) => removeCustomEntity(admin, caller, id, version),
  customFields: (admin, caller, id, version, { storedValues }) => removeCustomField(admin, caller, id, version, storedValues),
  customEvents: (admin, caller, id, version) => removeCustomEvent(admin, caller, id, version),
  expectations: (admin, caller, id, version) => deleteExpectation(admin, caller, id, version),
  trackingPlans: (admin, caller, id, version) => deletePlan(admin, caller, id, version),
  connections: pausedFirst('connections', 'enabled', pauseConnection, deleteConnection),
  purposes: (admin, caller, id, version) => deletePurpose(admin, caller, id, version),
  agreements: () => Promise.reject(new FirsthandError('CONFLICT', 'An agreement stays: consents may point at it.')),
  roles: (admin, caller, id, version) => deleteRole(admin, caller, id, version),
  mappings: (admin, caller, id, version) => deleteDraft(admin, caller, id, version),
  segments: pausedFirst('segments', 'live', pauseSegment, deleteSegment),
  flows: (admin, caller, id, version) => deleteFlow(admin, caller, id, version),
  syncRules: (admin, caller, id, version) => deleteSyncRule(admin, caller, id, version),
};

/** What is at work is paused before it goes, by a call that makes a version of its own. */
function pausedFirst(kind: 'connections' | 'segments', atWork: string, pause: (admin: AdminContext, caller: Caller, id: string, ifMatch: undefined) => Promise<unknown>, remove: Remove): Remove {
  return async (admin, caller, id, version, options) => {
    const { content } = await admin.repository.get<{ status: string }>(kind, caller.workspaceId, id);
    if (content.status !== atWork) return remove(admin, caller, id, version, options);
    await pause(admin, caller, id, undefined);
    return remove(admin, caller, id, (await admin.repository.get(kind, caller.workspaceId, id)).version, options);
  };
}

/**
 * Takes out what no document says, by the same calls as the REST API.
 *
 * @throws FirsthandError as the call does: `CONFLICT` while it is in use, or of what stays for its evidence
 */
export async function removeDocument(admin: AdminContext, caller: Caller, { kind, id }: Pick<DocumentChange, 'kind' | 'id'>, options: ImportOptions): Promise<void> {
  if (kind === 'settings') return;
  const { version } = await admin.repository.get(kind, caller.workspaceId, id);
  await REMOVES[kind](admin, caller, id, version, options);
}
