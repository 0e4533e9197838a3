import { compileOwnership, DEFAULT_OWNERSHIP_SETTINGS, FirsthandError, OWNERSHIP_POLICIES, ownershipProblems, ownershipSettingsSchema, ownershipText, type FieldOwnership, type OwnershipSettings } from '@firsthand/domain';
import { z } from 'zod';
import { isSource, type ConnectionDocument, type WorkspaceDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { changeConfigured } from '../change-configured.js';
import { currentDictionary } from '../dictionary/current-dictionary.js';
import type { Caller } from '../http/caller.js';

export const OWNERSHIP_SETTINGS_EXAMPLE: OwnershipSettings = {
  defaults: { policy: 'owner-first', priority: [{ channel: 'crm' }, { channel: 'store' }] },
  fields: [
    { field: 'profile.phone', masters: [{ connectionId: 'crm-eu' }], proposers: [{ channel: 'store' }, { channel: 'mini-program' }], refused: [] },
    { field: 'profile.city', masters: [], proposers: null, refused: [{ channel: 'web' }], policy: 'newest' },
  ],
};
export const ownershipSettingsBodySchema = ownershipSettingsSchema.meta({ id: 'OwnershipSettings', examples: [OWNERSHIP_SETTINGS_EXAMPLE] });

const sources = z.array(z.unknown());
export const fieldOwnershipSchema = z.object({
  policy: z.enum(OWNERSHIP_POLICIES), masters: sources, proposers: sources.nullable().meta({ description: 'Null: everybody.' }), refused: sources, priority: sources, isSet: z.boolean().meta({ description: 'Whether the workspace has said anything about this very field.' }),
  words: z.string(),
});
export const ownershipSettingsViewSchema = z.object({
  version: z.int(), ...ownershipSettingsSchema.shape, effective: z.array(fieldOwnershipSchema.extend({ field: z.string() })).meta({ description: 'Every field of the profile as it is owned now.' }),
}).meta({ id: 'OwnershipSettingsView' });
/** How a field is owned, with one line for people. */
export type FieldOwnershipView = FieldOwnership & { words: string };
export type OwnershipSettingsView = OwnershipSettings & { version: number; effective: (FieldOwnershipView & { field: string })[] };

/** Which source the workspace believes about which field; by the dictionary for as long as nobody has set it. */
export async function getOwnershipSettings(admin: AdminContext, caller: Caller): Promise<OwnershipSettingsView> {
  const { version, content } = await admin.repository.get<WorkspaceDocument>('workspaces', caller.workspaceId, caller.workspaceId);
  return viewSettings(admin, caller, version, content.ownershipSettings ?? DEFAULT_OWNERSHIP_SETTINGS);
}

/**
 * Sets it. Stored people are decided anew: whoever is read at once, everybody else in the background, so that segments and flows see an ordinary change.
 *
 * @throws FirsthandError `INVALID_REQUEST` with the place of what cannot hold or names a field or a source that is not there, `VERSION_MISMATCH`
 */
export async function setOwnershipSettings(admin: AdminContext, caller: Caller, ifMatch: number, ownershipSettings: OwnershipSettings): Promise<OwnershipSettingsView> {
  const { workspaceId } = caller;
  const dictionary = await currentDictionary(admin, workspaceId);
  const connections = new Set((await admin.repository.list<ConnectionDocument>('connections', workspaceId)).flatMap(({ id, content }) => (isSource(content) ? [id] : [])));
  const problems = ownershipProblems(ownershipSettings, { dictionary, connections });
  if (problems.length > 0) throw new FirsthandError('INVALID_REQUEST', undefined, problems);
  const { version } = await changeConfigured<WorkspaceDocument>(admin, 'workspaces', workspaceId, workspaceId, ifMatch, (content) => ({ ...content, ownershipSettings }), { evaluates: true });
  return viewSettings(admin, caller, version, ownershipSettings);
}

function viewSettings({ configuration }: AdminContext, { workspaceId }: Caller, version: number, settings: OwnershipSettings): OwnershipSettingsView {
  const { dictionary } = configuration.workspace(workspaceId);
  // Who is master of a field by name needs no channels to be told.
  const { of } = compileOwnership(settings, { dictionary, channels: new Map() });
  const fields = dictionary.fields.filter(({ entity }) => entity === 'profile');
  return { version, ...settings, effective: fields.map(({ path, name }) => ({ field: path, ...viewOwnership(of(name)) })) };
}

/** @example viewOwnership(ownership.of('city')).words */
export function viewOwnership(ownership: FieldOwnership): FieldOwnershipView {
  return { ...ownership, words: ownershipText(ownership) };
}
