import type { z } from 'zod';
import type { FieldMetadata, OwnerChannel, PiiClass } from './field-definition.js';
import type { ScalarType } from './field-types.js';
import type { ObjectReader } from './object-reader.js';

/** The entities of the canonical schema, in reading order. */
export const ENTITIES = ['profile', 'identity', 'event', 'order', 'product', 'store', 'consent'] as const;
export type Entity = (typeof ENTITIES)[number];

/** An entity as the dictionary lists it. */
export interface DictionaryEntity {
  name: string;
  description: string;
  isCustom: boolean;
}

/** An event as the dictionary lists it. */
export interface DictionaryEvent {
  name: string;
  description: string;
  owner: OwnerChannel;
  pii: PiiClass;
  /** After how many days its events end, whatever purposes say of what they carry; null where only those count. */
  retentionDays: number | null;
  purposes: readonly string[];
  /** Paths of what it carries, where that was said. */
  fields: readonly string[];
  example?: unknown;
  isCustom: boolean;
}

/**
 * What becomes of a stored value of a profile field whose name or type was changed: it is read anew by what the dictionary has now, it goes where it does not fit, or it moves to the
 * field's new name.
 */
export type FieldSettlement = { action: 'convert' } | { action: 'drop' } | { action: 'move'; to: string };

/** One field as the dictionary lists it. */
export interface DictionaryField extends FieldMetadata {
  /** A built-in one, or one of the workspace's own. */
  entity: string;
  /** Name within its entity, e.g. `email`, `properties.price`, `lines.sku`, `custom.shoeSize`. */
  name: string;
  /** Path in a canonical record: what mappings, segments and purposes name, e.g. `profile.email`, `order.lines.sku`. */
  path: string;
  type: ScalarType | 'object' | 'objects';
  example?: unknown;
  values?: readonly string[];
  isCustom: boolean;
  /** Whether a source mapping may fill it. */
  isTarget: boolean;
}

/** The parts of a canonical record that hold dictionary fields. */
export type RecordSection = 'profile' | 'properties' | 'context' | 'order' | 'product' | 'store';

/** The canonical schema of one workspace: the built-in fields and its own. Immutable; made by `createDictionary`. */
export interface Dictionary {
  /** The built-in entities, then the workspace's own. */
  readonly entities: readonly DictionaryEntity[];
  /** The standard events, then the workspace's own. */
  readonly events: readonly DictionaryEvent[];
  /** Whether it is an event of the workspace's own. */
  isOwnEvent(name: string): boolean;
  /** By canonical name of a profile field, e.g. `custom.shoeSize`, older changes first. */
  readonly settlements: ReadonlyMap<string, FieldSettlement>;
  /** Every field, by entity, objects before their fields. */
  readonly fields: readonly DictionaryField[];
  /** The field at a path, e.g. `profile.email`. */
  field(path: string): DictionaryField | undefined;
  /** Whether a source mapping may fill a path: a field, an object or a part of one, an identity namespace, a consent key. */
  isTarget(path: string): boolean;
  /** Every fixed target, for completion in an editor. `consents.<purpose>` is open and stands there as `consents.*`. */
  readonly targets: readonly string[];
  /** The Zod schema of each entity; metadata included. */
  readonly schemas: Readonly<Record<Entity, z.ZodType>> & Readonly<Record<string, z.ZodType | undefined>>;
  /** The compiled readers that `canonicalise` runs. */
  readonly readers: Readonly<Record<RecordSection, ObjectReader>>;
}
