import type { Role } from '@firsthand/access';
import type { AgreementVersion, Condition, CustomField, FlowDefinition, JsonValue, Mapping, Purpose, RecipientKind } from '@firsthand/domain';
import type { Provenance } from '@firsthand/pipeline';

/** A write key as stored: its hash only. */
export interface StoredWriteKey {
  id: string;
  name: string;
  kind: 'public' | 'secret';
  hash: string;
  hint: string;
  createdAt: number;
}

interface ConnectionBase {
  name: string;
  pluginId: string;
  status: 'draft' | 'enabled' | 'paused';
  /** All settings that are no secrets. */
  settings: Record<string, JsonValue>;
  /** The secret settings, see `sealSecrets`; null for none. */
  sealedSecrets: string | null;
}

/** A source connection as stored. */
export interface SourceContent extends ConnectionBase {
  kind: 'source';
  capability: string;
  provenance: Provenance | null;
  agreementId: string | null;
  collectionPurpose: string | null;
  consentCategories: Record<string, string>;
  unknownEvents: 'accept' | 'quarantine';
  defaultCountry: string | null;
  writeKeys: StoredWriteKey[];
}

/** A destination connection as stored. */
export interface DestinationContent extends ConnectionBase {
  kind: 'destination';
  recipient: RecipientKind;
  country: string | null;
  concurrency: number;
}

export type ConnectionContent = SourceContent | DestinationContent;

/** The id is the connection's. */
export interface MappingContent {
  mapping: Mapping;
}

/** The id is the key. */
export type PurposeContent = Omit<Purpose, 'key'>;

export interface AgreementContent {
  name: string;
  /** Published ones, oldest first. */
  versions: AgreementVersion[];
}

export interface SegmentContent {
  name: string;
  description: string;
  purpose: string;
  condition: Condition;
  status: 'draft' | 'live' | 'paused';
  /** What was published last; null before. */
  published: { version: number; name: string; purpose: string; condition: Condition; publishedAt: number } | null;
}

/** What people write of a flow. */
export type FlowDraft = Omit<FlowDefinition, 'flowId' | 'version'>;

export interface FlowContent {
  draft: FlowDraft;
  status: 'draft' | 'live' | 'paused';
  /** The version that starts runs while `status` is live. */
  liveVersion: number | null;
  /** Published ones, oldest first; none is ever changed. */
  versions: (FlowDefinition & { publishedAt: number })[];
}

export type CustomFieldContent = CustomField;

export interface WorkspaceContent {
  name: string;
}

export interface UserContent {
  email: string;
  name: string;
  roles: Role[];
  passwordHash: string;
  /** Raising it ends every session. */
  tokenVersion: number;
  isDisabled: boolean;
}

export interface ApiKeyContent {
  name: string;
  roles: Role[];
  /** SHA-256, hex. */
  hash: string;
  hint: string;
  createdBy: string;
  /** Epoch ms; null never. */
  expiresAt: number | null;
}

/** One row per admin write, and per look at a customer. No personal data: the route's pattern and ids only. */
export interface AuditContent {
  actorKind: 'user' | 'apiKey';
  actorId: string;
  method: string;
  /** The route's pattern, never the address itself. */
  route: string;
  resourceId: string | null;
  /** `started`, `done`, or the error's code. */
  outcome: string;
  at: number;
}

export interface PrivacyRequestContent {
  kind: string;
  status: string;
  requestedAt: number;
  dueAt: number | null;
}
