import { FirsthandError, flowSettingsSchema, identitySettingsSchema, isSameJson, ownershipSettingsSchema, reconcileSettingsSchema, requestSettingsSchema, type JsonObject, type JsonValue, type StoredValues, type SyncRuleContent } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import { accessSettingsDocument } from '../../configuration/documents.js';
import { setAccessSettings } from '../access-settings/access-settings.js';
import type { AdminContext } from '../admin-context.js';
import { createAgreement, newVersionSchema, publishVersion, renameAgreement } from '../agreements/agreements.js';
import { changeSettingsSchema, setChangeSettings } from '../changes/change-settings.js';
import { setReconcileSettings } from '../reconciles/reconcile-settings.js';
import { newConnectionSchema, type ConnectionChange, type NewConnection } from '../connections/connection-bodies.js';
import { changeConnection, createConnection } from '../connections/connections.js';
import { addCustomEntity, changeCustomEntity, customEntitySchema } from '../dictionary/custom-entities.js';
import { addCustomEvent, changeCustomEvent, customEventSchema } from '../dictionary/custom-events.js';
import { customFieldSchema } from '../dictionary/custom-field-bodies.js';
import { addCustomField, changeCustomField } from '../dictionary/custom-fields.js';
import { findConfigured } from '../find-configured.js';
import { setFlowSettings } from '../flow-settings/flow-settings.js';
import type { Caller } from '../http/caller.js';
import { setIdentitySettings } from '../identity/identity-settings.js';
import { setOwnershipSettings } from '../ownership/ownership-settings.js';
import { setRequestSettings } from '../privacy-requests/request-settings.js';
import { changePurpose, createPurpose, newPurposeSchema } from '../purposes/purposes.js';
import { newRoleSchema } from '../roles/role-bodies.js';
import { changeRole, createRole } from '../roles/roles.js';
import { changeSyncRule, createSyncRule } from '../sync-rules/sync-rules.js';
import type { ConfigurationDocument, DocumentKind, SettingsId } from './configuration-documents.js';
import { readContent } from './read-stored.js';
import { writeExpectation } from './write-expectation.js';
import { writeFlow } from './write-flow.js';
import { writeMapping } from './write-mapping.js';
import { writeSegment } from './write-segment.js';
import { writeTrackingPlan } from './write-tracking-plan.js';

/** What a document cannot hold. */
export interface ImportOptions {
  /** Connection id → the secret settings that no document holds; those that a connection has stay. */
  secrets: Readonly<Record<string, Record<string, string>>>;
  /** What becomes of stored values where a field breaks. */
  storedValues?: StoredValues | undefined;
}

type Write = (admin: AdminContext, caller: Caller, document: ConfigurationDocument, stored: Configured<never> | undefined, options: ImportOptions) => Promise<unknown>;

/** As `enabled` needs the mapping, the status of a connection is set at the end: see `setStatus`. */
export const connectionFileSchema = z.looseObject({ kind: z.enum(['source', 'destination', 'both']), status: z.enum(['draft', 'enabled', 'paused']) });

/**
 * Makes or changes what a document says, by the same calls as the REST API: with all its checks.
 *
 * @param stored the row that there is
 * @throws FirsthandError as the call does
 */
export async function writeDocument(admin: AdminContext, caller: Caller, document: ConfigurationDocument, options: ImportOptions): Promise<void> {
  const stored = document.kind === 'settings' ? undefined : await findConfigured<JsonObject>(admin.repository, document.kind, caller.workspaceId, document.id);
  await WRITES[document.kind](admin, caller, document, stored as Configured<never> | undefined, options);
}

const WRITES: Readonly<Record<DocumentKind, Write>> = {
  customEntities(admin, caller, { id, content }, stored, { storedValues }) {
    const { name: _, ...change } = readContent(customEntitySchema, { ...content, name: id });
    return stored === undefined ? addCustomEntity(admin, caller, { name: id, ...change }) : changeCustomEntity(admin, caller, id, stored.version, { ...change, ...(storedValues === 'keep' ? { storedValues } : {}) });
  },
  customFields(admin, caller, { id, content }, stored, { storedValues }) {
    const body = readContent(customFieldSchema, content);
    if (`${body.entity}.${body.name}` !== id) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/name', message: `does not go with the id "${id}"` }]);
    const { entity: _, values = null, ...change } = body;
    return stored === undefined ? addCustomField(admin, caller, body) : changeCustomField(admin, caller, id, stored.version, { ...change, values, storedValues });
  },
  customEvents(admin, caller, { id, content }, stored) {
    const { name: _, ...change } = readContent(customEventSchema, { ...content, name: id });
    return stored === undefined ? addCustomEvent(admin, caller, { name: id, ...change }) : changeCustomEvent(admin, caller, id, stored.version, change);
  },
  trackingPlans: writeTrackingPlan,
  expectations: writeExpectation,
  connections: writeConnection,
  purposes(admin, caller, { id, content }, stored) {
    const { key: _, ...purpose } = readContent(newPurposeSchema, { ...content, key: id });
    return stored === undefined ? createPurpose(admin, caller, { key: id, ...purpose }) : changePurpose(admin, caller, id, stored.version, purpose);
  },
  agreements: writeAgreement,
  roles(admin, caller, { id, content }, stored) {
    const { id: _, ...role } = readContent(newRoleSchema, { ...content, id });
    return stored === undefined ? createRole(admin, caller, { id, ...role }) : changeRole(admin, caller, id, stored.version, role);
  },
  mappings: writeMapping,
  segments: (admin, caller, document) => writeSegment(admin, caller, document),
  flows: (admin, caller, document) => writeFlow(admin, caller, document),
  syncRules: (admin, caller, { id, content }, stored) => (stored === undefined ? createSyncRule(admin, caller, { id, rule: content as unknown as SyncRuleContent }) : changeSyncRule(admin, caller, id, stored.version, content)),
  async settings(admin, caller, { id, content }) {
    const { version } = await admin.repository.get('workspaces', caller.workspaceId, caller.workspaceId);
    return WRITES_SETTINGS[id as SettingsId](admin, caller, version, content);
  },
};

const WRITES_SETTINGS: Readonly<Record<SettingsId, (admin: AdminContext, caller: Caller, version: number, content: JsonObject) => Promise<unknown>>> = {
  access: (admin, caller, version, content) => setAccessSettings(admin, caller, version, readContent(accessSettingsDocument, content)),
  changes: (admin, caller, version, content) => setChangeSettings(admin, caller, version, readContent(changeSettingsSchema, content)),
  flows: (admin, caller, version, content) => setFlowSettings(admin, caller, version, readContent(flowSettingsSchema, content)),
  identity: (admin, caller, version, content) => setIdentitySettings(admin, caller, version, readContent(identitySettingsSchema, content)),
  ownership: (admin, caller, version, content) => setOwnershipSettings(admin, caller, version, readContent(ownershipSettingsSchema, content)),
  reconcile: (admin, caller, version, content) => setReconcileSettings(admin, caller, version, readContent(reconcileSettingsSchema, content)),
  requests: (admin, caller, version, content) => setRequestSettings(admin, caller, version, readContent(requestSettingsSchema, content)),
};

/**
 * Makes the connection of a document, a draft: purposes name it as a recipient, and it names purposes, so that one of the two comes without the other.
 *
 * @returns whether all that the document says is in it but its status; false also for one that there was
 * @throws FirsthandError as the call that makes connections does
 */
export async function beginConnection(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument, { secrets }: ImportOptions): Promise<boolean> {
  if (await findConfigured(admin.repository, 'connections', caller.workspaceId, id) !== undefined) return false;
  const { body, settings } = readConnectionFile(id, content, secrets);
  const isWhole = body.kind === 'destination' || (body.profilePurpose == null && Object.keys(body.consentCategories ?? {}).length === 0 && (body.consentSignals ?? []).length === 0);
  await createConnection(admin, caller, { ...body, settings, ...(isWhole ? {} : { profilePurpose: null, consentCategories: {}, consentSignals: [] }) });
  return isWhole;
}

function readConnectionFile(id: string, content: JsonObject, secrets: ImportOptions['secrets']): { body: NewConnection; settings: NonNullable<NewConnection['settings']> } {
  const { status: _, ...given } = readContent(connectionFileSchema, content);
  const body = readContent(newConnectionSchema, { ...(given as JsonObject), id });
  return { body, settings: { ...body.settings, ...(Object.hasOwn(secrets, id) ? secrets[id] : {}) } };
}

async function writeConnection(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument, stored: Configured<{ kind: string; pluginId: string; capability?: string }> | undefined, { secrets }: ImportOptions): Promise<void> {
  const { body, settings } = readConnectionFile(id, content, secrets);
  if (stored === undefined) throw new FirsthandError('INTERNAL', 'A connection is changed before it is made.');
  const fixed = (['kind', 'pluginId', 'capability'] as const).filter((name) => stored.content[name] !== (body as JsonObject)[name]);
  if (fixed.length > 0) throw new FirsthandError('CONFLICT', 'It is another connection: give it another id.', fixed.map((name) => ({ path: `/${name}`, message: 'cannot change' })));
  const { kind: __, id: ___, pluginId: ____, capability: _____, ...change } = body as JsonObject;
  // A system that no document names is taken away: it is in none while there is none.
  await changeConnection(admin, caller, id, stored.version, { system: null, ...change, settings } as ConnectionChange);
}

const agreementFileSchema = z.strictObject({ name: z.string().min(1).max(200), versions: z.array(newVersionSchema.omit({ notice: true })).max(500) });

/** Published versions stay as they are: consents point at them. New ones are published behind them. */
async function writeAgreement(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument, stored: Configured<{ name: string; versions: { isMaterial: boolean; purposes: string[]; texts: Record<string, string> }[] }> | undefined): Promise<void> {
  const { name, versions } = readContent(agreementFileSchema, content);
  const published = stored?.content.versions ?? [];
  const places = published.flatMap(({ isMaterial, purposes, texts }, index) => (isSameJson({ isMaterial, purposes, texts }, (versions[index] ?? null) as JsonValue) ? [] : [{ path: `/versions/${index}`, message: 'was published and cannot change' }]));
  if (places.length > 0) throw new FirsthandError('CONFLICT', undefined, places);
  if (stored === undefined) await createAgreement(admin, caller, { id, name });
  else if (stored.content.name !== name) await renameAgreement(admin, caller, id, stored.version, name);
  for (const version of versions.slice(published.length)) await publishVersion(admin, caller, id, undefined, version);
}
