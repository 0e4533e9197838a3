import { DEFAULT_RECONCILE_SETTINGS, FirsthandError, isTimeZone, reconcileSettingsSchema, type ReconcileSettings } from '@firsthand/domain';
import { z } from 'zod';
import type { WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';

export const RECONCILE_SETTINGS_EXAMPLE: ReconcileSettings = { isNightly: true, at: '03:00', timeZone: 'Asia/Shanghai', repair: 'ask' };
export const reconcileSettingsBodySchema = reconcileSettingsSchema.meta({ id: 'ReconcileSettings', examples: [RECONCILE_SETTINGS_EXAMPLE] });
export const reconcileSettingsViewSchema = z.object({ version: z.int(), ...reconcileSettingsSchema.shape }).meta({ id: 'ReconcileSettingsView' });
export type ReconcileSettingsView = z.infer<typeof reconcileSettingsViewSchema>;

/** When sync rules are compared by themselves, and what is done about what is found; never, as long as nobody has set it. */
export async function getReconcileSettings({ repository }: AdminContext, { workspaceId }: Caller): Promise<ReconcileSettingsView> {
  const { version, content } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  return viewSettings(version, content);
}

/** Begins with the next night. @throws FirsthandError `INVALID_REQUEST` for a time zone that is none, `VERSION_MISMATCH` */
export async function setReconcileSettings(admin: AdminContext, { workspaceId }: Caller, ifMatch: number, settings: ReconcileSettings): Promise<ReconcileSettingsView> {
  if (!isTimeZone(settings.timeZone)) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: '/timeZone', message: 'is no IANA time zone' }]);
  const { version, content } = await changeConfigured<WorkspaceDocument>(admin, 'workspaces', workspaceId, workspaceId, ifMatch, (before) => ({ ...before, reconcileSettings: { ...settings, since: admin.clock() } }));
  return viewSettings(version, content);
}

function viewSettings(version: number, { reconcileSettings }: Pick<WorkspaceDocument, 'reconcileSettings'>): ReconcileSettingsView {
  const { isNightly, at, timeZone, repair } = reconcileSettings ?? DEFAULT_RECONCILE_SETTINGS;
  return { version, isNightly, at, timeZone, repair };
}
