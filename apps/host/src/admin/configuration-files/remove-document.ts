import { FirsthandError } from '@firsthand/domain';
import type { ConnectionDocument, SegmentDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { pauseConnection } from '../connections/connections.js';
import { deleteConnection } from '../connections/delete-connection.js';
import { removeCustomEntity } from '../dictionary/custom-entities.js';
import { removeCustomEvent } from '../dictionary/custom-events.js';
import { removeCustomField } from '../dictionary/custom-fields.js';
import { deleteFlow } from '../flows/flows.js';
import type { Caller } from '../http/caller.js';
import { deleteDraft } from '../mappings/mappings.js';
import { deletePurpose } from '../purposes/purposes.js';
import { deleteRole } from '../roles/roles.js';
import { deleteSegment, pauseSegment } from '../segments/segments.js';
import { deletePlan } from '../tracking-plans/tracking-plans.js';
import type { DocumentChange, DocumentKind } from './configuration-documents.js';
import type { ImportOptions } from './write-document.js';

type Remove = (admin: AdminContext, caller: Caller, id: string, version: number, options: ImportOptions) => Promise<void>;

const REMOVES: Readonly<Record<Exclude<DocumentKind, 'settings'>, Remove>> = {
  customEntities: (admin, caller, id, version) => removeCustomEntity(admin, caller, id, version),
  customFields: (admin, caller, id, version, { storedValues }) => removeCustomField(admin, caller, id, version, storedValues),
  customEvents: (admin, caller, id, version) => removeCustomEvent(admin, caller, id, version),
  trackingPlans: (admin, caller, id, version) => deletePlan(admin, caller, id, version),
  async connections(admin, caller, id) {
    const { content } = await admin.repository.get<ConnectionDocument>('connections', caller.workspaceId, id);
    if (content.status === 'enabled') await pauseConnection(admin, caller, id, undefined);
    await deleteConnection(admin, caller, id, (await admin.repository.get('connections', caller.workspaceId, id)).version);
  },
  purposes: (admin, caller, id, version) => deletePurpose(admin, caller, id, version),
  agreements: () => Promise.reject(new FirsthandError('CONFLICT', 'An agreement stays: consents may point at it.')),
  roles: (admin, caller, id, version) => deleteRole(admin, caller, id, version),
  mappings: (admin, caller, id, version) => deleteDraft(admin, caller, id, version),
  async segments(admin, caller, id) {
    const { content } = await admin.repository.get<SegmentDocument>('segments', caller.workspaceId, id);
    if (content.status === 'live') await pauseSegment(admin, caller, id, undefined);
    await deleteSegment(admin, caller, id, (await admin.repository.get('segments', caller.workspaceId, id)).version);
  },
  flows: (admin, caller, id, version) => deleteFlow(admin, caller, id, version),
};

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
