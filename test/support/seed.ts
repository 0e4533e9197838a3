import { createHash, randomUUID } from 'node:crypto';
import { newWriteKey, type WriteKeyKind } from '@firsthand/access';
import { PURPOSE_DEFAULTS, syncRuleContentSchema, type Condition, type CustomEntity, type CustomEvent, type CustomField, type Expectation, type FlowDefinition, type Mapping, type Purpose, type SyncRuleContent, type TrackingPlan } from '@firsthand/domain';
import type { ConfigurationRepository } from '@firsthand/persistence';
import { readSecretKey, sealSecrets } from '@firsthand/plugin-host';
import type { MappingContent, MappingVersionContent } from '../../apps/host/src/admin/documents.js';
import { versionId } from '../../apps/host/src/admin/version-id.js';
import type { ConnectionDocument, SyncRuleDocument } from '../../apps/host/src/configuration/documents.js';

type SourceConnectionDocument = Extract<ConnectionDocument, { kind: 'source' }>;
type DestinationConnectionDocument = Extract<ConnectionDocument, { kind: 'destination' }>;
type Partially<T> = { [K in keyof T]?: T[K] };

/** Writes configuration straight through the repository. Each gives the id. */
export interface Seed {
  purpose(key: string, purpose?: Partially<Omit<Purpose, 'key'>>): Promise<string>;
  agreement(purposes: string[], options?: { id?: string; isMaterial?: boolean }): Promise<string>;
  /** An enabled source; first the purpose and agreement that it stands on, when there are none. The write keys are given back, as nobody else ever sees them. */
  source(source: { pluginId: string; capability: string; id?: string; secrets?: Record<string, string> } & Partially<SourceConnectionDocument>): Promise<{ connectionId: string; writeKey: string; secretKey: string }>;
  destination(destination: { pluginId: string; id?: string; secrets?: Record<string, string> } & Partially<DestinationConnectionDocument>): Promise<string>;
  /** Published and live, as version 1. */
  mapping(connectionId: string, mapping: Mapping): Promise<void>;
  segment(segment: { id?: string; name?: string; purpose: string; condition: Condition }): Promise<string>;
  /** Published and live. */
  flow(flow: Pick<FlowDefinition, 'purpose' | 'trigger' | 'steps'> & Partially<FlowDefinition>): Promise<string>;
  syncRule(id: string, rule: Pick<SyncRuleContent, 'connectionId' | 'action' | 'purpose' | 'fields'> & Partially<SyncRuleContent>): Promise<string>;
  customField(field: CustomField): Promise<void>;
  customEvent(event: CustomEvent): Promise<void>;
  customEntity(entity: CustomEntity): Promise<void>;
  expectation(id: string, expectation: Expectation): Promise<void>;
  /** Published, at version 1. */
  trackingPlan(id: string, plan: TrackingPlan): Promise<void>;
  /** Changes the content of anything. */
  change<T extends object>(kind: Parameters<ConfigurationRepository['get']>[0], id: string, change: (content: T) => T): Promise<void>;
}

export interface SeedOptions {
  repository: ConfigurationRepository;
  refresh(): Promise<void>;
  workspaceId: string;
  secretKey: Buffer;
}

const AGREEMENT = 'agreement-1';

/** Makes the seeding helpers of one workspace. */
export function createSeed({ repository, refresh, workspaceId, secretKey }: SeedOptions): Seed {
  const key = readSecretKey(secretKey.toString('base64'));
  const create = async <T extends object>(kind: Parameters<ConfigurationRepository['get']>[0], id: string, content: T): Promise<string> => {
    await repository.create<T>(kind, workspaceId, id, content, Date.now());
    await refresh();
    return id;
  };
  const seal = (connectionId: string, secrets: Record<string, string> | undefined) => (secrets === undefined ? null : sealSecrets(secrets, key, { workspaceId, connectionId }));
  const ensureAgreement = async (): Promise<string> => {
    const [first] = await repository.list('agreements', workspaceId, { limit: 1 });
    if (first !== undefined) return first.id;
    await seed.purpose('service', { lawfulBasis: 'contract' });
    return seed.agreement(['service'], { id: AGREEMENT });
  };

  const seed: Seed = {
    purpose: (purposeKey, purpose = {}) => create('purposes', purposeKey, {
      name: { en: purposeKey }, description: { en: `For ${purposeKey}.` }, lawfulBasis: 'consent', fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: ['third-party'], expiresAfterDays: null, ...purpose,
    }),
    agreement(purposes, { id = `agreement-${randomUUID().slice(0, 8)}`, isMaterial = true } = {}) {
      const text = `We use your data for: ${purposes.join(', ')}.`;
      const hash = createHash('sha256').update(text).digest('hex');
      return create('agreements', id, { name: id, versions: [{ agreementId: id, version: 1, isMaterial, purposes, texts: { en: text }, textHashes: { en: hash }, publishedAt: Date.now() - 1_000 }] });
    },
    async source({ pluginId, capability, id = `con-${randomUUID().slice(0, 8)}`, secrets, ...rest }) {
      const agreementId = rest.agreementId === undefined ? await ensureAgreement() : rest.agreementId;
      const keys = (['public', 'secret'] as const satisfies WriteKeyKind[]).map((kind) => newWriteKey(kind));
      await create<SourceConnectionDocument>('connections', id, {
        kind: 'source', name: id, pluginId, capability, status: 'enabled', settings: {}, sealedSecrets: seal(id, secrets),
        provenance: { collection: 'first-party', statement: 'Collected on our own site, with notice.' }, collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, consentSignals: [], unknownEvents: 'accept', trackingPlan: null, defaultCountry: null, profilePurpose: null, userTokenKeys: [],
        writeKeys: keys.map(({ kind, hash, hint }) => ({ id: randomUUID(), name: kind, kind, hash, hint, createdAt: Date.now() })),
        ...rest, agreementId,
      });
      return { connectionId: id, writeKey: keys[0]?.writeKey ?? '', secretKey: keys[1]?.writeKey ?? '' };
    },
    destination({ pluginId, id = `con-${randomUUID().slice(0, 8)}`, secrets, ...rest }) {
      return create<DestinationConnectionDocument>('connections', id, {
        kind: 'destination', name: id, pluginId, status: 'enabled', settings: {}, sealedSecrets: seal(id, secrets), recipient: 'processor', country: null, concurrency: 4, batchSize: null, rateLimit: null, headOfLine: 'block', disabled: null, ...rest,
      });
    },
    async mapping(connectionId, mapping) {
      const published = { version: 1, mapping, publishedAt: Date.now() };
      await create<MappingVersionContent>('mappingVersions', versionId(connectionId, 1), { ...published, connectionId, tests: [] });
      await create<MappingContent>('mappings', connectionId, { draft: { mapping, tests: [] }, live: published, lastVersion: 1 });
    },
    segment({ id = `segment-${randomUUID().slice(0, 8)}`, name = id, purpose, condition }) {
      return create('segments', id, { name, description: '', purpose, condition, status: 'live', published: { version: 1, name, purpose, condition, publishedAt: Date.now() } });
    },
    flow({ flowId = `flow-${randomUUID().slice(0, 8)}`, version = 1, name = flowId, acceptsHistorical = false, ...rest }) {
      const definition: FlowDefinition = { flowId, version, name, acceptsHistorical, ...rest };
      const { flowId: _flowId, version: _version, ...draft } = definition;
      return create('flows', flowId, { draft, status: 'live', liveVersion: version, versions: [{ ...definition, publishedAt: Date.now() }] });
    },
    syncRule(id, rule) {
      return create<SyncRuleDocument>('syncRules', id, { rule: syncRuleContentSchema.parse({ name: id, ...rule }), fillsSince: Date.now() });
    },
    async customField(field) {
      await create('customFields', `${field.entity}.${field.name}`, field);
    },
    async customEvent(event) {
      await create('customEvents', event.name, event);
    },
    async customEntity(entity) {
      await create('customEntities', entity.name, entity);
    },
    async expectation(id, expectation) {
      await create('expectations', id, { expectation });
    },
    async trackingPlan(id, plan) {
      const live = { planId: id, version: 1, publishedAt: Date.now(), plan };
      await create('trackingPlanVersions', versionId(id, 1), live);
      await create('trackingPlans', id, { name: id, description: '', draft: plan, lastVersion: 1, live });
    },
    async change<T extends object>(kind: Parameters<ConfigurationRepository['get']>[0], id: string, change: (content: T) => T) {
      const row = await repository.get<T>(kind, workspaceId, id);
      await repository.update<T>(kind, workspaceId, id, row.version, change(row.content), Date.now());
      await refresh();
    },
  };
  return seed;
}

