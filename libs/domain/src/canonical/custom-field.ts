import type { ErrorPlace } from '../errors/firsthand-error.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import type { CustomEntity } from './custom-entity.js';
import type { FieldMetadata, ScalarDefinition } from './field-definition.js';
import { CHANNELS, PII_CLASSES } from './field-definition.js';
import { FIELD_TYPES, type ScalarType } from './field-types.js';
import { lintFieldName } from './lint-names.js';

/** The built-in entities that a workspace may add fields to. For `event` they are properties. */
export const CUSTOM_ENTITIES = ['profile', 'event', 'order', 'product', 'store'] as const;

/** A field that a workspace adds. What is not said is the careful choice: personal, and for no purpose. */
export interface CustomField extends Partial<FieldMetadata> {
  /** One of {@link CUSTOM_ENTITIES}, or an entity of the workspace's own. */
  entity: string;
  /** `shoeSize` or `custom.shoeSize`. */
  name: string;
  type: ScalarType;
  description: string;
  example?: unknown;
  values?: readonly string[];
  /** Names that are one letter away and mean something else. */
  distinctFrom?: readonly string[];
}

/** Custom fields by entity and plain name. */
export type CustomFieldGroups = Readonly<Record<(typeof CUSTOM_ENTITIES)[number], Record<string, ScalarDefinition>>> & Readonly<Record<string, Record<string, ScalarDefinition> | undefined>>;

const CAREFUL = { owner: 'any', pii: 'personal', retentionDays: null, purposes: [] } as const;

/**
 * Checks a workspace's custom fields and groups them by entity, each under its plain name. What a field of an own entity does not say, its entity says.
 *
 * @param entities the workspace's own
 * @throws FirsthandError `INVALID_REQUEST`; `places` names each field that is wrong.
 * @example groupCustomFields([{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' }]).profile.shoeSize
 */
export function groupCustomFields(customFields: readonly CustomField[], entities: readonly CustomEntity[] = []): CustomFieldGroups {
  const places: ErrorPlace[] = [];
  const own = new Map(entities.map((entity) => [entity.name, entity]));
  const groups = Object.fromEntries([...CUSTOM_ENTITIES, ...own.keys()].map((name): [string, Record<string, ScalarDefinition>] => [name, {}]));
  customFields.forEach((field, index) => {
    const name = field.name.replace(/^custom\./, '');
    const group = Object.hasOwn(groups, field.entity) ? groups[field.entity] : undefined;
    const problems = findProblems(field, name, group, Object.keys(groups));
    if (field.entity === 'event' && own.has(name)) problems.push(['name', `"${name}" is an entity.`]);
    for (const [key, message] of problems) places.push({ path: `/${index}/${key}`, message });
    if (group !== undefined && problems.length === 0) group[name] = definitionOf(field, own.get(field.entity));
  });
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', `Custom fields: ${places[0]?.message ?? ''}`, places);
  return groups as CustomFieldGroups;
}

function definitionOf({ type, description, example, values, ...given }: CustomField, of: Partial<FieldMetadata> = {}): ScalarDefinition {
  const owner = given.owner ?? of.owner ?? CAREFUL.owner;
  const pii = given.pii ?? of.pii ?? CAREFUL.pii;
  const retentionDays = given.retentionDays !== undefined ? given.retentionDays : of.retentionDays ?? CAREFUL.retentionDays;
  const purposes = given.purposes ?? of.purposes ?? CAREFUL.purposes;
  return { type, description, example, owner, pii, retentionDays, purposes, ...(values === undefined ? {} : { values }) };
}

function findProblems(field: CustomField, name: string, group: Record<string, ScalarDefinition> | undefined, entities: readonly string[]): [key: string, message: string][] {
  const problems: [string, string][] = [];
  const lint = name.includes('.') ? 'A custom field has a plain name.' : lintFieldName(name);
  if (lint !== null) problems.push(['name', lint]);
  if (group === undefined) problems.push(['entity', `Use one of ${entities.join(', ')}.`]);
  else if (Object.hasOwn(group, name)) problems.push(['name', `"${name}" is there twice.`]);
  if (!Object.hasOwn(FIELD_TYPES, field.type)) problems.push(['type', `Use one of ${Object.keys(FIELD_TYPES).join(', ')}.`]);
  if (field.description.trim() === '') problems.push(['description', 'Say what the field means.']);
  if (field.pii !== undefined && !PII_CLASSES.includes(field.pii)) problems.push(['pii', `Use one of ${PII_CLASSES.join(', ')}.`]);
  if (field.owner !== undefined && field.owner !== 'any' && !CHANNELS.includes(field.owner)) problems.push(['owner', `Use one of ${CHANNELS.join(', ')}, any.`]);
  if (typeof field.retentionDays === 'number' && !(Number.isInteger(field.retentionDays) && field.retentionDays > 0)) problems.push(['retentionDays', 'Use a number of days, or null.']);
  if (field.values !== undefined && (field.type !== 'string' || field.values.length === 0)) problems.push(['values', 'A list of values goes with type string and is not empty.']);
  return problems;
}
