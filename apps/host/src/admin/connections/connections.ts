import { checkFields, newWriteKey } from '@firsthand/access';
import { FirsthandError, pointerToken } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import { isDestination, isSource, type AgreementDocument, type ConnectionDocument, type SourceConnectionDocument } from '../../configuration/documents.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { DESTINATION_FIELDS, SOURCE_FIELDS, type ConnectionChange, type NewConnection, type NewWriteKeyBody } from './connection-bodies.js';
import { secretsOf, viewConnection, type ConnectionView, type ShownWriteKey } from './connection-view.js';
import { forgetConnectionHealth, readConnectionHealth } from './connection-health.js';
import { saveSettings } from './save-settings.js';
import { assertTrackingPlan } from '../tracking-plans/connections-of-plan.js';

type Row = Configured<ConnectionDocument>;

export function listConnections(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<ConnectionView>> {
  return listConfigured<ConnectionDocument, ConnectionView>(admin, { kind: 'connections', workspaceId, query }, (row) => viewConnection(admin, row));
}

export async function getConnection(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<ConnectionView> {
  const row = await readConnection(admin, workspaceId, id);
  return { ...viewConnection(admin, row), ...(isDestination(row.content) ? { delivery: await readConnectionHealth(admin, { workspaceId, connectionId: id }) } : {}) };
}

/** @throws FirsthandError `NOT_FOUND` */
export function readConnection({ repository }: AdminContext, workspaceId: string, id: string): Promise<Row> {
  return repository.get<ConnectionDocument>('connections', workspaceId, id);
}

/** @throws FirsthandError `UNKNOWN_PLUGIN`, `INVALID_SETTINGS`, `FORBIDDEN` for fields that are not the caller's to set, `CONFLICT` */
export async function createConnection(admin: AdminContext, caller: Caller, given: NewConnection): Promise<ConnectionView> {
  const { workspaceId } = caller;
  checkFields(caller.ability, 'create', 'connection', Object.keys(given));
  const plugin = admin.plugins.plugin(given.pluginId);
  const connectionId = given.id ?? admin.newId();
  if (given.kind !== 'destination') await assertNamed(admin, workspaceId, given);
  const base = { name: given.name, pluginId: plugin.id, status: 'draft' as const, ...(given.system == null ? {} : { system: given.system }), ...(await saveSettings(admin, plugin, { workspaceId, connectionId }, given.settings ?? {}, { settings: {}, secrets: {} })) };
  const row = await admin.repository.create<ConnectionDocument>('connections', workspaceId, connectionId, complete(admin, given, base), admin.clock());
  await admin.configuration.refresh();
  return viewConnection(admin, row);
}

/** What a source names is there: a refusal by a signal or a category would be one of nothing. */
async function assertNamed(admin: AdminContext, workspaceId: string, { trackingPlan, profilePurpose, consentCategories = {}, consentSignals = [] }: Pick<ConnectionChange, 'trackingPlan' | 'profilePurpose' | 'consentCategories' | 'consentSignals'>): Promise<void> {
  await assertTrackingPlan(admin, workspaceId, trackingPlan);
  const named: [string, string][] = [
    ...(profilePurpose == null ? [] : [['/profilePurpose', profilePurpose] satisfies [string, string]]),
    ...Object.entries(consentCategories).map(([category, purpose]): [string, string] => [`/consentCategories/${pointerToken(category)}`, purpose]),
    ...consentSignals.map(({ purpose }, at): [string, string] => [`/consentSignals/${at}/purpose`, purpose]),
  ];
  if (named.length === 0) return;
  const purposes = new Set((await admin.repository.list('purposes', workspaceId)).map(({ id }) => id));
  const problems = named.filter(([, purpose]) => !purposes.has(purpose)).map(([path]) => ({ path, message: 'is no purpose' }));
  if (problems.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, problems);
}

function complete(admin: AdminContext, given: NewConnection, base: Pick<ConnectionDocument, 'name' | 'pluginId' | 'status' | 'settings' | 'sealedSecrets'>): ConnectionDocument {
  if (given.kind === 'source') return { ...base, kind: given.kind, ...sourceSide(admin, given) };
  if (given.kind === 'destination') return { ...base, kind: given.kind, ...destinationSide(admin, given) };
  return { ...base, kind: given.kind, ...sourceSide(admin, given), ...destinationSide(admin, given) };
}

function sourceSide({ plugins }: AdminContext, given: Extract<NewConnection, { kind: 'source' | 'both' }>) {
  plugins.source(`${given.pluginId}.${given.capability}`);
  const { capability, provenance = null, agreementId = null, collectionPurpose = null, withoutBasis = 'refuse', consentCategories = {}, consentSignals = [], unknownEvents = 'accept', trackingPlan = null, defaultCountry = null, profilePurpose = null } = given;
  return { capability, provenance, agreementId, collectionPurpose, withoutBasis, consentCategories, consentSignals, unknownEvents, trackingPlan, defaultCountry, profilePurpose, writeKeys: [], userTokenKeys: [] };
}

function destinationSide({ plugins }: AdminContext, given: Extract<NewConnection, { kind: 'destination' | 'both' }>) {
  const [first] = Object.values(plugins.plugin(given.pluginId).destinations ?? {});
  if (first === undefined) throw new FirsthandError('UNKNOWN_PLUGIN', 'This plugin has no destination.');
  return {
    recipient: given.recipient ?? first.suggests.recipient, country: given.country ?? null, concurrency: given.concurrency ?? 4, batchSize: given.batchSize ?? null, rateLimit: given.rateLimit ?? null, headOfLine: given.headOfLine ?? 'block' as const, disabled: null,
  };
}

/** @throws FirsthandError `INVALID_SETTINGS`, `FORBIDDEN` for fields that are not the caller's to set, `VERSION_MISMATCH`, `PROVENANCE_MISSING`, `PROVENANCE_THIRD_PARTY` */
export async function changeConnection(admin: AdminContext, caller: Caller, id: string, ifMatch: number, change: ConnectionChange): Promise<ConnectionView> {
  checkFields(caller.ability, 'update', 'connection', Object.keys(change));
  const row = await changeConfigured<ConnectionDocument>(admin, 'connections', caller.workspaceId, id, ifMatch, async (content, current) => {
    refuseForeignFields(content, change);
    await assertNamed(admin, caller.workspaceId, change);
    const { settings, ...fields } = change;
    const plugin = admin.plugins.plugin(content.pluginId);
    const saved = settings === undefined ? {} : await saveSettings(admin, plugin, { workspaceId: caller.workspaceId, connectionId: id }, settings, { settings: content.settings, secrets: knownSecrets(admin, current) });
    const next = { ...content, ...fields, ...saved } as ConnectionDocument;
    if (next.status === 'enabled') await checkEnabled(admin, caller.workspaceId, next);
    return next;
  });
  return viewConnection(admin, row);
}

/** Secrets that can be read no more are to be entered again: this is where that is done. */
function knownSecrets(admin: AdminContext, row: Row): Record<string, string> {
  try {
    return secretsOf(admin, row);
  } catch (error) {
    if (error instanceof FirsthandError && error.code === 'SECRET_UNREADABLE') return {};
    throw error;
  }
}

function refuseForeignFields({ kind }: ConnectionDocument, change: ConnectionChange): void {
  const foreign = kind === 'both' ? [] : kind === 'source' ? DESTINATION_FIELDS : SOURCE_FIELDS;
  const places = Object.keys(change).filter((name) => foreign.includes(name)).map((name) => ({ path: `/${name}`, message: `is no field of a ${kind}` }));
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, places);
}

/** Lets data in or out. @throws FirsthandError `PROVENANCE_MISSING`, `PROVENANCE_THIRD_PARTY`, `INVALID_SETTINGS` */
export async function enableConnection(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined): Promise<ConnectionView> {
  const row = await changeConfigured<ConnectionDocument>(admin, 'connections', workspaceId, id, ifMatch, async (content, current) => {
    await saveSettings(admin, admin.plugins.plugin(content.pluginId), { workspaceId, connectionId: id }, content.settings, { settings: content.settings, secrets: secretsOf(admin, current) });
    await checkEnabled(admin, workspaceId, content);
    if (!isDestination(content)) return { ...content, status: 'enabled' as const };
    // Whoever enables it has looked after it: it starts afresh.
    if (content.status !== 'enabled' || content.disabled != null) await forgetConnectionHealth(admin, { workspaceId, connectionId: id });
    return { ...content, status: 'enabled' as const, disabled: null };
  });
  return viewConnection(admin, row);
}

export async function pauseConnection(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number | undefined): Promise<ConnectionView> {
  return viewConnection(admin, await changeConfigured<ConnectionDocument>(admin, 'connections', workspaceId, id, ifMatch, (content) => ({ ...content, status: 'paused' as const })));
}

/** A source must say how its data was collected, by the brand itself, and under which agreement. */
async function checkEnabled(admin: AdminContext, workspaceId: string, content: ConnectionDocument): Promise<void> {
  if (!isSource(content)) return;
  const { provenance, agreementId, collectionPurpose } = content;
  if (provenance?.collection === 'third-party') throw new FirsthandError('PROVENANCE_THIRD_PARTY');
  const missing = [...(provenance === null ? ['provenance'] : []), ...(agreementId === null ? ['agreementId'] : [])];
  if (agreementId === null || missing.length > 0) throw new FirsthandError('PROVENANCE_MISSING', undefined, missing.map((name) => ({ path: `/${name}`, message: 'is not set' })));
  const [agreement] = (await admin.repository.list<AgreementDocument>('agreements', workspaceId)).filter(({ id }) => id === agreementId);
  const newest = agreement?.content.versions.at(-1);
  if (newest === undefined) throw new FirsthandError('PROVENANCE_MISSING', undefined, [{ path: '/agreementId', message: 'is no agreement with a published version' }]);
  if (collectionPurpose !== null && !newest.purposes.includes(collectionPurpose)) {
    throw new FirsthandError('PROVENANCE_MISSING', undefined, [{ path: '/collectionPurpose', message: 'is not covered by the newest version of the agreement' }]);
  }
}

/** The key itself is in this answer and nowhere else. */
export async function addWriteKey(admin: AdminContext, { workspaceId }: Caller, id: string, { kind, name }: NewWriteKeyBody): Promise<ShownWriteKey> {
  const { writeKey, hash, hint } = newWriteKey(kind);
  const added = { id: admin.newId(), name: name ?? kind, kind, hash, hint, createdAt: admin.clock() };
  const { version } = await changeConfigured<ConnectionDocument>(admin, 'connections', workspaceId, id, undefined, (content) => {
    const source = sourceOf(content);
    if (source.writeKeys.length >= 20) throw new FirsthandError('CONFLICT', 'A connection has at most 20 write keys.');
    return { ...source, writeKeys: [...source.writeKeys, added] };
  });
  return { id: added.id, name: added.name, kind, hint, createdAt: new Date(added.createdAt).toISOString(), writeKey, version };
}

export async function removeWriteKey(admin: AdminContext, { workspaceId }: Caller, id: string, keyId: string): Promise<ConnectionView> {
  const row = await changeConfigured<ConnectionDocument>(admin, 'connections', workspaceId, id, undefined, (content) => {
    const source = sourceOf(content);
    const writeKeys = source.writeKeys.filter((key) => key.id !== keyId);
    if (writeKeys.length === source.writeKeys.length) throw new FirsthandError('NOT_FOUND');
    return { ...source, writeKeys };
  });
  return viewConnection(admin, row);
}

export function sourceOf(content: ConnectionDocument): SourceConnectionDocument {
  if (!isSource(content)) throw new FirsthandError('INVALID_REQUEST', 'Only sources have keys.');
  return content;
}
