import type { Connection, mongo } from 'mongoose';
import type {
  StoredAlias, StoredAudienceCompare, StoredAudienceMember, StoredBalanceReport, StoredChange, StoredChangeBlock, StoredChangeHead, StoredConfirmation, StoredConsent, StoredConsentState, StoredContact, StoredDelivery, StoredDisclosure, StoredErasure, StoredEvent, StoredEvidence, StoredFlowEntry, StoredFreshness, StoredFreshnessCounts, StoredHeld, StoredIdentity, StoredIdentityLink, StoredInbox,
  StoredInFlight, StoredLane, StoredLedgerEntry, StoredLegalHold, StoredLoginTry, StoredMatchBlock, StoredMatchKey, StoredMatchRun, StoredMatchSuggestion, StoredMerge, StoredOneTimeCode, StoredPrivacyRequest, StoredProfile, StoredPushGate, StoredQuarantine, StoredQuarantineJob, StoredRaws, StoredRetention, StoredRun, StoredSchedule, StoredGroupNumber, StoredSegmentSize, StoredStepCount,
  StoredFinding, StoredReconcile, StoredSeenCopy, StoredPersonExport, StoredPersonExportChunk, StoredQualityAlert, StoredQualityCounts, StoredQualityDigest, StoredQualityHour, StoredQualityResult, StoredQualityState, StoredSalt, StoredSyncState, StoredTombstone, StoredUnsealed,
} from './stored-rows.js';

/** The pipeline's collections, as the bare driver gives them. */
export interface Collections {
  inbox: mongo.Collection<StoredInbox>;
  events: mongo.Collection<StoredEvent>;
  rawRecords: mongo.Collection<StoredRaws>;
  identities: mongo.Collection<StoredIdentity>;
  aliases: mongo.Collection<StoredAlias>;
  merges: mongo.Collection<StoredMerge>;
  identityLinks: mongo.Collection<StoredIdentityLink>;
  matchSuggestions: mongo.Collection<StoredMatchSuggestion>;
  matchKeys: mongo.Collection<StoredMatchKey>;
  matchBlocks: mongo.Collection<StoredMatchBlock>;
  matchRuns: mongo.Collection<StoredMatchRun>;
  profiles: mongo.Collection<StoredProfile>;
  salts: mongo.Collection<StoredSalt>;
  consents: mongo.Collection<StoredConsent>;
  unsealedConsents: mongo.Collection<StoredUnsealed>;
  consentStates: mongo.Collection<StoredConsentState>;
  confirmations: mongo.Collection<StoredConfirmation>;
  tombstones: mongo.Collection<StoredTombstone>;
  erasures: mongo.Collection<StoredErasure>;
  heldData: mongo.Collection<StoredHeld>;
  legalHolds: mongo.Collection<StoredLegalHold>;
  privacyRequests: mongo.Collection<StoredPrivacyRequest>;
  oneTimeCodes: mongo.Collection<StoredOneTimeCode>;
  loginTries: mongo.Collection<StoredLoginTry>;
  disclosures: mongo.Collection<StoredDisclosure>;
  audienceMembers: mongo.Collection<StoredAudienceMember>;
  audienceCompares: mongo.Collection<StoredAudienceCompare>;
  syncStates: mongo.Collection<StoredSyncState>;
  quarantine: mongo.Collection<StoredQuarantine>;
  quarantineJobs: mongo.Collection<StoredQuarantineJob>;
  deliveries: mongo.Collection<StoredDelivery>;
  inFlight: mongo.Collection<StoredInFlight>;
  changes: mongo.Collection<StoredChange>;
  changeBlocks: mongo.Collection<StoredChangeBlock>;
  changeHeads: mongo.Collection<StoredChangeHead>;
  ledger: mongo.Collection<StoredLedgerEntry>;
  runs: mongo.Collection<StoredRun>;
  flowEntries: mongo.Collection<StoredFlowEntry>;
  contacts: mongo.Collection<StoredContact>;
  stepCounts: mongo.Collection<StoredStepCount>;
  schedules: mongo.Collection<StoredSchedule>;
  lanes: mongo.Collection<StoredLane>;
  evidence: mongo.Collection<StoredEvidence>;
  balanceReports: mongo.Collection<StoredBalanceReport>;
  freshnessCounts: mongo.Collection<StoredFreshnessCounts>;
  freshness: mongo.Collection<StoredFreshness>;
  pushGates: mongo.Collection<StoredPushGate>;
  segmentSizes: mongo.Collection<StoredSegmentSize>;
  groupNumbers: mongo.Collection<StoredGroupNumber>;
  qualityCounts: mongo.Collection<StoredQualityCounts>;
  qualityHours: mongo.Collection<StoredQualityHour>;
  qualityDigests: mongo.Collection<StoredQualityDigest>;
  qualityStates: mongo.Collection<StoredQualityState>;
  qualityResults: mongo.Collection<StoredQualityResult>;
  qualityAlerts: mongo.Collection<StoredQualityAlert>;
  personExports: mongo.Collection<StoredPersonExport>;
  personExportChunks: mongo.Collection<StoredPersonExportChunk>;
  retentionSweeps: mongo.Collection<StoredRetention>;
  reconciles: mongo.Collection<StoredReconcile>;
  reconcileFindings: mongo.Collection<StoredFinding>;
  reconcileSeen: mongo.Collection<StoredSeenCopy>;
}

const NAMES = {
  inbox: true, events: true, rawRecords: true, identities: true, aliases: true, merges: true, identityLinks: true, matchSuggestions: true, matchKeys: true, matchBlocks: true, matchRuns: true, profiles: true, salts: true, consents: true, unsealedConsents: true, consentStates: true,
  confirmations: true, tombstones: true, erasures: true, heldData: true, legalHolds: true, privacyRequests: true, oneTimeCodes: true, loginTries: true, disclosures: true, audienceMembers: true, audienceCompares: true, syncStates: true, quarantine: true, quarantineJobs: true, deliveries: true, inFlight: true, changes: true, changeBlocks: true, changeHeads: true, ledger: true, runs: true, flowEntries: true, contacts: true,
  stepCounts: true, schedules: true, lanes: true, evidence: true, balanceReports: true, freshnessCounts: true, freshness: true, pushGates: true, segmentSizes: true, groupNumbers: true, qualityCounts: true, qualityHours: true, qualityDigests: true, qualityStates: true, qualityResults: true, qualityAlerts: true, personExports: true, personExportChunks: true, retentionSweeps: true, reconciles: true, reconcileFindings: true, reconcileSeen: true,
} as const satisfies Record<keyof Collections, true>;

/** The pipeline's collections of a connection that is open. */
export function collectionsOf(connection: Connection): Collections {
  const db = connection.getClient().db(connection.name);
  return Object.fromEntries(Object.keys(NAMES).map((name) => [name, db.collection(name)])) as unknown as Collections;
}
