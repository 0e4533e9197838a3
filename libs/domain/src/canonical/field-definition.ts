import type { ScalarType } from './field-types.js';

/** Where customers are met. */
export const CHANNELS = ['web', 'app', 'mini-program', 'store', 'crm'] as const;

/** A channel, or `any` when no channel owns a field. */
export type OwnerChannel = (typeof CHANNELS)[number] | 'any';

/**
 * How close to a person a value is. `none`: says nothing about one; `pseudonymous`: points to one with further knowledge (GDPR art. 4(5));
 * `personal`: identifies or describes one (art. 4(1)); `sensitive`: special categories (art. 9) and their like (PIPL art. 28).
 */
export const PII_CLASSES = ['none', 'pseudonymous', 'personal', 'sensitive'] as const;
export type PiiClass = (typeof PII_CLASSES)[number];

/** What is said of every field of the dictionary. */
export interface FieldMetadata {
  description: string;
  /** The channel whose value wins when channels disagree. */
  owner: OwnerChannel;
  pii: PiiClass;
  /** Days that a value is kept; null as long as the profile is. */
  retentionDays: number | null;
  /** Keys of the purposes that may use it, unless the workspace says otherwise. */
  purposes: readonly string[];
}

/** A field with a value of its own. */
export interface ScalarDefinition extends FieldMetadata {
  type: ScalarType;
  example: unknown;
  /** The only values taken, for `type: 'string'`. */
  values?: readonly string[];
}

/** A field with fields: one object, or a list of them. */
export interface ObjectDefinition extends FieldMetadata {
  type: 'object' | 'objects';
  fields: FieldDefinitions;
}

export type FieldDefinition = ScalarDefinition | ObjectDefinition;
export interface FieldDefinitions {
  readonly [name: string]: FieldDefinition;
}

type Metadata = Omit<FieldMetadata, 'description'>;
type Loose<F> = F extends { fields: FieldDefinitions } ? Omit<ObjectDefinition, keyof Metadata> & Partial<Metadata> : Omit<ScalarDefinition, keyof Metadata> & Partial<Metadata>;

/**
 * Completes fields with the metadata that they have in common, and keeps their literal types, so that TypeScript types can be derived.
 *
 * @example defineFields({ owner: 'web', pii: 'none', retentionDays: 400, purposes: ['analytics'] }, { title: { type: 'string', description: 'Title.', example: 'Home' } })
 */
export function defineFields<const F extends { readonly [name: string]: Loose<FieldDefinition> }>(
  metadata: Metadata,
  fields: F,
): { [K in keyof F]: F[K] & Metadata } {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...metadata, ...field }])) as { [K in keyof F]: F[K] & Metadata };
}
