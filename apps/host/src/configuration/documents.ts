import { ACTIONS, SUBJECTS } from '@firsthand/access';
import { conditionSchema, CONFIRMED_CHANNELS, consentSignalSchema, expectationSchema, flowDefinitionSchema, flowSettingsSchema, identitySettingsSchema, LAWFUL_BASES, ownershipSettingsSchema, PII_CLASSES, pushLimitsSchema, reconcileSettingsSchema, requestSettingsSchema, SEPARATE_CONSENTS, STORED_VALUES, syncRuleContentSchema, type CustomEntity, type CustomEvent, trackingPlanSchema, type CustomField, type DictionaryVersion, type FlowDefinition, type FlowSettings, type JsonValue, type Mapping } from '@firsthand/domain';
import { CHANGE_KINDS, WITHOUT_BASIS } from '@firsthand/pipeline';
import { z } from 'zod';

/**
 * What is stored of each kind of configuration: the `content` of a row of the configuration repository, whose `id`, `version` and times stand
 * beside it. Read through these schemas at every rebuild, so that a row that was damaged is left out and reported. Keys that are not known
 * here are passed over: a newer version may have written them.
 */

const epochMs = z.int().min(0).describe('Epoch milliseconds.');
const id = z.string().min(1).max(200);
const name = z.string().min(1).max(200);
const key = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_:-]{0,63}$/, 'must be 1 to 64 letters, digits, _, : or -');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const localised = z.record(z.string(), z.string().max(20_000)).describe('Language (BCP 47) to text.');
const country = z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 country').nullable();
const mapping = z.union([z.record(z.string(), z.json()), z.array(z.record(z.string(), z.json())).min(1).max(20)]) as unknown as z.ZodType<Mapping>;
const stage = z.enum(['draft', 'live', 'paused']);

/** How a workspace guards its customers from its own people. */
export const accessSettingsDocument = z.object({
  minimumGroupSize: z.int().min(2).max(10_000).default(50).describe('The smallest group of people whose number is told to who may not read profiles. The noise of such numbers is a quarter of it (deviation), at most all of it.'),
  groupNumbers: z.int().min(0).max(100_000).default(500).describe('How many numbers of conditions, each with its noise, are told to all who may not read profiles within 30 days: the more, the surer somebody who shapes groups learns of a person.'),
  secondFactor: z.enum(['optional', 'required']).default('optional').describe('Whether owners, privacy officers and who holds a role with their power get anywhere without a second factor. API keys lose what it protects.'),
});
export type AccessSettings = z.infer<typeof accessSettingsDocument>;

/** A webhook that is told of changes: a connection of the plugin `webhook`, and of which kinds; null for all. */
export const changeFeedSchema = z.strictObject({ connectionId: id, kinds: z.array(z.enum(CHANGE_KINDS)).min(1).max(CHANGE_KINDS.length).nullable().default(null) });

/** Whether changes of people are kept for those who follow them, and since when. */
export const changeSettingsDocument = z.object({ isKept: z.boolean(), keptForDays: z.int().min(1).max(30), feeds: z.array(changeFeedSchema).max(20).default([]), since: epochMs, startsAfter: z.int().min(0) });

/** Kind `workspaces`, id = the workspace's own. */
export const workspaceDocument = z.object({ name, access: accessSettingsDocument.optional(), flowSettings: (flowSettingsSchema as z.ZodType<FlowSettings>).optional(), requestSettings: requestSettingsSchema.optional(), identitySettings: identitySettingsSchema.optional(), ownershipSettings: ownershipSettingsSchema.optional(), changeSettings: changeSettingsDocument.optional(), reconcileSettings: reconcileSettingsSchema.extend({ since: epochMs }).optional() });

/** A write key as stored: its hash, never itself. */
export const writeKeyDocument = z.object({ id, name, kind: z.enum(['public', 'secret']), hash: sha256, hint: z.string().max(8), createdAt: epochMs });

/** A key that signs user tokens: its secret is derived from the id. */
const userTokenKeyDocument = z.object({ id, name, createdAt: epochMs });

const connectionBase = {
  name,
  pluginId: id,
  status: z.enum(['draft', 'enabled', 'paused']),
  settings: z.record(z.string(), z.json() as z.ZodType<JsonValue>).describe('Without the secret ones.'),
  sealedSecrets: z.string().nullable().describe('From `sealSecrets`; null when there are none.'),
  system: key.nullable().optional().describe('The outside account that it is of, where other connections are of the same; its own id when left out.'),
};

const sourceSide = {
  capability: id,
  provenance: z.object({ collection: z.enum(['first-party', 'third-party']), statement: z.string().min(1).max(2_000) }).nullable(),
  agreementId: id.nullable(),
  collectionPurpose: key.nullable(),
  withoutBasis: z.enum(WITHOUT_BASIS).default('refuse').describe('What becomes of an event without consent to that purpose.'),
  consentCategories: z.record(z.string(), key),
  consentSignals: z.array(consentSignalSchema).max(100).default([]),
  unknownEvents: z.enum(['accept', 'quarantine']),
  trackingPlan: id.nullable().default(null).describe('The plan that its events are judged by.'),
  defaultCountry: country,
  writeKeys: z.array(writeKeyDocument).max(20),
  profilePurpose: key.nullable().default(null).describe('The purpose under which the channel may read who is signed in.'),
  userTokenKeys: z.array(userTokenKeyDocument).max(20).default([]),
};

const destinationSide = {
  recipient: z.enum(['own', 'processor', 'third-party']),
  country,
  concurrency: z.int().min(1).max(50),
  batchSize: z.int().min(1).max(1_000).nullable().default(null),
  rateLimit: z.object({ perSecond: z.number().min(0.01).max(10_000), burst: z.int().min(1).max(10_000) }).nullable().default(null),
  headOfLine: z.enum(['block', 'replace']).default('block'),
  disabled: z.object({ reason: z.enum(['gone', 'failing']), at: epochMs }).nullable().default(null).describe('Why the host itself has stopped sending to it.'),
};

/** Kind `connections`, a source; id = connectionId. `capability` is the source's name within its plugin, e.g. `events`. */
export const sourceConnectionDocument = z.object({ ...connectionBase, kind: z.literal('source'), ...sourceSide });

/** Kind `connections`, a destination: every action of the plugin, with one set of credentials. */
export const destinationConnectionDocument = z.object({ ...connectionBase, kind: z.literal('destination'), ...destinationSide });

/** Kind `connections`, both at once: one set of settings and credentials, one id. */
export const bothConnectionDocument = z.object({ ...connectionBase, kind: z.literal('both'), ...sourceSide, ...destinationSide });

export const connectionDocument = z.discriminatedUnion('kind', [sourceConnectionDocument, destinationConnectionDocument, bothConnectionDocument]);

/** Kind `mappings`, id = connectionId. Records are mapped by the live version; without one, or without a row, by the plugin's own, version 0. The draft is not read here. */
export const mappingDocument = z.object({ live: z.object({ version: z.int().min(1), mapping, publishedAt: epochMs }).nullable() });

const lawfulBasis = z.enum(LAWFUL_BASES);

/** Kind `purposes`, id = the purpose's key. */
export const purposeDocument = z.object({
  name: localised,
  description: localised,
  lawfulBasis,
  lawfulBasisIn: z.record(z.string().regex(/^[A-Z]{2}$/), lawfulBasis),
  dataCategories: z.array(z.string().min(1).max(100)).max(100),
  fields: z.array(z.string().min(1).max(200)).max(500),
  separateConsent: z.array(z.enum(['third-party', ...SEPARATE_CONSENTS])).max(4),
  channels: z.array(z.string().min(1).max(40)).max(50),
  recipients: z.array(id).max(500).nullable(),
  retentionDays: z.int().min(1).max(36_500).nullable(),
  expiresAfterDays: z.int().min(1).max(36_500).nullable(),
  /** Absent on purposes of before there was one. */
  doubleOptIn: z.array(z.enum(CONFIRMED_CHANNELS)).max(CONFIRMED_CHANNELS.length).optional(),
});

/** One published, immutable version of an agreement. `textHashes`: SHA-256, hex, per language. */
export const agreementVersionDocument = z.object({
  agreementId: id,
  version: z.int().min(1),
  isMaterial: z.boolean(),
  purposes: z.array(key).min(1).max(100),
  texts: localised,
  textHashes: z.record(z.string(), sha256),
  publishedAt: epochMs,
});

/** Kind `agreements`, id = agreementId. Versions are only ever added, newest last. */
export const agreementDocument = z.object({ name, versions: z.array(agreementVersionDocument).max(500) });

/** Kind `segments`, id = segmentId. Only a live one has members, by what was published last. */
/** A static list has the condition of standing on itself. */
export const SEGMENT_KINDS = ['conditions', 'static'] as const;

export const segmentDocument = z.object({
  name,
  kind: z.enum(SEGMENT_KINDS).default('conditions'),
  description: z.string().max(2_000),
  purpose: key,
  condition: conditionSchema,
  /** How far it may move before its pushes wait for a person; null for any distance. They count at once. */
  pushLimits: pushLimitsSchema.nullable().optional(),
  status: stage,
  published: z.object({ version: z.int().min(1), name, purpose: key, condition: conditionSchema, publishedAt: epochMs }).nullable(),
});

/** One published, immutable version of a flow: its definition, with its time. */
const flowVersionDocument = z
  .looseObject({ publishedAt: epochMs })
  .transform(({ publishedAt: _publishedAt, ...definition }) => definition)
  .pipe(flowDefinitionSchema as z.ZodType<FlowDefinition, Record<string, unknown>>);

/** Kind `flows`, id = flowId. The live version starts runs while the status is live; runs that wait finish on their own. */
export const flowDocument = z.object({ draft: z.unknown().describe('Not read here: it may be half-written.'), status: stage, liveVersion: z.int().min(1).nullable(), versions: z.array(flowVersionDocument).max(500) });

/** One published, immutable version of a tracking plan. Kind `trackingPlanVersions`, id = `planId.version`, the version in six digits. */
export const trackingPlanVersionDocument = z.object({ planId: id, version: z.int().min(1), publishedAt: epochMs, plan: trackingPlanSchema });

/** Kind `trackingPlans`, id = planId. Connections name it; `live` is what their events are judged by. */
export const trackingPlanDocument = z.object({ name, description: z.string().max(2_000), draft: trackingPlanSchema, lastVersion: z.int().min(0), live: trackingPlanVersionDocument.nullable() });

/** Kind `syncRules`, id = ruleId. `fillsSince`: since when everybody is to be gone through, as what is written of them is another thing now. */
export const syncRuleDocument = z.object({ rule: syncRuleContentSchema, fillsSince: epochMs });

/** Kind `expectations`, id = expectationId. */
export const expectationDocument = z.object({ expectation: expectationSchema });

/** Kind `customFields`, id = `entity.name`. */
export const customFieldDocument: z.ZodType<CustomField> = z.object({
  entity: z.string().min(1).max(64),
  name: z.string().min(1).max(100),
  type: z.string() as unknown as z.ZodType<CustomField['type']>,
  description: z.string().min(1).max(2_000),
  example: z.json().optional(),
  values: z.array(z.string()).optional(),
  owner: z.string().optional() as unknown as z.ZodType<CustomField['owner']>,
  pii: z.enum(PII_CLASSES).optional(),
  retentionDays: z.int().min(1).nullable().optional(),
  purposes: z.array(key).optional(),
  distinctFrom: z.array(z.string()).optional(),
});

const described = {
  name: z.string().min(1).max(200), description: z.string().min(1).max(2_000), owner: z.string().optional() as unknown as z.ZodType<CustomField['owner']>, pii: z.enum(PII_CLASSES).optional(), purposes: z.array(key).optional(),
  retentionDays: z.int().min(1).nullable().optional(), distinctFrom: z.array(z.string()).optional(),
};

/** Kind `customEvents`, id = the event's name. */
export const customEventDocument: z.ZodType<CustomEvent> = z.object({ ...described, fields: z.array(z.string()).optional(), example: z.json().optional() });

/** Kind `customEntities`, id = the entity's name. */
export const customEntityDocument: z.ZodType<CustomEntity> = z.object(described);

/** Kind `dictionaryVersions`, ids in their order. Only ever added. */
export const dictionaryVersionDocument: z.ZodType<DictionaryVersion> = z.object({
  major: z.int().min(1), minor: z.int().min(0), at: epochMs,
  changes: z.array(z.object({
    path: z.string(), change: z.enum(['added', 'changed', 'renamed', 'removed']), breaks: z.array(z.string()), storedValues: z.enum(STORED_VALUES).nullable(), to: z.string().optional(),
  })),
});

/** Kind `backfills`: counters that are counted from stored events. What the worker keeps of its progress stands beside these. */
export const backfillDocument = z.object({ counters: z.array(z.object({ key: z.string() })), isFilled: z.boolean() });

/** Kind `roles`, id = the name by which accounts hold it: a role that the workspace made for itself. */
export const roleDocument = z.object({
  name,
  description: z.string().max(2_000),
  permissions: z.array(z.object({
    actions: z.array(z.enum(ACTIONS)).min(1), subjects: z.array(z.enum(SUBJECTS)).min(1), fields: z.array(z.string().min(1).max(200)).min(1).optional(),
    conditions: z.record(z.string(), z.array(z.string().max(200)).min(1)).optional(),
  })).max(200),
});

/** Kind `users`, id = userId. `passwordHash` is a PHC string; raising `tokenVersion` ends every session. */
export const userDocument = z.object({
  email: z.email().max(254),
  name,
  roles: z.array(key).min(1),
  passwordHash: z.string(),
  tokenVersion: z.int().min(1),
  isDisabled: z.boolean(),
  /** BCP 47, of notices to them; English where it is not said. */
  language: z.string().min(2).max(35).optional(),
});

/** Kind `sessions`, id = the session's own: a login that can be ended. */
export const sessionDocument = z.object({ userId: id, tokenVersion: z.int().min(1), hasSecondFactor: z.boolean(), expiresAt: epochMs });

/** Kind `secondFactors`, id = userId. In force once confirmed; `lastStep` is the time step of the last code taken, recovery codes are SHA-256, hex. */
export const secondFactorDocument = z.object({ sealedSecret: z.string(), isConfirmed: z.boolean(), lastStep: z.int(), recoveryHashes: z.array(sha256).max(20) });

/** Kind `accountTokens`, id = the token's own: a link that opens an account, or a new password, once. `hash` is of its secret. */
export const accountTokenDocument = z.object({
  kind: z.enum(['invitation', 'password-reset']), userId: id.nullable(), email: z.email().max(254), name, roles: z.array(key), language: z.string().max(35), hash: sha256, createdBy: id, expiresAt: epochMs,
});

/** Kind `apiKeys`, id = the key's own. */
export const apiKeyDocument = z.object({ name, roles: z.array(key).min(1), hash: sha256, hint: z.string().max(8), createdBy: id, expiresAt: epochMs.nullable(), scopes: z.array(z.string().max(100)).nullable().default(null) });

export type WorkspaceDocument = z.infer<typeof workspaceDocument>;
export type WriteKeyDocument = z.infer<typeof writeKeyDocument>;
export type ConnectionDocument = z.infer<typeof connectionDocument>;
/** A connection that takes in: a source, or both. */
export type SourceConnectionDocument = Extract<ConnectionDocument, { kind: 'source' | 'both' }>;
/** A connection that sends: a destination, or both. */
export type DestinationConnectionDocument = Extract<ConnectionDocument, { kind: 'destination' | 'both' }>;
export type MappingDocument = z.infer<typeof mappingDocument>;
export type PurposeDocument = z.infer<typeof purposeDocument>;
export type AgreementDocument = z.infer<typeof agreementDocument>;
export type SegmentDocument = z.infer<typeof segmentDocument>;
export type FlowDocument = z.infer<typeof flowDocument>;
export type TrackingPlanDocument = z.infer<typeof trackingPlanDocument>;
export type TrackingPlanVersionDocument = z.infer<typeof trackingPlanVersionDocument>;
export type SyncRuleDocument = z.infer<typeof syncRuleDocument>;
export type ExpectationDocument = z.infer<typeof expectationDocument>;
export type RoleDocument = z.infer<typeof roleDocument>;
export type SessionDocument = z.infer<typeof sessionDocument>;
export type SecondFactorDocument = z.infer<typeof secondFactorDocument>;
export type AccountTokenDocument = z.infer<typeof accountTokenDocument>;
export type UserDocument = z.infer<typeof userDocument>;
export type ApiKeyDocument = z.infer<typeof apiKeyDocument>;

/** Whether a connection takes data in: a source, or one that is both. */
export function isSource(content: ConnectionDocument): content is SourceConnectionDocument {
  return content.kind !== 'destination';
}

/** Whether a connection sends data out: a destination, or one that is both. */
export function isDestination(content: ConnectionDocument): content is DestinationConnectionDocument {
  return content.kind !== 'source';
}
