import type { ErrorPlace } from '../errors/firsthand-error.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import type { FieldMetadata, ScalarDefinition } from './field-definition.js';
import { CHANNELS, PII_CLASSES } from './field-definition.js';
import { FIELD_TYPES, type ScalarType } from './field-types.js';
import { lintFieldName } from './lint-names.js';

/** The entities that a workspace may add fields to. For `event` they are properties. */
export const CUSTOM_ENTITIES = ['profile', 'event', 'order', 'product', 'store'] as const;

/** A field that a workspace adds. What is not said is the careful choice: personal, and for no purpose. */
export interface CustomField extends Partial<FieldMetadata> {
  entity: (typeof CUSTOM_ENTITIES)[number];
  /** `shoeSize` or `custom.shoeSize`. */
  name: string;
  type: ScalarType;
  description: string;
  example?: unknown;
  values?: readonly string[];
}

const CAREFUL = { owner: 'any', pii: 'personal', retentionDays: null, purposes: [] } as const;

/**
 * Checks a workspace's custom fields and groups them by entity, each under its plain name.
 *
 * @throws FirsthandError `INVALID_REQUEST`; `places` names each field that is wrong.
 * @example groupCustomFields([{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' }]).profile.shoeSize
 */
export function groupCustomFields(customFields: readonly CustomField[]): Record<CustomField['entity'], Record<string, ScalarDefinition>> {
  const places: ErrorPlace[] = [];
  const groups: Record<CustomField['entity'], Record<string, ScalarDefinition>> = { profile: {}, event: {}, order: {}, product: {}, store: {} };
  customFields.forEach((field, index) => {
    const name = field.name.replace(/^custom\./, '');
    const group = CUSTOM_ENTITIES.includes(field.entity) ? groups[field.entity] : undefined;
    const problems = findProblems(field, name, group);
    for (const [key, message] of problems) places.push({ path: `/${index}/${key}`, message });
    if (group !== undefined && problems.length === 0) {
      const { type, description, example, values } = field;
      const { owner = CAREFUL.owner, pii = CAREFUL.pii, retentionDays = CAREFUL.retentionDays, purposes = CAREFUL.purposes } = field;
      group[name] = { type, description, example, owner, pii, retentionDays, purposes, ...(values === undefined ? {} : { values }) };
    }
  });
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', `Custom fields: ${places[0]?.message ?? ''}`, places);
  return groups;
}

function findProblems(field: CustomField, name: string, group: Record<string, ScalarDefinition> | undefined): [key: string, message: string][] {
  const problems: [string, string][] = [];
  const lint = name.includes('.') ? 'A custom field has a plain name.' : lintFieldName(name);
  if (lint !== null) problems.push(['name', lint]);
  if (group === undefined) problems.push(['entity', `Use one of ${CUSTOM_ENTITIES.join(', ')}.`]);
  else if (Object.hasOwn(group, name)) problems.push(['name', `"${name}" is there twice.`]);
  if (!Object.hasOwn(FIELD_TYPES, field.type)) problems.push(['type', `Use one of ${Object.keys(FIELD_TYPES).join(', ')}.`]);
  if (field.description.trim() === '') problems.push(['description', 'Say what the field means.']);
  if (field.pii !== undefined && !PII_CLASSES.includes(field.pii)) problems.push(['pii', `Use one of ${PII_CLASSES.join(', ')}.`]);
  if (field.owner !== undefined && field.owner !== 'any' && !CHANNELS.includes(field.owner)) problems.push(['owner', `Use one of ${CHANNELS.join(', ')}, any.`]);
  if (typeof field.retentionDays === 'number' && !(Number.isInteger(field.retentionDays) && field.retentionDays > 0)) problems.push(['retentionDays', 'Use a number of days, or null.']);
  if (field.values !== undefined && (field.type !== 'string' || field.values.length === 0)) problems.push(['values', 'A list of values goes with type string and is not empty.']);
  return problems;
}
