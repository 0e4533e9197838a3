import type { Entity } from './dictionary.js';
import { FIELD_TYPES, type ScalarType } from './field-types.js';

/** What each entity is, for the people who read the dictionary. */
export const ENTITY_DESCRIPTIONS: Readonly<Record<Entity, string>> = {
  profile: 'What is known of a person: one value per field, folded from all channels. Null unsets a field.',
  identity: 'What a person is recognised by, strongest first. Devices never join two known people.',
  event: 'Something a person did, when, where and how. Names are Title Case "Object Action", e.g. Order Completed.',
  order: 'A purchase with its lines.',
  product: 'Something the brand sells.',
  store: 'A place where the brand sells.',
  consent: "A person's decision on one purpose. Sources fill `consents.<purpose>` with true or false; anything else is no consent.",
};

/** The rules that all fields keep. */
export const CONVENTIONS: readonly string[] = [
  'Fields are lowerCamelCase; event names are Title Case "Object Action" in the past tense.',
  'Times are ISO 8601 in UTC, days ISO 8601.',
  'Money is { amountMinor, currency }: an integer in the minor unit of an ISO 4217 currency.',
  'Countries are ISO 3166-1 alpha-2, languages BCP 47, phones E.164, emails lower-cased.',
  'Fields of a workspace are called custom.<lowerCamelCase>.',
];

/** A field type in words. */
export function typeText(type: ScalarType | 'object' | 'objects', values?: readonly string[]): string {
  if (type === 'object') return 'Object';
  if (type === 'objects') return 'List of objects';
  return values === undefined ? FIELD_TYPES[type].description : `One of ${values.join(', ')}`;
}

/** A retention in words. */
export function retentionText(days: number | null): string {
  return days === null ? 'as long as the profile' : days === 1 ? '1 day' : `${days} days`;
}

/** For how long events of a name are kept: what they carry has retentions of its own. */
export function eventRetentionText(days: number | null): string {
  return days === null ? 'as what it carries' : retentionText(days);
}

/** An example value as text: texts as they are, the rest as JSON. */
export function exampleText(example: unknown): string {
  return example === undefined ? '' : typeof example === 'string' ? example : JSON.stringify(example);
}
