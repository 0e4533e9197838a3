import { checkFields, type Subject } from '@firsthand/access';
import { compileCondition, FirsthandError, isJsonObject, type Condition, type ErrorPlace, type JsonObject } from '@firsthand/domain';
import type { ConnectionDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { enableConnection, pauseConnection } from '../connections/connections.js';
import type { Caller } from '../http/caller.js';
import { dictionaryOf, withinTransaction } from '../one-moment/within-transaction.js';
import { DOCUMENT_KINDS, SETTINGS_IDS, diffDocuments, inOrder, type ConfigurationDocument, type DocumentChange, type DocumentKind, type SettingsId } from './configuration-documents.js';
import { exportDocuments } from './export-configuration.js';
import { readContent } from './read-stored.js';
import { removeDocument } from './remove-document.js';
import { beginConnection, connectionFileSchema, writeDocument, type ImportOptions } from './write-document.js';

export interface ConfigurationImport extends ImportOptions {
  documents: readonly ConfigurationDocument[];
  /** Whether what is not among the documents goes. Settings never do. */
  deletesOthers: boolean;
}

const SUBJECT_OF: Readonly<Record<Exclude<DocumentKind, 'settings'>, Subject>> = {
  customEntities: 'dictionary', customFields: 'dictionary', customEvents: 'dictionary', trackingPlans: 'trackingPlan', expectations: 'expectation', connections: 'connection', purposes: 'purpose', agreements: 'agreement', roles: 'role', mappings: 'mapping', segments: 'segment', flows: 'flow', syncRules: 'syncRule',
};
const SUBJECT_OF_SETTINGS: Readonly<Record<SettingsId, Subject>> = { access: 'accessSettings', changes: 'changeFeed', flows: 'flow', identity: 'identity', ownership: 'dictionary', reconcile: 'reconcile', requests: 'privacyRequest' };
/** What is enabled, published or paused besides being changed. */
const OPERATED: ReadonlySet<DocumentKind> = new Set(['trackingPlans', 'connections', 'mappings', 'segments', 'flows', 'syncRules']);

/**
 * Makes the configuration of a workspace what documents say: all of it or, when any of them is refused, nothing. Each change is made by the call of the REST API that makes it, with its
 * checks and what follows from it, in one transaction; at its end the configuration is written out again and must be what was asked for.
 *
 * @throws FirsthandError `INVALID_CONFIGURATION` with every document that is refused and why, `FORBIDDEN` for changes that are not the caller's to make
 * @example await importConfiguration(admin, caller, { documents, secrets: {}, deletesOthers: true });
 */
export async function importConfiguration(admin: AdminContext, caller: Caller, given: ConfigurationImport): Promise<DocumentChange[]> {
  const { workspaceId } = caller;
  const defaults = settingsDefaults(admin);
  const comparable = (document: ConfigurationDocument): ConfigurationDocument => ({ ...document, content: inOrder(withDefaults(document, defaults)) });
  const documents = given.documents.map(comparable);
  refuseDoubles(documents);
  refuseUnknownSettings(documents);
  const changes = await admin.repository.transaction(async (scope) => {
    const wanted = (before: readonly ConfigurationDocument[]): DocumentChange[] => diffDocuments(before, documents).filter(({ kind, change }) => change !== 'deleted' || (given.deletesOthers && kind !== 'settings'));
    const stored = async (): Promise<ConfigurationDocument[]> => (await exportDocuments(scope, workspaceId)).map(comparable);
    const planned = wanted(await stored());
    for (const change of planned) authorise(caller, change, documents);
    const places = await carryOut(withinTransaction(admin, scope, workspaceId, await dictionaryOf(scope, workspaceId)), caller, planned, documents, given);
    if (places.length > 0) throw refusal(places);
    const left = wanted(await stored());
    if (left.length > 0) throw refusal(left.map(({ kind, id, fields }) => ({ path: `/${kind}/${id}${fields[0] ?? ''}`, message: 'would not become what the document says' })));
    return planned;
  });
  await admin.configuration.refresh();
  return changes;
}

async function carryOut(admin: AdminContext, caller: Caller, planned: readonly DocumentChange[], documents: readonly ConfigurationDocument[], options: ImportOptions): Promise<ErrorPlace[]> {
  const places: ErrorPlace[] = [];
  const refused = new Set<object>();
  const attempt = async (document: Pick<DocumentChange, 'kind' | 'id'>, act: () => Promise<unknown>): Promise<void> => {
    const { kind, id } = document;
    if (refused.has(document)) return;
    try {
      await act();
    } catch (error) {
      refused.add(document);
      if (!(error instanceof FirsthandError)) throw error;
      const inner = error.places.length === 0 ? [{ path: '', message: error.message }] : error.places;
      places.push(...inner.map(({ path, message }) => ({ path: `/${kind}/${id}${path}`, message: `${error.code}: ${message}` })));
    }
  };
  const written = inOrderOfNeed(documents.filter(({ kind, id }) => planned.some((change) => change.kind === kind && change.id === id)));
  const connections = written.filter(({ kind }) => kind === 'connections');
  const unfinished: ConfigurationDocument[] = [];
  const write = (document: ConfigurationDocument): Promise<void> => attempt(document, () => writeDocument(admin, caller, document, options));
  const begin = (document: ConfigurationDocument): Promise<void> => attempt(document, async () => { if (!(await beginConnection(admin, caller, document, options))) unfinished.push(document); });
  for (const document of written.filter(comesWithConnections)) await (document.kind === 'connections' ? begin(document) : write(document));
  for (const document of unfinished) await write(document);
  for (const document of written.filter((one) => !comesWithConnections(one))) await write(document);
  for (const document of connections) await attempt(document, () => setStatus(admin, caller, document));
  // What goes is what others name: the last kinds first.
  for (const change of [...planned].reverse()) if (change.change === 'deleted') await attempt(change, () => removeDocument(admin, caller, change, options));
  return places;
}

/** Plugin id → what its settings are where they are left out. */
function settingsDefaults({ plugins }: AdminContext): ReadonlyMap<string, JsonObject> {
  return new Map(plugins.all().map(({ definition: { id, settings } }) => [id, Object.fromEntries(Object.entries(settings).flatMap(([name, field]) => (field.default === undefined ? [] : [[name, field.default]])))]));
}

/** A connection with all of its settings: older ones lack those that its plugin has since, and files need not name what is the default. */
function withDefaults({ kind, content }: ConfigurationDocument, defaults: ReadonlyMap<string, JsonObject>): JsonObject {
  const own = kind === 'connections' ? defaults.get(String(content.pluginId)) : undefined;
  return own === undefined || (content.settings !== undefined && !isJsonObject(content.settings)) ? content : { ...content, settings: { ...own, ...content.settings } };
}

/** Connections, and what they may name. Purposes name connections too: these are begun ahead of them, and changed when they are there. */
function comesWithConnections({ kind }: ConfigurationDocument): boolean {
  return DOCUMENT_KINDS.indexOf(kind) <= DOCUMENT_KINDS.indexOf('agreements');
}

/** By kind; segments each after those that they read. */
function inOrderOfNeed(documents: readonly ConfigurationDocument[]): ConfigurationDocument[] {
  const waiting = documents.filter(({ kind }) => kind === 'segments');
  const segments: ConfigurationDocument[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((one) => !waiting.some((other) => other !== one && readsOf(one).includes(other.id)));
    segments.push(...waiting.splice(Math.max(next, 0), 1));
  }
  return DOCUMENT_KINDS.flatMap((kind) => (kind === 'segments' ? segments : documents.filter((document) => document.kind === kind)));
}

function readsOf({ content: { condition, published } }: ConfigurationDocument): string[] {
  return [condition, (published as { condition?: unknown } | null | undefined)?.condition].flatMap((tree) => {
    try {
      return tree === undefined ? [] : (({ segments, lists }) => [...segments, ...lists])(compileCondition(tree as Condition));
    } catch (error) {
      if (error instanceof FirsthandError) return [];
      throw error;
    }
  });
}

async function setStatus(admin: AdminContext, caller: Caller, { id, content }: ConfigurationDocument): Promise<void> {
  const { status } = readContent(connectionFileSchema, content);
  const row = await admin.repository.get<ConnectionDocument>('connections', caller.workspaceId, id);
  if (row.content.status === status) return;
  if (status === 'enabled') await enableConnection(admin, caller, id, undefined);
  else if (status === 'paused') await pauseConnection(admin, caller, id, undefined);
  else throw new FirsthandError('CONFLICT', 'It was enabled: pause it.', [{ path: '/status', message: 'cannot be draft again' }]);
}

/** @throws FirsthandError `FORBIDDEN` */
function authorise({ ability }: Caller, { kind, id, change }: DocumentChange, documents: readonly ConfigurationDocument[]): void {
  const subject = kind === 'settings' ? SUBJECT_OF_SETTINGS[id as SettingsId] : SUBJECT_OF[kind];
  const action = kind === 'settings' ? (id === 'requests' ? 'operate' : 'update') : change === 'created' ? 'create' : change === 'deleted' ? 'delete' : 'update';
  const isAllowed = ability.can(action, subject) && (!OPERATED.has(kind) || ability.can('operate', subject));
  if (!isAllowed) throw new FirsthandError('FORBIDDEN', undefined, [{ path: `/${kind}/${id}`, message: `needs the permission to ${action} it` }]);
  if (action === 'create' || action === 'update') checkFields(ability, action, subject, Object.keys(documents.find((document) => document.kind === kind && document.id === id)?.content ?? {}));
}

function refuseDoubles(documents: readonly ConfigurationDocument[]): void {
  const seen = new Set<string>();
  const places = documents.flatMap(({ kind, id }) => {
    const path = `/${kind}/${id}`;
    const isDouble = seen.has(path);
    seen.add(path);
    return isDouble ? [{ path, message: 'is there twice' }] : [];
  });
  if (places.length > 0) throw refusal(places);
}

function refuseUnknownSettings(documents: readonly ConfigurationDocument[]): void {
  const places = documents.filter(({ kind, id }) => kind === 'settings' && !(SETTINGS_IDS as readonly string[]).includes(id))
    .map(({ kind, id }) => ({ path: `/${kind}/${id}`, message: `there are no such settings: use ${SETTINGS_IDS.join(', ')}` }));
  if (places.length > 0) throw refusal(places);
}

function refusal(places: readonly ErrorPlace[]): FirsthandError {
  return new FirsthandError('INVALID_CONFIGURATION', `Nothing was changed: ${places[0]?.path ?? ''} ${places[0]?.message ?? ''}`, places);
}
