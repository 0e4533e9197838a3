import type { AgreementVersion, CompiledCondition, CompiledExpectations, CompiledFlow, CompiledMapping, CompiledTrackingPlan, Dictionary, FlowSettings, IdentityRules, IdentitySettings, JsonValue, OwnerRank, Purpose, Ownership, PushLimits, RecipientKind, ReconcileSettings, RequestSettings, SignalReader, SyncDirectory, TrackedActivity } from '@firsthand/domain';
import type { DestinationDefinition, SourceDefinition } from '@firsthand/plugin-sdk';
import type { ChangeKeeping } from '../changes/person-change.js';
import type { RateLimit } from './rate-limits.js';
import type { NoticeIds } from '../consent/notice-ids.js';

/**
 * What becomes of an event where the purpose of collection has no consent: it is not kept; what other purposes of the agreement cover is kept; or it is kept as nobody's,
 * with what says nothing of a person.
 */
export const WITHOUT_BASIS = ['refuse', 'strip', 'anonymous'] as const;
export type WithoutBasis = (typeof WITHOUT_BASIS)[number];

/** By namespace, whether an id is one that a system has given out. */
export type OwnIds = Readonly<Record<string, (id: string) => boolean>>;

/** How a source's data was collected. Only `first-party` lets anything in. */
export interface Provenance {
  collection: 'first-party' | 'third-party';
  statement: string;
}

export interface SourceConnection {
  connectionId: string;
  workspaceId: string;
  name: string;
  pluginId: string;
  capability: string;
  status: 'draft' | 'enabled' | 'paused';
  settings: Record<string, JsonValue>;
  /** The settings without the secret ones: what a mapping may read, and so put into an event. */
  publicSettings: Record<string, JsonValue>;
  provenance: Provenance | null;
  agreementId: string | null;
  /** The purpose that collection stands on when its basis is consent; null when the agreement gives another basis. */
  collectionPurpose: string | null;
  withoutBasis: WithoutBasis;
  /** Category in a record's own consent → purpose key. A category that is not listed is its own purpose key. */
  consentCategories: Record<string, string>;
  /** Reads consent signals by the connection's table; absent when it has none. */
  readSignals?: SignalReader;
  /** The purposes that the table names. */
  signalPurposes?: readonly string[];
  unknownEvents: 'accept' | 'quarantine';
  /** What it may send; with one `unknownEvents` says nothing. */
  trackingPlan?: CompiledTrackingPlan;
  /** The lane of its polls, where the destination of the same id has the one of that name. */
  pollLane?: string;
  defaultCountry: string | null;
  /** By namespace, which ids of people its account has given out; absent where it gives out none. */
  ownIds?: OwnIds | undefined;
  /** The purpose under which the channel may read who is signed in there; null where it may read nothing of them. */
  profilePurpose?: string | null;
  /** Ids of the keys whose user tokens it takes. */
  userTokenKeys?: readonly string[];
  mappingVersion: number;
  mapping: CompiledMapping;
  source: SourceDefinition;
}

export interface DestinationConnection {
  connectionId: string;
  workspaceId: string;
  name: string;
  pluginId: string;
  status: 'draft' | 'enabled' | 'paused';
  settings: Record<string, JsonValue>;
  recipient: RecipientKind;
  country: string | null;
  /** Requests at once. */
  concurrency: number;
  /** Deliveries in one request at the most; absent or null for as many as the vendor takes. */
  batchSize?: number | null;
  /** Requests per second, over all processes; null for as many as it takes. */
  rateLimit: RateLimit | null;
  /** What happens behind a delivery that waits for another try: the person's next ones wait too, or newer state takes its place. */
  headOfLine: 'block' | 'replace';
  destinations: Record<string, DestinationDefinition>;
  /** The sources of its plugin: their mappings read what an action lists. */
  sources?: Record<string, SourceDefinition>;
}

export interface SegmentDefinition {
  segmentId: string;
  workspaceId: string;
  version: number;
  name: string;
  purpose: string;
  condition: CompiledCondition;
}

/** A published flow version. `mappings`: deliver step id → the destination's defaults and the step's own mapping, compiled as one. */
export interface LiveFlow {
  compiled: CompiledFlow;
  mappings: ReadonlyMap<string, CompiledMapping>;
  /** Of a flow that is to be started once for everybody: since when, as epoch ms. Another time begins anew. */
  fillsSince?: number;
}

/** One workspace's configuration, immutable; replaced whole when its version changes. */
export interface WorkspaceConfiguration {
  workspaceId: string;
  version: number;
  sources: ReadonlyMap<string, SourceConnection>;
  destinations: ReadonlyMap<string, DestinationConnection>;
  purposes: ReadonlyMap<string, Purpose>;
  /** agreementId → versions, newest last. */
  agreements: ReadonlyMap<string, readonly AgreementVersion[]>;
  /** Ids of notices that were shown; without it none is proven. */
  notices?: NoticeIds;
  segments: readonly SegmentDefinition[];
  /** segmentId → how far it may move before a push of it waits for a person, null for any distance; the built-in limits where nothing is said. */
  pushLimits?: ReadonlyMap<string, PushLimits | null>;
  /** Live flows: what may start runs now. */
  flows: readonly LiveFlow[];
  /** Flows that are paused, by id, each with the version that would be live, null where that cannot be used: they start nobody, what they have to send waits, and their runs stay where they are. Absent without any. */
  pausedFlows?: ReadonlyMap<string, LiveFlow | null>;
  /** Rules that keep other systems equal, whose flows are among the flows; absent without any. */
  syncs?: SyncDirectory;
  /** That they are compared with what their systems hold each night, and since when; absent where nobody asked for it. */
  reconciling?: Pick<ReconcileSettings, 'at' | 'timeZone' | 'repair'> & { since: number };
  /** Any published version, live or not: runs and deliveries finish on theirs. */
  flow(flowId: string, version: number): LiveFlow | undefined;
  /** What runs of any published version may wait for: names of events (`*` any), and conditions. Nothing is read of runs for an event that is not here. */
  awaited: { events: ReadonlySet<string>; conditions: boolean };
  /** Time zone, caps and quiet hours. */
  flowSettings: FlowSettings;
  /** The law that requests are answered by, and its days off. */
  requestSettings: RequestSettings;
  /** Conditional counters that live segments and flows ask for. */
  tracked: TrackedActivity;
  dictionary: Dictionary;
  /** What is expected of the data; absent without any, and nothing is watched. */
  expectations?: CompiledExpectations;
  /** How people are told apart; the built-in rules where it is absent. */
  identityRules?: IdentityRules;
  /** How profiles are looked for that may be one person's; absent while that is off. */
  matching?: NonNullable<IdentitySettings['matching']>;
  /** That changes of people are kept for those who follow them; absent where nobody asked for it, and nothing is written. */
  changes?: ChangeKeeping;
  /** Paths of a delivery's context that hold data of the class `sensitive`, e.g. `profile.custom.allergies`. */
  sensitivePaths: readonly string[];
  /** Lower wins. */
  ownerRank: OwnerRank;
  /** What the ranks are made of, for who explains them; absent where nobody asks. */
  ownership?: Ownership;
}

/** The snapshot, at most 1 s old. `workspace` throws FirsthandError UNAVAILABLE when it is older than that, NOT_FOUND for an unknown id. */
export interface ConfigurationSource {
  workspace(workspaceId: string): WorkspaceConfiguration;
}

/** Milliseconds since the epoch. */
export type Clock = () => number;
