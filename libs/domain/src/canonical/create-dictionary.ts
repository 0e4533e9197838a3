import { z } from 'zod';
import { NAMESPACES } from '../identity/namespaces.js';
import { ORDER_FIELDS, PRODUCT_FIELDS, STORE_FIELDS } from './commerce-fields.js';
import { CONSENT_FIELDS } from './consent-fields.js';
import { CONTEXT_FIELDS } from './context-fields.js';
import { checkCustomEntities, type CustomEntity, type CustomEvent } from './custom-entity.js';
import { groupCustomFields, type CustomField } from './custom-field.js';
import { PROOF_TARGETS } from './consent-proof.js';
import type { Dictionary, DictionaryField, Entity, FieldSettlement } from './dictionary.js';
import { entitySchema } from './entity-schema.js';
import { EVENT_FIELDS, PROPERTY_FIELDS } from './event-fields.js';
import { defineFields, type FieldDefinitions, type ScalarDefinition } from './field-definition.js';
import { objectReader } from './object-reader.js';
import { asOwn, listEntities, listEvents, ownEntities } from './own-entities.js';
import { PROFILE_FIELDS } from './profile-fields.js';
import { isSafeKey } from './safe-key.js';

const CONSENT_KEY = /^[A-Za-z0-9][A-Za-z0-9_:-]{0,63}$/;

/** Identities as fields: one per namespace. */
const IDENTITY_FIELDS: FieldDefinitions = defineFields(
  { owner: 'any', pii: 'personal', retentionDays: null, purposes: ['service', 'analytics', 'marketing', 'advertising'] },
  Object.fromEntries(
    [...NAMESPACES.values()].map(({ name, description, example, isDevice }) => [name, { type: 'string' as const, description, example, pii: isDevice || name.endsWith('id') ? 'pseudonymous' as const : 'personal' as const }]),
  ),
);

/** What a workspace adds to the built-in dictionary, and what became of stored values of what it has changed. */
export interface OwnVocabulary {
  customFields?: readonly CustomField[];
  customEntities?: readonly CustomEntity[];
  customEvents?: readonly CustomEvent[];
  settlements?: ReadonlyMap<string, FieldSettlement>;
}

interface Group {
  entity: Entity;
  /** Where the fields stand in a canonical record. */
  path: string;
  /** What their names within the entity begin with. */
  name: string;
  fields: FieldDefinitions;
  isTarget: boolean;
}

/**
 * Builds the dictionary of a workspace from the built-in fields and its own fields, entities and events. Takes a few ms: build it once per configuration.
 *
 * @throws FirsthandError `INVALID_REQUEST` when a custom field or entity is wrong; `places` names it by its index.
 * @example createDictionary({ customFields: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' }] }).isTarget('profile.custom.shoeSize') // true
 */
export function createDictionary({ customFields = [], customEntities = [], customEvents = [], settlements = new Map() }: OwnVocabulary = {}): Dictionary {
  checkCustomEntities(customEntities);
  const custom = groupCustomFields(customFields, customEntities);
  const own = ownEntities(customEntities, custom);
  const sections = {
    // Profile fields are folded one by one, so custom ones lie flat among them.
    profile: { ...PROFILE_FIELDS, ...Object.fromEntries(Object.entries(custom.profile).map(([name, field]) => [`custom.${name}`, field])) } as FieldDefinitions,
    properties: withCustom(PROPERTY_FIELDS, { ...custom.event, ...own }),
    context: CONTEXT_FIELDS as FieldDefinitions,
    order: withCustom(ORDER_FIELDS, custom.order),
    product: withCustom(PRODUCT_FIELDS, custom.product),
    store: withCustom(STORE_FIELDS, custom.store),
  };
  const groups: Group[] = [
    { entity: 'profile', path: 'profile', name: '', fields: sections.profile, isTarget: true },
    { entity: 'identity', path: 'identities', name: '', fields: IDENTITY_FIELDS, isTarget: true },
    { entity: 'event', path: '', name: '', fields: EVENT_FIELDS, isTarget: true },
    { entity: 'event', path: 'properties', name: 'properties', fields: sections.properties, isTarget: true },
    { entity: 'event', path: 'context', name: 'context', fields: sections.context, isTarget: true },
    { entity: 'order', path: 'order', name: '', fields: sections.order, isTarget: true },
    { entity: 'product', path: 'product', name: '', fields: sections.product, isTarget: true },
    { entity: 'store', path: 'store', name: '', fields: sections.store, isTarget: true },
    { entity: 'consent', path: 'consent', name: '', fields: CONSENT_FIELDS, isTarget: false },
  ];
  const fields = groups.flatMap((group) => listFields(group)).map((field) => asOwn(field, own));
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const targets = targetPaths(groups, fields);
  const ownEvents = new Set(customEvents.map(({ name }) => name));
  return {
    entities: listEntities(customEntities), events: listEvents(customEvents), isOwnEvent: (name) => ownEvents.has(name), settlements,
    fields,
    field: (path) => byPath.get(path),
    targets: [...targets, 'consents.*', ...PROOF_TARGETS],
    isTarget: (path) => targets.has(path) || PROOF_TARGETS.includes(path) || (path.startsWith('consents.') && isConsentKey(path.slice('consents.'.length))),
    schemas: { ...Object.fromEntries(Object.entries(own).map(([name, definition]) => [name, entitySchema(definition.fields)])), ...entitySchemas(sections) },
    readers: {
      profile: profileReader(sections.profile, custom.profile),
      properties: objectReader(sections.properties, 'properties'),
      context: objectReader(sections.context, 'context'),
      order: objectReader(sections.order, 'order'),
      product: objectReader(sections.product, 'product'),
      store: objectReader(sections.store, 'store'),
    },
  };
}

/** Whether a text can be the key of a consent: the key of a purpose, or of a category of a consent tool. */
export function isConsentKey(key: string): boolean {
  return CONSENT_KEY.test(key) && isSafeKey(key);
}

function withCustom(fields: FieldDefinitions, custom: FieldDefinitions): FieldDefinitions {
  if (Object.keys(custom).length === 0) return fields;
  const metadata = { description: "The workspace's own fields.", owner: 'any', pii: 'personal', retentionDays: null, purposes: [] } as const;
  return { ...fields, custom: { ...metadata, type: 'object', fields: custom } };
}

/** Takes custom fields nested (`profile.custom.x`, as mappings write them) and flat. */
function profileReader(fields: FieldDefinitions, custom: Record<string, ScalarDefinition>): Dictionary['readers']['profile'] {
  const read = objectReader(fields, 'profile', true);
  const readCustom = objectReader(custom, 'profile.custom', true);
  return (value, issues) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, 'custom')) return read(value, issues);
    const { custom: nested, ...plain } = value;
    const out = read(plain, issues) ?? {};
    for (const [name, field] of Object.entries(readCustom(nested ?? {}, issues) ?? {})) out[`custom.${name}`] = field;
    return out;
  };
}

function listFields(group: Group): DictionaryField[] {
  return Object.entries(group.fields).flatMap(([key, definition]): DictionaryField[] => {
    const path = group.path === '' ? key : `${group.path}.${key}`;
    const name = group.name === '' ? key : `${group.name}.${key}`;
    const { description, owner, pii, retentionDays, purposes } = definition;
    const listed: DictionaryField = {
      entity: group.entity, name, path, type: definition.type, description, owner, pii, retentionDays, purposes,
      isCustom: /(?:^|\.)custom(?:\.|$)/.test(path), isTarget: group.isTarget,
    };
    if ('fields' in definition) return [listed, ...listFields({ ...group, path, name, fields: definition.fields })];
    return [{ ...listed, example: definition.example, ...(definition.values === undefined ? {} : { values: definition.values }) }];
  });
}

function targetPaths(groups: readonly Group[], fields: readonly DictionaryField[]): Set<string> {
  const roots = groups.filter(({ isTarget, path }) => isTarget && path !== '').map(({ path }) => path);
  const paths = fields.filter(({ isTarget }) => isTarget).flatMap(({ path, type }) => (type === 'money' ? [path, `${path}.amountMinor`, `${path}.currency`] : [path]));
  const customRoots = fields.some(({ path }) => path.startsWith('profile.custom.')) ? ['profile.custom'] : [];
  return new Set([...roots, 'consents', 'consentProof', ...customRoots, ...paths]);
}

function entitySchemas(sections: Record<'profile' | 'properties' | 'context' | 'order' | 'product' | 'store', FieldDefinitions>): Dictionary['schemas'] {
  const [order, product, store] = [entitySchema(sections.order), entitySchema(sections.product), entitySchema(sections.store)];
  const parts = { properties: entitySchema(sections.properties).optional(), context: entitySchema(sections.context).optional() };
  const event = z.strictObject({ ...schemaShape(EVENT_FIELDS), ...parts, order: order.optional(), product: product.optional(), store: store.optional() });
  return {
    profile: entitySchema(sections.profile), identity: entitySchema(IDENTITY_FIELDS), event, order, product, store, consent: entitySchema(CONSENT_FIELDS),
  };
}

function schemaShape(fields: FieldDefinitions): z.ZodRawShape {
  return (entitySchema(fields) as unknown as z.ZodObject).shape;
}
