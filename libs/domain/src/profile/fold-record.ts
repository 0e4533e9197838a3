import type { CanonicalRecord, Identity } from '../canonical/canonical-record.js';
import { identityKey } from '../identity/identity-key.js';
import { isSameJson } from './canonical-json.js';
import { decideField, othersOf, placeField, saidOf, withCandidate, type FieldsOfProfile } from './field-candidates.js';
import { identityInField, isIdentityField } from './identity-field.js';
import { bumpActivity, keyOfBump, type ActivityBump } from './fold-activity.js';
import type { Profile, ProfileField } from './profile.js';
import { encodeStoredKey } from './stored-key.js';
import { noteGone } from './gone-ids.js';
import { hearParted } from './parted-there.js';
import { unionIdentities } from './union-identities.js';
import { isWinning, mayWin, type OwnerRank } from './winning-field.js';

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
  /** Whether the system that a verified record comes from has given out an identity; left out where it gives out none. */
  isOwnId?: ((identity: Identity) => boolean) | undefined;
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
 * order and in any batches, `version` and what a system has taken away (`goneIds`) apart; to fold a record once only is the caller's part.
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
  noteGone(profile, record, (key) => context.foreignKeys.has(key), context.isOwnId);
  if (context.isOwnId !== undefined) hearParted(profile, record, context.isOwnId);
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

/** Puts the candidate in if it wins, and keeps it beside the winner if not. Gives whether the value is another one now. */
export function takeField(profile: FieldsOfProfile, field: string, candidate: ProfileField, ownerRank: OwnerRank): boolean {
  const key = encodeStoredKey(field);
  const stored = Object.hasOwn(profile.fields, key) ? profile.fields[key] : undefined;
  const others = othersOf(profile, key);
  if (stored === undefined || candidate.correctedAt !== undefined || (stored.correctedAt !== undefined && stored.source !== candidate.source)) return takeAnew(profile, key, field, candidate, ownerRank);
  if (stored.source === candidate.source) {
    // Of one source the later word counts, and whoever it was before beats the others all the more.
    if (!isWinning(candidate, stored, field, ownerRank)) return false;
    profile.fields[key] = stored.correctedAt === undefined ? candidate : { ...candidate, correctedAt: stored.correctedAt };
    return !isSameJson(candidate.value, stored.value);
  }
  const known = others?.find(({ source }) => source === candidate.source);
  if (known !== undefined && !isWinning(candidate, known, field, ownerRank)) return false;
  const rest = known === undefined ? others : others?.filter((one) => one !== known);
  const isTaken = mayWin(candidate, field, ownerRank) && isWinning(candidate, stored, field, ownerRank);
  if (isTaken) profile.fields[key] = candidate;
  (profile.candidates ??= {})[key] = withCandidate(rest, isTaken ? stored : candidate, field);
  return isTaken && !isSameJson(candidate.value, stored.value);
}

function takeAnew(profile: FieldsOfProfile, key: string, field: string, candidate: ProfileField, ownerRank: OwnerRank): boolean {
  const said = saidOf(profile, key);
  const before = Object.hasOwn(profile.fields, key) ? profile.fields[key] : undefined;
  const decided = decideField([...said, candidate], field, ownerRank);
  placeField(profile, key, decided);
  return !isSameJson(decided.winner?.value, before?.value);
}
