import { FirsthandError, type CustomEvent, type Dictionary } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { listConfigured, type Page, type PageQuery } from '../http/page.js';
import { changeDictionary, changeOf } from './change-dictionary.js';
import { currentDictionary } from './current-dictionary.js';
import { described, retentionDays } from './custom-field-bodies.js';
import { lintOwnName } from './lint-own-name.js';
import { refuseWhileUsed } from './refuse-while-used.js';

const shape = {
  ...described, retentionDays: retentionDays.meta({ description: 'After so many days its events are removed, and count nowhere, whatever purposes say of what they carry.' }), example: z.unknown().optional().meta({ description: 'Properties as they may look.' }),
  fields: z.array(z.string().min(1).max(200)).max(500).optional().meta({ description: 'Dictionary paths that it carries.' }),
};
const EXAMPLE = { name: 'Points Redeemed', description: 'A customer spent loyalty points.', fields: ['properties.custom.points'], pii: 'pseudonymous' as const, retentionDays: 400 };

export const customEventSchema = z.strictObject({ name: z.string().min(1).max(200), ...shape }).meta({ id: 'CustomEvent', examples: [EXAMPLE] });
export type CustomEventBody = z.infer<typeof customEventSchema>;
export const customEventChangeSchema = z.strictObject(shape).partial().meta({ id: 'CustomEventChange', examples: [{ description: 'A customer paid with loyalty points.' }] });
export type CustomEventChange = z.infer<typeof customEventChangeSchema>;
export const customEventViewSchema = z.object({ id: z.string(), version: z.int(), event: customEventSchema }).meta({ id: 'CustomEventView' });
export interface CustomEventView { id: string; version: number; event: CustomEvent }
export const EVENT_EXAMPLE = { id: 'Points Redeemed', version: 1, event: EXAMPLE };

export function listCustomEvents(admin: AdminContext, { workspaceId }: Caller, query: PageQuery): Promise<Page<CustomEventView>> {
  return listConfigured<CustomEvent, CustomEventView>(admin, { kind: 'customEvents', workspaceId, query }, view);
}

/** Adds an event: connections that quarantine what they do not know take it from then on. @throws FirsthandError `NAMING_CONVENTION`, `INVALID_REQUEST` for a field that there is not, `CONFLICT` */
export async function addCustomEvent(admin: AdminContext, { workspaceId }: Caller, body: CustomEventBody): Promise<CustomEventView> {
  const event = body as CustomEvent;
  const dictionary = await currentDictionary(admin, workspaceId);
  lintOwnName(dictionary, { kind: 'event', scope: '', name: event.name, path: '/name', distinctFrom: event.distinctFrom ?? [] });
  refuseUnknownFields(dictionary, event);
  const { row } = await changeDictionary(admin, workspaceId, changeOf(`event:${event.name}`, 'added'), (scope, now) => scope.create<CustomEvent>('customEvents', workspaceId, event.name, event, now));
  return view(row);
}

/** Changes what is said of an event. Its name is its own: another one is another event. @throws FirsthandError `INVALID_REQUEST`, `VERSION_MISMATCH` */
export async function changeCustomEvent(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number, change: CustomEventChange): Promise<CustomEventView> {
  const { content } = await admin.repository.get<CustomEvent>('customEvents', workspaceId, id);
  const event = { ...content, ...change } as CustomEvent;
  refuseUnknownFields(await currentDictionary(admin, workspaceId), event);
  const { row } = await changeDictionary(admin, workspaceId, changeOf(`event:${id}`, 'changed'), (scope, now) => scope.update<CustomEvent>('customEvents', workspaceId, id, ifMatch, event, now));
  return view(row);
}

/** Takes an event out. Those that are stored stay: they happened. @throws FirsthandError `CONFLICT` with every user, `VERSION_MISMATCH` */
export async function removeCustomEvent(admin: AdminContext, { workspaceId }: Caller, id: string, ifMatch: number): Promise<void> {
  await admin.repository.get<CustomEvent>('customEvents', workspaceId, id);
  await refuseWhileUsed(admin, workspaceId, 'event', ({ events }) => events.has(id));
  await changeDictionary(admin, workspaceId, { ...changeOf(`event:${id}`, 'removed'), breaks: ['is taken out'], storedValues: 'keep' }, (scope) => scope.delete('customEvents', workspaceId, id, ifMatch));
}

function refuseUnknownFields(dictionary: Dictionary, { fields = [] }: CustomEvent): void {
  const places = fields.flatMap((path, index) => (dictionary.field(path) === undefined ? [{ path: `/fields/${index}`, message: 'is no path of the dictionary' }] : []));
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, places);
}

function view({ id, version, content }: Configured<CustomEvent>): CustomEventView {
  return { id, version, event: content };
}
