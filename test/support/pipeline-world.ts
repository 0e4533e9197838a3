import { createHash, randomUUID } from 'node:crypto';
import {
  compileCondition, compileFlow, compileIdentityRules, compileMapping, compileTracked, createDictionary, DEFAULT_FLOW_SETTINGS, DEFAULT_IDENTITY_SETTINGS, DEFAULT_REQUEST_SETTINGS, createSyncDirectory, PURPOSE_DEFAULTS, syncFlows, type AgreementVersion, type Condition, type FlowDefinition, type FlowSettings, type IdentitySettings, type JsonObject, type JsonValue,
  type Purpose, type PushLimits, type SyncRule,
} from '@firsthand/domain';
import { createPushGateStore, type ConnectedStore } from '@firsthand/persistence';
import {
  createApply, createDeliver, createGatekeeper, createIngest, createSweep, type Apply, type Deliver, type DestinationConnection, type Ingest, type IngestResult, type PushGateRow, type SourceConnection, type Sweep, type Tombstones, type WorkspaceConfiguration,
} from '@firsthand/pipeline';
import { clearable, defineDestination, object, text, type DestinationDefinition, type HttpClient, type SendItem, type SendResult } from '@firsthand/plugin-sdk';
import web from '@firsthand/plugin-web';
import { closeStore, openEmptyStore } from './empty-databases.js';

const quietLog = { info: () => undefined, warn: () => undefined };

/** What the fake destination of a world was sent. */
export interface Received {
  operation: string;
  payload: Record<string, JsonValue>;
  idempotencyKey: string;
  at: number;
}

export interface World {
  store: ConnectedStore;
  configuration: { current: WorkspaceConfiguration };
  ingest: Ingest;
  apply: Apply;
  deliver: Deliver;
  sweep: Sweep;
  /** Pushes that somebody was told of. */
  told: PushGateRow[];
  received: Received[];
  /** Answers the next sends: an error to throw, or undefined for success. */
  script: { next: (item: SendItem<Record<string, JsonValue>>) => Error | undefined; answer?: (item: SendItem<Record<string, JsonValue>>) => JsonValue };
  clock: { now: number };
  /** Sends Segment messages through the web source. */
  track(messages: JsonValue[], options?: { isVerified?: boolean; isImport?: boolean; connectionId?: string }): Promise<IngestResult>;
  /** Applies and delivers until nothing is due. */
  settle(): Promise<void>;
  rebuild(change: (parts: WorldParts) => void): void;
  close(): Promise<void>;
}

export interface WorldParts {
  purposes: Purpose[];
  agreements: AgreementVersion[];
  segments: { segmentId: string; version: number; name: string; purpose: string; condition: Condition }[];
  flows: FlowDefinition[];
  /** Ids of flows that are paused. */
  pausedFlows?: string[];
  flowSettings: FlowSettings;
  /** Of segments, where they are not as built in. */
  pushLimits?: Record<string, PushLimits | null>;
  sources: Partial<SourceConnection>[];
  /** How people are told apart, where it is not as built in. */
  identitySettings?: Partial<IdentitySettings>;
  destination: Partial<DestinationConnection>;
  /** Other destinations; what they are sent is received as `<connection>:<operation>`. */
  others?: string[];
  /** Rules that keep systems equal, each made into its flows, and the system of each connection whose id is not its name. */
  syncs?: { rules: SyncRule[]; systems: Record<string, string> };
}

export const WORKSPACE = 'ws1';
export const SINK = 'sink';

/** By what those who were erased are known again. */
export const TOMBSTONES: Tombstones = { keyId: 'k', digest: (workspaceId, key) => createHash('sha256').update(`${workspaceId}|${key}`).digest('base64url') };

export const MARKETING: Purpose = {
  key: 'marketing', name: { en: 'Marketing' }, description: { en: 'Messages about offers' }, lawfulBasis: 'consent', fields: ['profile.*', 'event.*', 'identities.*', 'segment.*'],
  ...PURPOSE_DEFAULTS, separateConsent: ['third-party'], expiresAfterDays: null,
};

const NO_NETWORK: HttpClient = { request: () => Promise.reject(new TypeError('The world has no network.')) };

/** What records are kept for of people who were not asked yet. */
export const SERVICE: Purpose = { ...MARKETING, key: 'service', name: { en: 'Service' }, description: { en: 'What was ordered, and help with it' }, lawfulBasis: 'contract', separateConsent: [] };

/**
 * The whole pipeline over a real MongoDB, with a clock of its own, a scripted destination and no queue: rings are kept and answered by `settle`.
 *
 * @param options.isJoined the stages hand over in memory, as they do in one process; else each finds its work in the store
 */
export async function createWorld(adjust: (parts: WorldParts) => void = () => undefined, { isJoined = false, http = NO_NETWORK }: { isJoined?: boolean; http?: HttpClient } = {}): Promise<World> {
  const store = await openEmptyStore();
  const clock = { now: Date.parse('2026-03-01T12:00:00Z') };
  const received: Received[] = [];
  const script: World['script'] = { next: () => undefined };
  const parts = defaultParts(clock.now);
  adjust(parts);
  const destinationsOf = (prefix: string): Record<string, DestinationDefinition> => fakeDestinations(received, script, clock, prefix);
  const configuration = { current: toConfiguration(parts, destinationsOf) };
  const lanes = new Set<string>();
  const doorbell = { ringApply: () => undefined, ringLane: ({ connectionId }: { connectionId: string }) => void lanes.add(connectionId) };
  const shared = { store: store.store, doorbell, configuration: { workspace: () => configuration.current }, clock: () => clock.now };
  const pluginLog = () => quietLog;
  const deliver = createDeliver({ ...shared, http, pluginLog, log: quietLog, holder: randomUUID() });
  const apply = createApply({ ...shared, newId: randomUUID, tombstoneDigest: TOMBSTONES.digest, http, pluginLog, log: quietLog, ...(isJoined ? { deliver } : {}) });
  const ingest = createIngest({ ...shared, newId: randomUUID, intake: isJoined ? apply.intake : undefined });
  const sweep = createSweep({ ...shared, workspaceIds: () => [WORKSPACE] });
  const told: PushGateRow[] = [];
  const tell = (_: string, held: readonly PushGateRow[]): Promise<void> => Promise.resolve(void told.push(...held));
  const gatekeeper = createGatekeeper({ ...shared, pushGates: createPushGateStore(store.connection), holder: randomUUID(), log: quietLog, tell });
  const drainLanes = async (): Promise<void> => {
    while (lanes.size > 0) {
      const [connectionId] = lanes as Set<string>;
      lanes.delete(connectionId as string);
      await deliver.drainLane({ workspaceId: WORKSPACE, connectionId: connectionId as string });
    }
  };

  return {
    store, configuration, ingest, apply, deliver, sweep, told, received, script, clock,
    track(messages, { isVerified = false, isImport = false, connectionId = 'web' } = {}) {
      const connection = configuration.current.sources.get(connectionId) as SourceConnection;
      return ingest.accept({ configuration: configuration.current, connection, raws: messages, receivedAt: clock.now, isVerified, isImport });
    },
    async settle() {
      await apply.drain();
      await sweep.tick();
      await drainLanes();
      await gatekeeper.tick();
      await drainLanes();
    },
    rebuild(change) {
      change(parts);
      configuration.current = toConfiguration(parts, destinationsOf);
    },
    async close() {
      await apply.stop();
      await deliver.stop();
      await closeStore(store);
    },
  };
}

/** The configuration of a world, for what needs no whole one. */
export function worldConfiguration(now: number, adjust: (parts: WorldParts) => void): WorkspaceConfiguration {
  const parts = defaultParts(now);
  adjust(parts);
  return toConfiguration(parts, () => ({}));
}

function defaultParts(now: number): WorldParts {
  return {
    purposes: [MARKETING, SERVICE],
    agreements: [{ agreementId: 'terms', version: 1, isMaterial: true, purposes: ['marketing', 'service'], texts: { en: 'We write to you.' }, textHashes: { en: 'hash-1' }, publishedAt: now - 1_000_000 }],
    segments: [],
    flows: [{ flowId: 'forward', version: 1, name: 'Forward', purpose: 'marketing', trigger: { type: 'event', name: '*' }, acceptsHistorical: false, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' }] }],
    flowSettings: DEFAULT_FLOW_SETTINGS,
    sources: [{ connectionId: 'web' }],
    destination: {},
  };
}

function toConfiguration(parts: WorldParts, destinationsOf: (prefix: string) => Record<string, DestinationDefinition>): WorkspaceConfiguration {
  const source = web.sources?.events as SourceConnection['source'];
  const ofRules = parts.syncs?.rules.flatMap((rule) => syncFlows(rule)).map((flow) => ({ ...flow, steps: flow.steps.map((step) => (step.type === 'deliver' ? { ...step, mapping: { email: '{{profile.email}}', ...step.mapping } } : step)) })) ?? [];
  const compiledFlows = [...parts.flows, ...ofRules].map((definition) => ({
    compiled: compileFlow(definition),
    mappings: new Map(definition.steps.flatMap((step) => (step.type === 'deliver' || step.type === 'call' ? [[step.id, compileMapping(step.mapping ?? DEFAULT_FIELDS)] as const] : []))),
  }));
  const connectionOf = (connectionId: string, prefix: string): DestinationConnection => ({
    connectionId, workspaceId: WORKSPACE, name: 'Sink', pluginId: 'sink', status: 'enabled', settings: {}, recipient: 'processor', country: null, concurrency: 8, rateLimit: null, headOfLine: 'block', destinations: destinationsOf(prefix),
  });
  const segments = parts.segments.map((segment) => ({ ...segment, workspaceId: WORKSPACE, condition: compileCondition(segment.condition) }));
  return {
    workspaceId: WORKSPACE,
    version: 1,
    sources: new Map(parts.sources.map((given) => [given.connectionId as string, {
      connectionId: 'web', workspaceId: WORKSPACE, name: 'Web', pluginId: 'web', capability: 'events', status: 'enabled', settings: {}, publicSettings: {},
      provenance: { collection: 'first-party', statement: 'Our own site.' }, agreementId: 'terms', collectionPurpose: null, withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept',
      defaultCountry: 'US', mappingVersion: 1, mapping: compileMapping(source.mapping), source, ...given,
    }])),
    destinations: new Map([[SINK, { ...connectionOf(SINK, ''), ...parts.destination }], ...(parts.others ?? []).map((id) => [id, connectionOf(id, `${id}:`)] as const)]),
    ...(parts.syncs === undefined ? {} : { syncs: createSyncDirectory(parts.syncs.rules, (id) => parts.syncs?.systems[id] ?? id) }),
    purposes: new Map(parts.purposes.map((purpose) => [purpose.key, purpose])),
    agreements: new Map([['terms', parts.agreements]]),
    segments,
    ...(parts.pushLimits === undefined ? {} : { pushLimits: new Map(Object.entries(parts.pushLimits)) }),
    flows: compiledFlows.filter(({ compiled }) => parts.pausedFlows?.includes(compiled.definition.flowId) !== true),
    ...(parts.pausedFlows === undefined ? {} : { pausedFlows: new Map(parts.pausedFlows.map((id) => [id, compiledFlows.findLast(({ compiled }) => compiled.definition.flowId === id) ?? null])) }),
    flow: (flowId, version) => compiledFlows.find(({ compiled: { definition } }) => definition.flowId === flowId && definition.version === version),
    awaited: { events: new Set(compiledFlows.flatMap(({ compiled }) => compiled.awaits.events)), conditions: compiledFlows.some(({ compiled }) => compiled.awaits.conditions) },
    flowSettings: parts.flowSettings, requestSettings: DEFAULT_REQUEST_SETTINGS,
    tracked: compileTracked([...segments.flatMap(({ condition }) => condition.activityKeys), ...compiledFlows.flatMap(({ compiled }) => compiled.activityKeys)]),
    dictionary: createDictionary(),
    sensitivePaths: [],
    ...(parts.identitySettings === undefined ? {} : { identityRules: compileIdentityRules({ ...DEFAULT_IDENTITY_SETTINGS, ...parts.identitySettings }) }),
    ...(parts.identitySettings?.matching == null ? {} : { matching: parts.identitySettings.matching }),
    ownerRank: () => 0,
  };
}

const DEFAULT_FIELDS = { event: '{{event}}', profile: '{{profile}}', email: '{{profile.email}}' };

function fakeDestinations(received: Received[], script: World['script'], clock: { now: number }, prefix: string): Record<string, DestinationDefinition> {
  const fields = { event: object('Event'), profile: object('Profile'), email: text('Email') };
  const note = (operation: string) => ({ items }: { items: readonly SendItem<unknown>[] }): Promise<SendResult[]> => Promise.resolve(items.map((item) => {
    received.push({ operation: `${prefix}${operation}`, payload: item.payload as Received['payload'], idempotencyKey: item.idempotencyKey, at: clock.now });
    const error = script.next(item as SendItem<Received['payload']>);
    return error === undefined ? { ok: true } : { ok: false, error };
  }));
  const shared = { label: 'Sink', description: 'Keeps what it gets.', suggests: { purpose: 'marketing', recipient: 'processor' as const }, idempotency: 'receiver' as const, fields, identifiers: ['email'] as const };
  return {
    'send-event': defineDestination({}, {
      ...shared, accepts: 'event', removeMembers: note('removeMembers'), erase: note('erase'),
      async send(item) {
        const [result] = await note('send')({ items: [item] });
        if (result?.ok === false) throw result.error;
      },
      async ask(item) {
        const [result] = await note('ask')({ items: [item] });
        if (result?.ok === false) throw result.error;
        return (script.answer?.(item as SendItem<Received['payload']>) ?? {}) as JsonObject;
      },
    }) as unknown as DestinationDefinition,
    'upsert-profile': defineDestination({}, {
      ...shared, accepts: 'profile',
      async send(item) {
        const [result] = await note('upsert')({ items: [item] });
        if (result?.ok === false) throw result.error;
      },
    }) as unknown as DestinationDefinition,
    contact: defineDestination({}, {
      ...shared, accepts: 'profile', identifiers: ['email'] as const, erase: note('erase'),
      fields: { email: text('Email', { required: true }), phone: clearable(text('Phone')), city: clearable(text('City')), firstName: text('First name') },
      async send(item) {
        const [result] = await note('contact')({ items: [item] });
        if (result?.ok === false) throw result.error;
      },
    }) as unknown as DestinationDefinition,
    audience: defineDestination({}, { ...shared, accepts: 'membership', addMembers: note('addMembers'), removeMembers: note('removeMembers') }) as unknown as DestinationDefinition,
  };
}
