import { createDictionary, customEntityPath, CUSTOM_ENTITIES, findBreaks, FirsthandError, type CustomEntity, type CustomField, type Dictionary, type DictionaryChange, type ErrorPlace, type StoredValues } from '@firsthand/domain';
import type { ConfigurationRepository, Configured } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { changeDictionary } from './change-dictionary.js';
import { currentDictionary } from './current-dictionary.js';
import type { CustomFieldBody, CustomFieldChange, CustomFieldView } from './custom-field-bodies.js';
import { lintOwnName } from './lint-own-name.js';
import { refuseBrokenConditions } from './refuse-broken-conditions.js';
import { refuseWhileUsed } from './refuse-while-used.js';

export function listCustomFields(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<CustomFieldView>> {
  return listConfigured<CustomField, CustomFieldView>(admin, { kind: 'customFields', workspaceId, query }, viewField);
}

export async function getCustomField({ repository }: AdminContext, { workspaceId }: Caller, id: string): Promise<CustomFieldView> {
  return viewField(await repository.get<CustomField>('customFields', workspaceId, id));
}

/** Adds a field to the dictionary of the workspace. @throws FirsthandError `INVALID_REQUEST`, `NAMING_CONVENTION`, `CONFLICT` */
export async function addCustomField(admin: AdminContext, { workspaceId }: Caller, body: CustomFieldBody): Promise<CustomFieldView> {
  const field = { ...body, name: plain(body.name) } as CustomField;
  lintField(await currentDictionary(admin, workspaceId), field);
  const { id, path } = await placeOf(admin.repository, workspaceId, field);
  const { row, dictionaryVersion } = await changeDictionary(admin, workspaceId, { path, change: 'added', breaks: [], storedValues: null }, (scope, now) => scope.create('customFields', workspaceId, id, field, now));
  return { ...viewField(row), dictionaryVersion };
}

/**
 * Changes a field. What breaks for those who read it needs a word on stored values, makes a new major version, and is refused while something would read it in vain.
 *
 * @throws FirsthandError `DICTIONARY_BREAKING` with each place that breaks, `CONFLICT` with each user, `NAMING_CONVENTION`, `INVALID_REQUEST`, `VERSION_MISMATCH`
 */
export async function changeCustomField(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, { storedValues, values, ...change }: CustomFieldChange): Promise<CustomFieldView> {
  const row = await readAt(admin, workspaceId, id, ifMatch);
  const before = row.content;
  const { values: _values, ...rest } = { ...before, ...change, name: plain(change.name ?? before.name) };
  const kept = values === undefined ? before.values : values ?? undefined;
  const after = { ...rest, ...(kept === undefined ? {} : { values: kept }) } as CustomField;
  const breaks = findBreaks(before, after);
  const chosen = chooseStoredValues(before, breaks, storedValues);
  const [old, next] = [await placeOf(admin.repository, workspaceId, before, id), await placeOf(admin.repository, workspaceId, after, id)];
  const isRenamed = next.id !== id;
  if (isRenamed) {
    lintField(await currentDictionary(admin, workspaceId), after, before.name);
    await refuseWhileUsed(admin, workspaceId, 'field', ({ paths }) => isNamedBy(paths, old.path));
  } else if (breaks.length > 0) await refuseBrokenConditions(admin, workspaceId, next.fields);
  const noted: DictionaryChange = { path: old.path, change: isRenamed ? 'renamed' : 'changed', ...(isRenamed ? { to: next.path } : {}), breaks: breaks.map(wordsOf), storedValues: chosen };
  const changed = await changeDictionary(admin, workspaceId, noted, async (scope, now) => {
    if (!isRenamed) return scope.update('customFields', workspaceId, id, ifMatch, after, now);
    await scope.delete('customFields', workspaceId, id, ifMatch);
    return scope.create('customFields', workspaceId, next.id, after, now);
  });
  return { ...viewField(changed.row), dictionaryVersion: changed.dictionaryVersion };
}

/** Takes a field out. @throws FirsthandError `CONFLICT` with every user, `DICTIONARY_BREAKING` without a word on stored values, `VERSION_MISMATCH` */
export async function removeCustomField(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, storedValues: StoredValues | undefined): Promise<void> {
  const { content } = await readAt(admin, workspaceId, id, ifMatch);
  const { path } = await placeOf(admin.repository, workspaceId, content, id);
  await refuseWhileUsed(admin, workspaceId, 'field', ({ paths }) => isNamedBy(paths, path));
  const breaks = findBreaks(content, null);
  const chosen = chooseStoredValues(content, breaks, storedValues, ['drop', 'keep']);
  await changeDictionary(admin, workspaceId, { path, change: 'removed', breaks: breaks.map(wordsOf), storedValues: chosen }, (scope) => scope.delete('customFields', workspaceId, id, ifMatch));
}

function lintField(dictionary: Dictionary, field: CustomField, replaced?: string): void {
  lintOwnName(dictionary, { kind: 'field', scope: field.entity, name: field.name, path: '/name', distinctFrom: field.distinctFrom ?? [] }, replaced);
}

/** The field among the others of the workspace, checked with them: its places count from itself. @throws FirsthandError `INVALID_REQUEST` */
async function placeOf(repository: ConfigurationRepository, workspaceId: string, field: CustomField, replacedId?: string): Promise<{ id: string; path: string; fields: CustomField[] }> {
  const [known, entities] = await Promise.all([repository.list<CustomField>('customFields', workspaceId), repository.list<CustomEntity>('customEntities', workspaceId)]);
  const fields = [...known.filter(({ id }) => id !== replacedId).map(({ content }) => content), field];
  try {
    createDictionary({ customFields: fields, customEntities: entities.map(({ content }) => content) });
  } catch (error) {
    throw error instanceof FirsthandError ? new FirsthandError(error.code, error.detail, error.places.map(({ path, message }) => ({ path: path.replace(/^\/\d+/, ''), message }))) : error;
  }
  return { id: `${field.entity}.${plain(field.name)}`, path: pathOf(field), fields };
}

function pathOf({ entity, name }: CustomField): string {
  if (entity === 'event') return `properties.custom.${plain(name)}`;
  return (CUSTOM_ENTITIES as readonly string[]).includes(entity) ? `${entity}.custom.${plain(name)}` : `${customEntityPath(entity)}.${plain(name)}`;
}

/** @throws FirsthandError `DICTIONARY_BREAKING` where something breaks and nothing that can be done was said */
function chooseStoredValues({ entity }: CustomField, breaks: readonly ErrorPlace[], given: StoredValues | undefined, offered: readonly StoredValues[] = ['convert', 'drop', 'keep']): StoredValues | null {
  if (breaks.length === 0) return null;
  const isVisibleOnly = breaks.every(({ path }) => path === '/pii');
  // Events are never rewritten; a class alone changes no value.
  const possible = entity !== 'profile' || isVisibleOnly ? ['keep'] : offered;
  if (given !== undefined && possible.includes(given)) return given;
  throw new FirsthandError('DICTIONARY_BREAKING', `It breaks: ${breaks.map(wordsOf).join('; ')}.`, [...breaks, { path: '/storedValues', message: `is one of ${possible.join(', ')}` }]);
}

async function readAt({ repository }: AdminContext, workspaceId: string, id: string, ifMatch: number): Promise<Configured<CustomField>> {
  const row = await repository.get<CustomField>('customFields', workspaceId, id);
  if (row.version !== ifMatch) throw new FirsthandError('VERSION_MISMATCH', `It is at version ${row.version}.`);
  return row;
}

/** Whether one of the paths is the field, or a part of it. */
function isNamedBy(paths: ReadonlySet<string>, path: string): boolean {
  return [...paths].some((named) => named === path || named.startsWith(`${path}.`));
}

function wordsOf({ path, message }: ErrorPlace): string {
  return `${path} ${message}`.trim();
}

function plain(name: string): string {
  return name.replace(/^custom\./, '');
}

function viewField({ id, version, content }: Configured<CustomField>): CustomFieldView {
  return { id, version, field: content };
}
