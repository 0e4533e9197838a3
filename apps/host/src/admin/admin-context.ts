import type { BodySigner, ConfirmationLinks, LoginLimiter, OneTimeCodes, PrivacyLinks, SessionTokens, Signer } from '@firsthand/access';
import type { Collections, ConfigurationRepository } from '@firsthand/persistence';
import type { AuditTrail, ChangeLog, Clock, Doorbell, MatchStore, Notifier, OneTimeCodeStore, OperatorDays, PersonExportStore, PrivacyRequestStore, PushGateStore, ReconcileStore, RetentionStore, Store, Tombstones } from '@firsthand/pipeline';
import type { PluginRegistry, RejectedPlugin, SecretKey } from '@firsthand/plugin-host';
import type { ExchangeTail } from '@firsthand/queue';
import type { HttpClient } from '@firsthand/plugin-sdk';
import type { Logger } from '@firsthand/platform';
import type { Connection } from 'mongoose';
import type { ChangeStreams } from './changes/change-streams.js';
import type { OpenStreams } from './http/open-streams.js';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';

/** What the admin and customer plane is made of: everything is made at boot and handed in. */
export interface AdminDependencies {
  connection: Connection;
  collections: Collections;
  store: Store;
  requests: PrivacyRequestStore;
  codeStore: OneTimeCodeStore;
  /** What segments are like whose pushes are looked at. */
  pushGates: PushGateStore;
  repository: ConfigurationRepository;
  audit: AuditTrail;
  notifier: Notifier;
  /** Copies of people's data. */
  exports: PersonExportStore;
  configuration: Pick<ConfigurationSnapshot, 'workspace' | 'workspaceIds' | 'problems' | 'refresh'>;
  doorbell: Doorbell;
  /** What changes of people, for those who follow it. */
  changes: ChangeLog;
  changeStreams: ChangeStreams;
  /** Those of server-sent events. */
  streams: OpenStreams;
  /** What destinations are sent, live. */
  tail: Pick<ExchangeTail, 'follow'>;
  plugins: PluginRegistry;
  rejectedPlugins: readonly RejectedPlugin[];
  http: HttpClient;
  logger: Logger;
  secretKey: SecretKey;
  /** Signs what has to be believed outside; its public key is served. */
  signer: Signer;
  /** Signs what machines of OpenDSR are answered. */
  bodySigner: BodySigner;
  /** By what those who were erased are known again. */
  tombstones: Tombstones;
  /** Sweeps of what may be kept no longer, and how long what belongs to no purpose is kept. */
  retention: RetentionStore;
  /** Runs of the matcher. */
  matches: MatchStore;
  /** What systems hold against what we hold. */
  reconciles: ReconcileStore;
  operatorDays: OperatorDays;
  /** Days after which neither a backup nor the oplog holds what was deleted. */
  backupDays: number;
  /** At least 32 characters: sessions and privacy links are made with it. */
  tokenSecret: string;
  /** Where the outside reaches this host, without a slash at the end. */
  publicUrl: string;
  allowPrivateDestinations: boolean;
  clock: Clock;
}

/** The dependencies, and what is made of them once. */
export interface AdminContext extends AdminDependencies {
  sessions: SessionTokens;
  privacyLinks: PrivacyLinks;
  /** Links by which people confirm a consent. */
  confirmationLinks: ConfirmationLinks;
  limiter: LoginLimiter;
  codes: OneTimeCodes;
  /** Of codes that are asked for, and of those that are tried. */
  codeLimiter: LoginLimiter;
  tryLimiter: LoginLimiter;
  /** Of links: invitations and new passwords. */
  tokenLimiter: LoginLimiter;
  newId(): string;
  /** Whether a dry run is under way: nothing can be written. Only who writes past the repository has to ask. */
  isDryRun: boolean;
}

/** Injection token of {@link AdminContext}. */
export const ADMIN = Symbol('admin');
