import { z } from 'zod';
import { FirsthandError, type ErrorPlace } from '@firsthand/domain';
import { changeFeedSchema, isDestination, type ConnectionDocument, type WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';

export const changeSettingsSchema = z.strictObject({
  isKept: z.boolean().meta({ description: 'Whether changes of people are kept for those who follow them. Off, nothing is written.' }),
  keptForDays: z.int().min(1).max(30).default(7).meta({ description: 'How long a reader may be away and miss nothing.' }),
  feeds: z.array(changeFeedSchema).max(20).default([]).meta({ description: 'Connections of the plugin `webhook` that are told of changes, by names without values; no third parties.' }),
});
export type ChangeSettings = z.infer<typeof changeSettingsSchema>;
export const CHANGE_SETTINGS_EXAMPLE: ChangeSettings = { isKept: true, keptForDays: 7, feeds: [{ connectionId: 'our-warehouse', kinds: ['consent', 'identity'] }] };
export const changeSettingsBodySchema = changeSettingsSchema.meta({ id: 'ChangeSettings', examples: [CHANGE_SETTINGS_EXAMPLE] });
export const changeSettingsViewSchema = z.object({ version: z.int(), ...changeSettingsSchema.shape, keptSince: z.iso.datetime().nullable().meta({ description: 'Cursors of before lead nowhere.' }) }).meta({ id: 'ChangeSettingsView' });
export type ChangeSettingsView = z.infer<typeof changeSettingsViewSchema>;

/** Whether and for how long changes are kept; not, as long as nobody has set it. */
export async function getChangeSettings({ repository }: AdminContext, { workspaceId }: Caller): Promise<ChangeSettingsView> {
  const { version, content } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  return viewSettings(version, content);
}

/** Switching on begins anew: what happened while it was off is in no page, and no older cursor may pass over it in silence. @throws FirsthandError `VERSION_MISMATCH`, `INVALID_REQUEST` for a feed that is no webhook of the brand or who works on its behalf */
export async function setChangeSettings(admin: AdminContext, { workspaceId }: Caller, ifMatch: number, { isKept, keptForDays, feeds }: ChangeSettings): Promise<ChangeSettingsView> {
  const places = await wrongFeeds(admin, workspaceId, feeds);
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, places);
  const { version, content } = await changeConfigured<WorkspaceDocument>(admin, 'workspaces', workspaceId, workspaceId, ifMatch, async (before) => {
    const known = before.changeSettings;
    const begins = isKept && known?.isKept !== true;
    const start = begins || known === undefined ? { since: admin.clock(), startsAfter: await admin.changes.last(workspaceId) } : { since: known.since, startsAfter: known.startsAfter };
    return { ...before, changeSettings: { isKept, keptForDays, feeds, ...start } };
  });
  return viewSettings(version, content);
}

/** Names alone go out, and still they say that somebody is known: to no third party. */
async function wrongFeeds({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string, feeds: ChangeSettings['feeds']): Promise<ErrorPlace[]> {
  if (feeds.length === 0) return [];
  const connections = new Map((await repository.list<ConnectionDocument>('connections', workspaceId)).map(({ id, content }) => [id, content]));
  return feeds.flatMap(({ connectionId }, index) => {
    const path = `/feeds/${index}/connectionId`;
    const found = connections.get(connectionId);
    if (found === undefined || !isDestination(found) || found.pluginId !== 'webhook') return [{ path, message: 'is no destination of the plugin webhook' }];
    if (found.recipient === 'third-party') return [{ path, message: 'is a third party: use a flow, under a purpose' }];
    return feeds.findIndex((feed) => feed.connectionId === connectionId) === index ? [] : [{ path, message: 'is there twice' }];
  });
}

function viewSettings(version: number, { changeSettings }: Pick<WorkspaceDocument, 'changeSettings'>): ChangeSettingsView {
  if (changeSettings === undefined) return { version, isKept: false, keptForDays: 7, feeds: [], keptSince: null };
  const { isKept, keptForDays, feeds, since } = changeSettings;
  return { version, isKept, keptForDays, feeds, keptSince: isKept ? new Date(since).toISOString() : null };
}
