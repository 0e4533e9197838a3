import { DEFAULT_FLOW_SETTINGS, FirsthandError, flowSettingsSchema, isTimeZone, type FlowSettings } from '@firsthand/domain';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { WorkspaceDocument } from '../../configuration/documents.js';
import type { Caller } from '../http/caller.js';

export const FLOW_SETTINGS_EXAMPLE: FlowSettings = {
  timeZone: 'Europe/Berlin', quietHours: [{ channel: 'sms', from: '20:00', to: '08:00' }], caps: [{ channel: '*', limit: 3, per: { days: 7 } }, { channel: 'email', limit: 1, per: { days: 1 } }],
};
export const flowSettingsBodySchema = flowSettingsSchema.meta({ id: 'FlowSettings', examples: [FLOW_SETTINGS_EXAMPLE] });
export const flowSettingsViewSchema = z.object({ version: z.int(), ...flowSettingsSchema.shape }).meta({ id: 'FlowSettingsView' });
export type FlowSettingsView = FlowSettings & { version: number };

/** What holds for all flows of the workspace; the defaults as long as nobody has set it. */
export async function getFlowSettings({ repository }: AdminContext, { workspaceId }: Caller): Promise<FlowSettingsView> {
  const { version, content } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  return { version, ...(content.flowSettings ?? DEFAULT_FLOW_SETTINGS) };
}

/** @throws FirsthandError `INVALID_REQUEST` for a time zone that is none, `VERSION_MISMATCH` */
export async function setFlowSettings(admin: AdminContext, { workspaceId }: Caller, ifMatch: number, flowSettings: FlowSettings): Promise<FlowSettingsView> {
  if (!isTimeZone(flowSettings.timeZone)) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/timeZone', message: 'is no IANA time zone' }]);
  const { version } = await changeConfigured<WorkspaceDocument>(admin, 'workspaces', workspaceId, workspaceId, ifMatch, (content) => ({ ...content, flowSettings }));
  return { version, ...flowSettings };
}
