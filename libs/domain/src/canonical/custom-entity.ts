import type { ErrorPlace } from '../errors/firsthand-error.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import { ENTITIES } from './dictionary.js';
import type { FieldMetadata } from './field-definition.js';
import { lintFieldName } from './lint-names.js';

/**
 * A kind of thing that a workspace adds, e.g. an appointment. Events carry one as they carry an order; its fields are custom fields whose `entity` is its name, and what is said here
 * holds for each field that does not say it itself.
 */
export interface CustomEntity extends Partial<FieldMetadata> {
  /** lowerCamelCase, e.g. `appointment`. */
  name: string;
  description: string;
  /** Names that are one letter away and mean something else. */
  distinctFrom?: readonly string[];
}

/** An event that a workspace adds: a name that its connections know from then on. Its class and purposes are told; its retention binds, besides those of its fields. */
export interface CustomEvent extends Partial<Pick<FieldMetadata, 'owner' | 'pii' | 'purposes' | 'retentionDays'>> {
  /** Title Case "Object Action", e.g. `Points Redeemed`. */
  name: string;
  description: string;
  /** Dictionary paths that it carries, e.g. `properties.custom.points`. */
  fields?: readonly string[];
  /** Properties as they may look. */
  example?: unknown;
  /** Names that are one letter away and mean something else. */
  distinctFrom?: readonly string[];
}

/** Where the fields of a workspace's own entity stand in a canonical record. */
export function customEntityPath(name: string): string {
  return `properties.custom.${name}`;
}

/**
 * Checks the names of a workspace's own entities.
 *
 * @throws FirsthandError `INVALID_REQUEST`; `places` names each by its index
 * @example checkCustomEntities([{ name: 'appointment', description: 'A visit that was agreed on.' }])
 */
export function checkCustomEntities(entities: readonly CustomEntity[]): void {
  const seen = new Set<string>(ENTITIES);
  const places: ErrorPlace[] = entities.flatMap(({ name }, index) => {
    const message = name.includes('.') ? 'An entity has a plain name.' : (lintFieldName(name) ?? (seen.has(name) ? `"${name}" is there already.` : null));
    seen.add(name);
    return message === null ? [] : [{ path: `/${index}/name`, message }];
  });
  if (places.length > 0) throw new FirsthandError('INVALID_REQUEST', `Custom entities: ${places[0]?.message ?? ''}`, places);
}
