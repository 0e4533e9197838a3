import { FirsthandError, PII_CLASSES, type CustomEntity, type CustomField, type PiiClass } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { changeDictionary, changeOf } from './change-dictionary.js';
import { currentDictionary } from './current-dictionary.js';
import { described, retentionDays } from './custom-field-bodies.js';
import { lintOwnName } from './lint-own-name.js';

const shape = { ...described, retentionDays };
const EXAMPLE = { name: 'appointment', description: 'A visit to a store that was agreed on.', pii: 'personal' as const, purposes: ['service'] };

export const customEntitySchema = z.strictObject({ name: z.string().min(1).max(64), ...shape }).meta({
  id: 'CustomEntity', description: 'What is said here holds for each of its fields that does not say it itself.', examples: [EXAMPLE],
});
export type CustomEntityBody = z.infer<typeof customEntitySchema>;
export const customEntityChangeSchema = z.strictObject(shape).partial().extend({
  storedValues: z.literal('keep').optional().meta({ description: 'Said where a lower class would show stored values of its fields to more people.' }),
}).meta({ id: 'CustomEntityChange', examples: [{ retentionDays: 400 }] });
export type CustomEntityChange = z.infer<typeof customEntityChangeSchema>;
export const customEntityViewSchema = z.object({ id: z.string(), version: z.int(), entity: customEntitySchema }).meta({ id: 'CustomEntityView' });
export interface CustomEntityView { id: string; version: number; entity: CustomEntity }
export const ENTITY_EXAMPLE = { id: 'appointment', version: 1, entity: EXAMPLE };

export function listCustomEntities(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<CustomEntityView>> {
  return listConfigured<CustomEntity, CustomEntityView>(admin, { kind: 'customEntities', workspaceId, query }, view);
}

/** Adds an entity, whose fields are added one by one then. @throws FirsthandError `NAMING_CONVENTION`, `CONFLICT` */
export async function addCustomEntity(admin: AdminContext, { workspaceId }: Caller, body: CustomEntityBody): Promise<CustomEntityView> {
  const entity = body as CustomEntity;
  const dictionary = await currentDictionary(admin, workspaceId);
  const term = { name: entity.name, path: '/name', distinctFrom: entity.distinctFrom ?? [] };
  lintOwnName(dictionary, { ...term, kind: 'entity', scope: '' });
  // Events carry it beside their own fields.
  lintOwnName(dictionary, { ...term, kind: 'field', scope: 'event' });
  const { row } = await changeDictionary(admin, workspaceId, changeOf(`entity:${entity.name}`, 'added'), (scope, now) => scope.create<CustomEntity>('customEntities', workspaceId, entity.name, entity, now));
  return view(row);
}

/** Changes what is said of an entity. @throws FirsthandError `DICTIONARY_BREAKING` where its fields get a lower class of personal data unsaid, `VERSION_MISMATCH` */
export async function changeCustomEntity(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, { storedValues, ...change }: CustomEntityChange): Promise<CustomEntityView> {
  const { content } = await admin.repository.get<CustomEntity>('customEntities', workspaceId, id);
  const entity = { ...content, ...change } as CustomEntity;
  const isLowered = rank(entity.pii) < rank(content.pii) && (await fieldsOf(admin, workspaceId, id)).some(({ pii }) => pii === undefined);
  if (isLowered && storedValues === undefined) {
    throw new FirsthandError('DICTIONARY_BREAKING', 'More people would see its fields.', [{ path: '/pii', message: `was ${content.pii ?? 'personal'}: more people would see it` }, { path: '/storedValues', message: 'is one of keep' }]);
  }
  const noted = { ...changeOf(`entity:${id}`, 'changed'), ...(isLowered ? { breaks: [`/pii was ${content.pii ?? 'personal'}`], storedValues: 'keep' as const } : {}) };
  const { row } = await changeDictionary(admin, workspaceId, noted, (scope, now) => scope.update<CustomEntity>('customEntities', workspaceId, id, ifMatch, entity, now));
  return view(row);
}

/** Takes an entity out that has no fields. @throws FirsthandError `CONFLICT` with each field, `VERSION_MISMATCH` */
export async function removeCustomEntity(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  await admin.repository.get<CustomEntity>('customEntities', workspaceId, id);
  const fields = await fieldsOf(admin, workspaceId, id);
  if (fields.length > 0) throw new FirsthandError('CONFLICT', `The entity is in use: ${fields.slice(0, 5).map(({ name }) => `field ${id}.${name}`).join(', ')}.`, fields.map(({ name }) => ({ path: `/fields/${id}.${name}`, message: 'is a field of it' })));
  await changeDictionary(admin, workspaceId, changeOf(`entity:${id}`, 'removed'), (scope) => scope.delete('customEntities', workspaceId, id, ifMatch));
}

async function fieldsOf({ repository }: AdminContext, workspaceId: string, entity: string): Promise<CustomField[]> {
  return (await repository.list<CustomField>('customFields', workspaceId, { where: { entity } })).map(({ content }) => content);
}

function rank(pii: PiiClass = 'personal'): number {
  return PII_CLASSES.indexOf(pii);
}

function view({ id, version, content }: Configured<CustomEntity>): CustomEntityView {
  return { id, version, entity: content };
}
