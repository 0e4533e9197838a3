import { type CustomEntity, type CustomEvent, type CustomField, type JsonObject } from '@firsthand/domain';
import type { ConfigurationKind, Configured } from '@firsthand/persistence';
import { isDestination, isSource, type AgreementDocument, type ConnectionDocument, type ExpectationDocument, type PurposeDocument, type RoleDocument, type SegmentDocument, type SyncRuleDocument, type WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { secretsOf } from '../connections/connection-view.js';
import type { FlowContent, MappingContent } from '../documents.js';
import { DOCUMENT_KINDS, inOrder, type ConfigurationDocument, type DocumentKind, type SettingsId } from './configuration-documents.js';
import { mappingContent } from './write-mapping.js';
import { trackingPlanContent } from './write-tracking-plan.js';

/** Secrets that a connection has and that no document holds, by name. */
export interface LeftOut {
  kind: 'connections';
  id: string;
  secrets: string[];
  writeKeys: string[];
}

type Repository = Pick<AdminContext['repository'], 'list' | 'get'>;

/**
 * The whole configuration of a workspace as documents in a fixed order: what is live, its drafts, and settings. Accounts, keys and secrets are none of it, nor what only this installation
 * knows: times, hashes, numbers of versions.
 *
 * @example (await exportDocuments(repository, workspaceId)).filter(({ kind }) => kind === 'purposes')
 */
export async function exportDocuments(repository: Repository, workspaceId: string): Promise<ConfigurationDocument[]> {
  const documents: ConfigurationDocument[] = [];
  for (const kind of DOCUMENT_KINDS) {
    const written = await contentsOf(repository, workspaceId, kind);
    documents.push(...written.map(([id, content]) => ({ kind, id, content: inOrder(content as JsonObject) })));
  }
  return documents;
}

async function contentsOf(repository: Repository, workspaceId: string, kind: DocumentKind): Promise<[string, object | null][]> {
  if (kind === 'settings') return settingsOf(await repository.list<WorkspaceDocument>('workspaces', workspaceId, { limit: 1 }));
  const rows = await repository.list(kind satisfies ConfigurationKind, workspaceId);
  if (kind === 'mappings') return Promise.all((rows as Configured<MappingContent>[]).map(async (row): Promise<[string, object]> => [row.id, await mappingContent({ repository }, row)]));
  return rows.map(({ id, content }) => [id, CONTENTS[kind](content as never)]);
}

/** What the documents leave out of each connection. */
export async function listLeftOut(admin: AdminContext, workspaceId: string): Promise<LeftOut[]> {
  const rows = await admin.repository.list<ConnectionDocument>('connections', workspaceId);
  return rows.map((row): LeftOut => ({ kind: 'connections', id: row.id, secrets: namesOfSecrets(admin, row), writeKeys: isSource(row.content) ? row.content.writeKeys.map(({ name }) => name) : [] }))
    .filter(({ secrets, writeKeys }) => secrets.length + writeKeys.length > 0);
}

function namesOfSecrets(admin: AdminContext, row: Configured<ConnectionDocument>): string[] {
  try {
    return Object.keys(secretsOf(admin, row)).sort();
  } catch {
    // A key that is lost must not keep the rest from being written out.
    return ['cannot be read'];
  }
}

const CONTENTS = {
  customEntities: (content: CustomEntity) => content,
  customFields: (content: CustomField) => content,
  customEvents: (content: CustomEvent) => content,
  trackingPlans: trackingPlanContent,
  expectations: ({ expectation }: ExpectationDocument) => expectation,
  connections: connectionContent,
  purposes: (content: PurposeDocument) => ({ ...content, doubleOptIn: content.doubleOptIn ?? [] }),
  agreements: ({ name, versions }: AgreementDocument) => ({ name, versions: versions.map(({ isMaterial, purposes, texts }) => ({ isMaterial, purposes, texts })) }),
  roles: ({ name, description, permissions }: RoleDocument) => ({ name, description, permissions }),
  segments: ({ kind = 'conditions', name, description, purpose, condition, pushLimits, status, published }: SegmentDocument) => ({
    kind, name, description, purpose, ...(kind === 'static' ? {} : { condition }), ...(pushLimits === undefined ? {} : { pushLimits }), status,
    published: published === null ? null : { name: published.name, purpose: published.purpose, ...(kind === 'static' ? {} : { condition: published.condition }) },
  }),
  syncRules: ({ rule }: SyncRuleDocument) => rule,
  flows: ({ draft, status, liveVersion, versions }: FlowContent) => ({ draft, status, published: publishedFlow(versions.find(({ version }) => version === liveVersion)) }),
} satisfies Record<Exclude<DocumentKind, 'settings' | 'mappings'>, (content: never) => object | null>;

function connectionContent(content: ConnectionDocument): object {
  const { sealedSecrets: _, system, ...rest } = content;
  const { writeKeys: __, userTokenKeys: ___, disabled: ____, ...plain } = { writeKeys: null, userTokenKeys: null, disabled: null, ...rest };
  return {
    ...plain, ...(system == null ? {} : { system }),
    ...(isSource(content) ? { withoutBasis: content.withoutBasis ?? 'refuse', consentSignals: content.consentSignals ?? [], trackingPlan: content.trackingPlan ?? null, profilePurpose: content.profilePurpose ?? null } : {}),
    ...(isDestination(content) ? { batchSize: content.batchSize ?? null, rateLimit: content.rateLimit ?? null, headOfLine: content.headOfLine ?? 'block' } : {}),
  };
}

function publishedFlow(version: FlowContent['versions'][number] | undefined): object | null {
  if (version === undefined) return null;
  const { flowId: _, version: __, publishedAt: ___, ...definition } = version;
  return definition;
}

/** What was set for the whole workspace; what was not is not there. */
function settingsOf([row]: readonly Configured<WorkspaceDocument>[]): [string, object][] {
  const { access, flowSettings, requestSettings, identitySettings, ownershipSettings, changeSettings, reconcileSettings } = row?.content ?? {};
  const changes = changeSettings && { isKept: changeSettings.isKept, keptForDays: changeSettings.keptForDays, feeds: changeSettings.feeds ?? [] };
  const reconcile = reconcileSettings && { isNightly: reconcileSettings.isNightly, at: reconcileSettings.at, timeZone: reconcileSettings.timeZone, repair: reconcileSettings.repair };
  const settings: Readonly<Record<SettingsId, object | undefined>> = { access, flows: flowSettings, requests: requestSettings, identity: identitySettings, ownership: ownershipSettings, changes, reconcile };
  return Object.entries(settings).flatMap(([id, content]) => (content === undefined ? [] : [[id, content] as [string, object]]));
}
