import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import { accessSettingsDocument, type AccessSettings, type WorkspaceDocument } from '../../configuration/documents.js';
import type { Caller } from '../http/caller.js';

export const ACCESS_SETTINGS_EXAMPLE: AccessSettings = { minimumGroupSize: 50, groupNumbers: 500, secondFactor: 'required' };
export const accessSettingsBodySchema = z.strictObject(accessSettingsDocument.shape).meta({ id: 'AccessSettings', examples: [ACCESS_SETTINGS_EXAMPLE] });
export const accessSettingsViewSchema = z.object({ version: z.int(), ...accessSettingsDocument.shape }).meta({ id: 'AccessSettingsView' });
export type AccessSettingsView = AccessSettings & { version: number };

/** What holds for everybody in the workspace; the defaults as long as nobody has set it. */
export async function getAccessSettings({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string): Promise<AccessSettingsView> {
  const { version, content } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  return { version, ...accessSettingsDocument.parse(content.access ?? {}) };
}

/** @throws FirsthandError `VERSION_MISMATCH` */
export async function setAccessSettings(admin: AdminContext, { workspaceId }: Caller, ifMatch: number, access: AccessSettings): Promise<AccessSettingsView> {
  const { version } = await changeConfigured<WorkspaceDocument>(admin, 'workspaces', workspaceId, workspaceId, ifMatch, (content) => ({ ...content, access }));
  return { version, ...access };
}
