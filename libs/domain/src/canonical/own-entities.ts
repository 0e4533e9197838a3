import { customEntityPath, type CustomEntity, type CustomEvent } from './custom-entity.js';
import type { CustomFieldGroups } from './custom-field.js';
import { ENTITY_DESCRIPTIONS } from './dictionary-text.js';
import { ENTITIES, type DictionaryEntity, type DictionaryEvent, type DictionaryField } from './dictionary.js';
import type { ObjectDefinition } from './field-definition.js';
import { STANDARD_EVENTS } from './standard-events.js';

/** The workspace's own entities as objects among the properties of events; one without fields holds nothing yet. */
export function ownEntities(entities: readonly CustomEntity[], custom: CustomFieldGroups): Record<string, ObjectDefinition> {
  return Object.fromEntries(entities.flatMap(({ name, description, owner = 'any', pii = 'personal', retentionDays = null, purposes = [] }): [string, ObjectDefinition][] => {
    const fields = custom[name] ?? {};
    return Object.keys(fields).length === 0 ? [] : [[name, { type: 'object', description, owner, pii, retentionDays, purposes, fields }]];
  }));
}

/** A field of an own entity is listed under it, wherever events carry it. */
export function asOwn(field: DictionaryField, own: Record<string, ObjectDefinition>): DictionaryField {
  const entity = Object.keys(own).find((name) => field.path.startsWith(`${customEntityPath(name)}.`));
  return entity === undefined ? field : { ...field, entity, name: field.path.slice(customEntityPath(entity).length + 1) };
}

/** The built-in entities, then the workspace's own. */
export function listEntities(own: readonly CustomEntity[]): DictionaryEntity[] {
  return [...ENTITIES.map((name) => ({ name, description: ENTITY_DESCRIPTIONS[name], isCustom: false })), ...own.map(({ name, description }) => ({ name, description, isCustom: true }))];
}

/** The standard events, then the workspace's own. */
export function listEvents(own: readonly CustomEvent[]): DictionaryEvent[] {
  const standard = STANDARD_EVENTS.map((name): DictionaryEvent => ({ name, description: 'As in the Segment spec.', owner: 'any', pii: 'pseudonymous', retentionDays: null, purposes: [], fields: [], isCustom: false }));
  return [...standard, ...own.map(({ name, description, owner = 'any', pii = 'personal', retentionDays = null, purposes = [], fields = [], example }): DictionaryEvent => (
    { name, description, owner, pii, retentionDays, purposes, fields, ...(example === undefined ? {} : { example }), isCustom: true }))];
}
