import { BUILT_IN_IDENTITY_RULES, compileIdentityRules, DEFAULT_IDENTITY_SETTINGS, FirsthandError, identitySettingsProblems, identitySettingsSchema, NAMESPACES, type IdentitySettings } from '@firsthand/domain';
import { z } from 'zod';
import { isSource, type ConnectionDocument, type WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import type { Caller } from '../http/caller.js';

export const IDENTITY_SETTINGS_EXAMPLE: IdentitySettings = {
  namespaces: [{ namespace: 'memberNo', maxPerProfile: 1, blockedValues: ['STAFF'] }, { namespace: 'phone', maxPerProfile: 3, blockedValues: ['+862164321000'] }],
  scopes: [{ namespace: 'crmId', scope: 'eu', connectionIds: ['crm-eu'] }], mailboxRules: ['gmail'], breaker: DEFAULT_IDENTITY_SETTINGS.breaker, matching: { purpose: 'service', atLeast: 0.9, everyHours: 24 },
};
export const identitySettingsBodySchema = identitySettingsSchema.meta({ id: 'IdentitySettings', examples: [IDENTITY_SETTINGS_EXAMPLE] });

const effectiveSchema = z.object({
  namespace: z.string(), description: z.string(), rank: z.int(), isShared: z.boolean(), maxPerProfile: z.int().nullable().meta({ description: 'Null: any number.' }),
});
export const identitySettingsViewSchema = z.object({
  version: z.int(), ...identitySettingsSchema.shape, effective: z.array(effectiveSchema).meta({ description: 'Every namespace as it works now, the strongest first.' }),
}).meta({ id: 'IdentitySettingsView' });
export type IdentitySettingsView = IdentitySettings & { version: number; effective: z.infer<typeof effectiveSchema>[] };

/** How the workspace tells people apart; as built in for as long as nobody has set it. */
export async function getIdentitySettings({ repository }: AdminContext, { workspaceId }: Caller): Promise<IdentitySettingsView> {
  const { version, content } = await repository.get<WorkspaceDocument>('workspaces', workspaceId, workspaceId);
  return viewSettings(version, content.identitySettings ?? DEFAULT_IDENTITY_SETTINGS);
}

/** @throws FirsthandError `INVALID_REQUEST` for what cannot hold or names no source, `VERSION_MISMATCH` */
export async function setIdentitySettings(admin: AdminContext, { workspaceId }: Caller, ifMatch: number, identitySettings: IdentitySettings): Promise<IdentitySettingsView> {
  const sources = new Set((await admin.repository.list<ConnectionDocument>('connections', workspaceId)).flatMap(({ id, content }) => (isSource(content) ? [id] : [])));
  const unknown = identitySettings.scopes.flatMap(({ connectionIds }, index) => connectionIds.flatMap((connectionId, place) => (
    sources.has(connectionId) ? [] : [{ path: `/scopes/${index}/connectionIds/${place}`, message: 'is no source of the workspace' }])));
  const { matching } = identitySettings;
  const purposes = matching === null ? new Set() : new Set((await admin.repository.list('purposes', workspaceId)).map(({ id }) => id));
  const noPurpose = matching === null || purposes.has(matching.purpose) ? [] : [{ path: '/matching/purpose', message: 'is no purpose of the workspace' }];
  const problems = [...identitySettingsProblems(identitySettings), ...unknown, ...noPurpose];
  if (problems.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, problems);
  const { version } = await changeConfigured<WorkspaceDocument>(admin, 'workspaces', workspaceId, workspaceId, ifMatch, (content) => ({ ...content, identitySettings }));
  return viewSettings(version, identitySettings);
}

function viewSettings(version: number, settings: IdentitySettings): IdentitySettingsView {
  const { rankOf, isShared, limitOf } = settings === DEFAULT_IDENTITY_SETTINGS ? BUILT_IN_IDENTITY_RULES : compileIdentityRules(settings);
  const effective = [...NAMESPACES.values()].map(({ name, description }) => ({
    namespace: name, description, rank: rankOf(name), isShared: isShared(name), maxPerProfile: Number.isFinite(limitOf(name)) ? limitOf(name) : null,
  }));
  return { version, ...settings, effective: effective.sort((a, b) => a.rank - b.rank) };
}
