import { DEFAULT_OPENDSR_SETTINGS, DEFAULT_REQUEST_SETTINGS, requestSettingsSchema, type RequestSettings } from '@firsthand/domain';
import { z } from 'zod';
import type { WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';

export const REQUEST_SETTINGS_EXAMPLE: RequestSettings = { regime: 'pipl', holidays: ['2026-10-01', '2026-10-02'], workingWeekends: ['2026-10-10'], openDsr: DEFAULT_OPENDSR_SETTINGS };
export const requestSettingsBodySchema = requestSettingsSchema.meta({ id: 'RequestSettings', examples: [REQUEST_SETTINGS_EXAMPLE] });
export const requestSettingsViewSchema = z.object({ version: z.int(), ...requestSettingsSchema.shape }).meta({ id: 'RequestSettingsView' });
export type RequestSettingsView = z.infer<typeof requestSettingsViewSchema>;

/** What due dates are reckoned by; the defaults as long as nobody has set it. */
export async function getRequestSettings({ repository }: AdminContext, { workspaceId }: Caller): Promise<RequestSettingsView> {
  const { version, content } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  return { version, ...DEFAULT_REQUEST_SETTINGS, ...content.requestSettings };
}

/** Holds for requests that come from then on. @throws FirsthandError `VERSION_MISMATCH` */
export async function setRequestSettings(admin: AdminContext, { workspaceId }: Caller, ifMatch: number, requestSettings: RequestSettings): Promise<RequestSettingsView> {
  const { version } = await changeConfigured<WorkspaceDocument>(admin, 'workspaces', workspaceId, workspaceId, ifMatch, (content) => ({ ...content, requestSettings }));
  return { version, ...requestSettings };
}
