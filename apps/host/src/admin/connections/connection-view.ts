import type { JsonValue } from '@firsthand/domain';
import type { Configured } from '@firsthand/persistence';
import { openSecrets } from '@firsthand/plugin-host';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { isDestination, isSource, type ConnectionDocument, type DestinationConnectionDocument, type SourceConnectionDocument } from '../../configuration/documents.js';
import { connectionHealthSchema } from './connection-health.js';

/** What stands in the place of a secret that is set. */
export const SECRET_MASK = '********';

const userTokenKeySchema = z.object({ id: z.string(), name: z.string(), createdAt: z.iso.datetime() });
const writeKeySchema = z.object({ id: z.string(), name: z.string(), kind: z.enum(['public', 'secret']), hint: z.string(), createdAt: z.iso.datetime() });

export const connectionSchema = z.object({
  id: z.string(), version: z.int(), kind: z.enum(['source', 'destination', 'both']), name: z.string(), pluginId: z.string(), status: z.enum(['draft', 'enabled', 'paused']),
  settings: z.record(z.string(), z.unknown()).meta({ description: 'Secrets are masked.' }),
  problem: z.object({ code: z.string(), message: z.string() }).nullable().meta({ description: 'Why the connection is left out of the running configuration, or its events are put aside.' }),
  createdAt: z.iso.datetime(), updatedAt: z.iso.datetime(),
  system: z.string().nullable().optional().meta({ description: 'The outside account that it is of; null: nobody else’s.' }),
  capability: z.string().optional(), provenance: z.unknown().optional(), agreementId: z.string().nullable().optional(), collectionPurpose: z.string().nullable().optional(), withoutBasis: z.enum(['refuse', 'strip', 'anonymous']).optional(),
  consentCategories: z.record(z.string(), z.string()).optional(), consentSignals: z.array(z.unknown()).optional(), unknownEvents: z.enum(['accept', 'quarantine']).optional(), trackingPlan: z.string().nullable().optional(), defaultCountry: z.string().nullable().optional(),
  profilePurpose: z.string().nullable().optional(), userTokenKeys: z.array(userTokenKeySchema).optional(),
  writeKeys: z.array(writeKeySchema).optional(), recipient: z.enum(['own', 'processor', 'third-party']).optional(), country: z.string().nullable().optional(), concurrency: z.int().optional(), batchSize: z.int().nullable().optional(),
  rateLimit: z.object({ perSecond: z.number(), burst: z.int() }).nullable().optional(), headOfLine: z.enum(['block', 'replace']).optional(),
  disabled: z.object({ reason: z.enum(['gone', 'failing']), at: z.iso.datetime() }).nullable().optional()
    .meta({ description: 'Why the host itself has paused it: `gone` (the destination answered 410) or `failing` (five days of nothing but failures).' }),
  delivery: connectionHealthSchema.optional().meta({ description: 'How the destination is doing; of a single one.' }),
}).meta({ id: 'Connection' });
export type ConnectionView = z.infer<typeof connectionSchema>;

export const shownWriteKeySchema = writeKeySchema.extend({ writeKey: z.string().meta({ description: 'Shown this once.' }), version: z.int() }).meta({ id: 'ShownWriteKey' });
export type ShownWriteKey = z.infer<typeof shownWriteKeySchema>;

export const shownUserTokenKeySchema = userTokenKeySchema.extend({ secret: z.string().meta({ description: 'Signs with HS256, as it stands here. Shown this once.' }), version: z.int() }).meta({ id: 'ShownUserTokenKey' });
export type ShownUserTokenKey = z.infer<typeof shownUserTokenKeySchema>;

/** A connection as it is shown: no sealed text, no hash. */
export function viewConnection(admin: AdminContext, row: Configured<ConnectionDocument>): ConnectionView {
  const { id, version, createdAt, updatedAt, content } = row;
  const { sealedSecrets: _, settings, ...stored } = content;
  const { disabled: __, writeKeys: ___, userTokenKeys: ____, ...plain } = { disabled: null, writeKeys: null, userTokenKeys: null, ...stored };
  const problem = admin.configuration.problems().find((candidate) => candidate.workspaceId === row.workspaceId && candidate.id === id && candidate.kind === 'connections');
  return {
    id, version, ...plain, system: plain.system ?? null, ...(isSource(content) ? sourceView(content) : {}), ...(isDestination(content) ? destinationView(content) : {}),
    settings: { ...settings, ...Object.fromEntries(secretsSet(admin, row).map((name) => [name, SECRET_MASK])) },
    problem: problem === undefined ? null : { code: problem.code, message: problem.message },
    createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString(),
  };
}

/** With the settings that connections of earlier days do not have. */
function sourceView({ trackingPlan, profilePurpose, userTokenKeys, writeKeys }: SourceConnectionDocument): Pick<ConnectionView, 'trackingPlan' | 'profilePurpose' | 'userTokenKeys' | 'writeKeys'> {
  return {
    trackingPlan: (trackingPlan as typeof trackingPlan | undefined) ?? null, profilePurpose: (profilePurpose as typeof profilePurpose | undefined) ?? null,
    userTokenKeys: ((userTokenKeys as typeof userTokenKeys | undefined) ?? []).map((key) => ({ ...key, createdAt: new Date(key.createdAt).toISOString() })),
    writeKeys: writeKeys.map(({ hash: _hash, createdAt: made, ...shown }) => ({ ...shown, createdAt: new Date(made).toISOString() })),
  };
}

function destinationView({ batchSize, rateLimit, headOfLine, disabled }: Pick<DestinationConnectionDocument, 'batchSize' | 'rateLimit' | 'headOfLine' | 'disabled'>): Pick<ConnectionView, 'batchSize' | 'rateLimit' | 'headOfLine' | 'disabled'> {
  const { reason, at } = (disabled as typeof disabled | undefined) ?? {};
  return {
    batchSize: (batchSize as typeof batchSize | undefined) ?? null, rateLimit: (rateLimit as typeof rateLimit | undefined) ?? null, headOfLine: (headOfLine as typeof headOfLine | undefined) ?? 'block',
    disabled: reason === undefined || at === undefined ? null : { reason, at: new Date(at).toISOString() },
  };
}

/** The secrets of a connection, in clear. */
export function secretsOf({ secretKey }: AdminContext, { id, workspaceId, content: { sealedSecrets } }: Configured<ConnectionDocument>): Record<string, string> {
  return sealedSecrets === null ? {} : openSecrets(sealedSecrets, [secretKey], { workspaceId, connectionId: id });
}

/** All settings as the plugin takes them. */
export function settingsOf(admin: AdminContext, row: Configured<ConnectionDocument>): Record<string, JsonValue> {
  return { ...row.content.settings, ...secretsOf(admin, row) };
}

function secretsSet(admin: AdminContext, row: Configured<ConnectionDocument>): string[] {
  try {
    return Object.keys(secretsOf(admin, row));
  } catch {
    // A lost key must not hide the connection that has to be repaired.
    return [];
  }
}
