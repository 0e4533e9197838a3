import type { CanonicalRecord, Identity } from '../canonical/canonical-record.js';
import { identityKey } from '../identity/identity-key.js';
import { isSameJson } from './canonical-json.js';
import { fieldOf } from './field-of.js';
import { identityInField, isIdentityField } from './identity-field.js';
import { bumpActivity, keyOfBump, type ActivityBump } from './fold-activity.js';
import type { Profile, ProfileField } from './profile.js';
import { encodeStoredKey } from './stored-key.js';
import { unionIdentities } from './union-identities.js';
import { correctedAtOf, isWinning, type OwnerRank } from './winning-field.js';

/** What a fold of one record needs to know besides the record. */
export interface FoldContext {
  /** Epoch ms: from here the age of days is counted. */
  now: number;
  /** The version that the profile gets by this fold, greater than its own; the same for all records of a batch. */
  version: number;
  /** The connection that the record came through. */
  source: string;
  /** Whether the record's source proved itself. */
  isVerified: boolean;
  /** Keys of identities that the record names and that belong to another person: they, and the fields that hold them, are not folded in. */
  foreignKeys: ReadonlySet<string>;
  ownerRank: OwnerRank;
  /** The counters that a record bumps; see `activityKeysOf`. */
  activityKeysOf(record: CanonicalRecord): readonly ActivityBump[];
}

/** What a fold changed. */
export interface FoldChanges {
  /** Canonical names of the fields whose value is another one now. A new origin of the same value does not count. */
  changedFields: string[];
  /** Stored keys of the counters bumped. */
  activityKeys: readonly string[];
  addedIdentities: Identity[];
}

/**
 * Folds one record into a profile, in place, and sets the profile's version. The outcome of a set of records is the same in any
 * order and in any batches, `version` apart; to fold a record once only is the caller's part.
 * A null in `record.profile` unsets: it competes as any value does. Per field the winner is told by `isWinning`.
 *
 * @example const { changedFields } = foldRecord(profile, record, { now, version: stored.version + 1, source, ownerRank, activityKeysOf });
 */
export function foldRecord(profile: Profile, record: CanonicalRecord, context: FoldContext): FoldChanges {
  const changedFields: string[] = [];
  for (const field of Object.keys(record.profile)) {
    const candidate = candidateOf(record, field, context);
    if (isForeign(identityInField(field, candidate.value), context)) continue;
    if (takeField(profile, field, candidate, context.ownerRank)) changedFields.push(field);
  }
  const bumps = context.activityKeysOf(record);
  bumpActivity(profile.activity, bumps, record.occurredAt, context.now);
  profile.firstSeenAt = Math.min(profile.firstSeenAt, record.occurredAt);
  profile.lastSeenAt = Math.max(profile.lastSeenAt, record.occurredAt);
  profile.version = context.version;
  return { changedFields, activityKeys: bumps.map(keyOfBump), addedIdentities: unionIdentities(profile.identities, record.identities.filter((identity) => !isForeign(identity, context))) };
}

function isForeign(identity: Identity | undefined, { foreignKeys }: FoldContext): boolean {
  return identity !== undefined && foreignKeys.size > 0 && foreignKeys.has(identityKey(identity));
}

function candidateOf(record: CanonicalRecord, field: string, context: FoldContext): ProfileField {
  const value = record.profile[field] ?? null;
  const isProven = context.isVerified && isIdentityField(field);
  return { value, at: record.occurredAt, source: context.source, origin: record.messageId, version: context.version, ...(isProven ? { isVerified: true as const } : {}) };
}

/** Puts the candidate in if it wins. Gives whether the value is another one now. */
export function takeField(profile: Pick<Profile, 'fields'>, field: string, candidate: ProfileField, ownerRank: OwnerRank): boolean {
  const stored = fieldOf(profile, field);
  const correctedAt = stored === undefined ? candidate.correctedAt : correctedAtOf(candidate, stored);
  const known = (value: ProfileField): ProfileField => (correctedAt === undefined || value.correctedAt === correctedAt ? value : { ...value, correctedAt });
  const isTaken = stored === undefined || isWinning(candidate, stored, field, ownerRank);
  profile.fields[encodeStoredKey(field)] = known(isTaken ? candidate : stored);
  return isTaken && !isSameJson(candidate.value, stored?.value);
}
