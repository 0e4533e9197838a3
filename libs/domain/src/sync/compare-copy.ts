import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { JsonValue } from '../json.js';
import { fieldOf } from '../profile/field-of.js';
import { isIdentityField } from '../profile/identity-field.js';
import type { Profile, ProfileField } from '../profile/profile.js';
import { MAY_NOT_WRITE, weigh, WINNING_REASONS, type OwnerRank } from '../profile/winning-field.js';
import { comparableForm } from './comparable-form.js';

/** Why a field is another there than here. */
export const DIFFERENCE_REASONS = ['stopped', 'write-pending', 'empty-there', 'empty-here', 'may-not-write', 'corrected-here', 'owner-here', 'ours-newer', 'theirs-unheard'] as const;
export type DifferenceReason = (typeof DIFFERENCE_REASONS)[number];

/** A field that differs. It holds no value. */
export interface FieldDifference {
  /** By its canonical name: `phone`, `custom.food`. */
  field: string;
  reason: DifferenceReason;
}

/** What a system holds of somebody, as the mapping of its source reads it. */
export interface HeldCopy {
  record: CanonicalRecord;
  /** The source connection that says so: what it may write goes by it. */
  source: string;
}

/** What a comparison goes by. */
export interface CopyRules {
  /** Canonical names of the fields that are kept equal there. */
  fields: readonly string[];
  ownerRank: OwnerRank;
  /** Whether a write to the system is on its way. */
  isPending: boolean;
  /** Whether our value of a field is not written there, since it went to and fro; of none when left out. */
  isStopped?: (field: string) => boolean;
}

/**
 * What differs between what a system holds of a person and what we hold, field by field, each with its reason:
 * - `stopped`: ours is not written there, since the value went to and fro;
 * - `write-pending`: a write of ours is on its way; `empty-there`, `empty-here`: one of both holds no value;
 * - `may-not-write`: the system may not write the field; `corrected-here`: it was corrected here, at the person's wish; `owner-here`: who owns the field said otherwise;
 * - `ours-newer`: our value is of a later time, and has not arrived; `theirs-unheard`: theirs would win here, and was not heard yet.
 *
 * Values are the same where their comparable forms are: a vendor's way of writing one makes no difference.
 *
 * @example compareFields({ record, source: 'hubspot' }, profile, { fields: ['phone'], ownerRank, isPending: false }) // [{ field: 'phone', reason: 'ours-newer' }]
 */
export function compareFields(copy: HeldCopy, profile: Pick<Profile, 'fields'>, rules: CopyRules): FieldDifference[] {
  return rules.fields.flatMap((field) => {
    const ours = fieldOf(profile, field);
    const theirs = valuesThere(copy.record, field);
    const form = comparableForm(ours?.value);
    if (theirs.some((value) => comparableForm(value) === form)) return [];
    return [{ field, reason: reasonOf(copy, field, theirs[0] ?? null, ours, rules) }];
  });
}

/**
 * What a system holds in a field; null where it holds nothing. Of what names the person it may hold several.
 *
 * @example valuesThere(record, 'email') // ['ana@example.com', 'ana@work.example.com']
 */
export function valuesThere({ profile, identities }: Pick<CanonicalRecord, 'profile' | 'identities'>, field: string): JsonValue[] {
  const values: JsonValue[] = [];
  if (Object.hasOwn(profile, field)) values.push(profile[field] ?? null);
  if (isIdentityField(field)) values.push(...identities.filter(({ namespace }) => namespace === field).map(({ value }) => value));
  return values.length === 0 ? [null] : values;
}

function reasonOf({ record: { occurredAt, messageId }, source }: HeldCopy, field: string, theirs: JsonValue, ours: ProfileField | undefined, { ownerRank, isPending, isStopped }: CopyRules): DifferenceReason {
  if (isStopped?.(field) === true) return 'stopped';
  if (isPending) return 'write-pending';
  if (comparableForm(theirs) === '') return 'empty-there';
  if (ownerRank.refusesSome === true && ownerRank(field, source) === MAY_NOT_WRITE) return 'may-not-write';
  if (ours === undefined) return 'empty-here';
  const weight = weigh({ value: theirs, at: occurredAt, source, origin: messageId, version: 0, isVerified: true }, ours, field, ownerRank);
  if (weight > 0) return 'theirs-unheard';
  if (comparableForm(ours.value) === '') return 'empty-here';
  const because = WINNING_REASONS[-weight];
  if (because === 'correction') return 'corrected-here';
  return because === 'owner' ? 'owner-here' : 'ours-newer';
}
