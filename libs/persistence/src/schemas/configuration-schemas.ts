import type { Schema } from 'mongoose';
import { NUMBER, OPEN, TEXT, storedSchema, type StoredIndex } from './stored-schema.js';

/** What every configuration document has around its content, whose shape is the kind's own. */
function versioned(indexes: readonly StoredIndex[] = []): Schema {
  return storedSchema({ id: TEXT, version: NUMBER, createdAt: NUMBER, updatedAt: NUMBER, content: OPEN }, indexes);
}

/** The configuration, one collection per kind, each listed in the order of its ids. */
export const CONFIGURATION_SCHEMAS = {
  workspaces: versioned(),
  connections: versioned(),
  mappings: versioned(),
  // Those of a connection are listed in their order.
  mappingVersions: versioned([{ fields: { workspaceId: 1, 'content.connectionId': 1, _id: 1 } }]),
  purposes: versioned(),
  agreements: versioned(),
  segments: versioned(),
  flows: versioned(),
  customFields: versioned(),
  customEvents: versioned(),
  customEntities: versioned(),
  dictionaryVersions: versioned(),
  // One account per address and workspace.
  users: versioned([{ fields: { workspaceId: 1, 'content.email': 1 }, unique: true, partial: { 'content.email': { $exists: true } } }]),
  // Each request of the admin plane with a key looks it up.
  apiKeys: versioned([{ fields: { workspaceId: 1, 'content.hash': 1 }, unique: true, partial: { 'content.hash': { $exists: true } } }]),
  roles: versioned(),
  // An account's sessions are shown and ended together, its tokens taken back together.
  sessions: versioned([{ fields: { workspaceId: 1, 'content.userId': 1 } }]),
  accountTokens: versioned([{ fields: { workspaceId: 1, 'content.userId': 1 } }]),
  secondFactors: versioned(),
  backfills: versioned(),
  // Lists go by due date, work lists and alerts by status, the person's own by who they are.
  privacyRequests: versioned([
    { fields: { workspaceId: 1, 'content.dueAt': 1, _id: 1 } }, { fields: { workspaceId: 1, 'content.status': 1, 'content.dueAt': 1 } },
    { fields: { workspaceId: 1, 'content.profileId': 1 } }, { fields: { workspaceId: 1, 'content.identities': 1 } },
    // Of those that machines handed in, the ones of which there is something to tell.
    { fields: { workspaceId: 1, 'content.machine.dueAt': 1 }, partial: { 'content.machine.dueAt': { $gt: 0 } } },
  ]),
  legalHolds: versioned(),
  expectations: versioned(),
  syncRules: versioned(),
  trackingPlans: versioned(),
  trackingPlanVersions: versioned(),
  configVersions: storedSchema({ version: NUMBER }),
};
