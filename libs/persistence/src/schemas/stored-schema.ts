import mongoose, { type Schema, type SchemaDefinition } from 'mongoose';

/** A field whose keys are the customer's own: mongoose leaves it as it is. */
export const OPEN = { type: mongoose.Schema.Types.Mixed, required: true } as const;
/** Like {@link OPEN}, of what may not be there. */
export const OPTIONAL = { type: mongoose.Schema.Types.Mixed } as const;
export const TEXT = { type: String, required: true } as const;
export const NUMBER = { type: Number, required: true } as const;
export const FLAG = { type: Boolean, required: true } as const;
export const NULLABLE_TEXT = { type: String, default: null } as const;
export const NULLABLE_NUMBER = { type: Number, default: null } as const;

type IndexFields = Record<string, 1 | -1>;

/** One index: its fields in order, and what sets it apart. */
export interface StoredIndex {
  fields: IndexFields;
  unique?: boolean;
  /** Only documents that match are in it. */
  partial?: Record<string, unknown>;
  /** Documents are deleted this long after the date in the field. */
  expireAfterSeconds?: number;
}

/**
 * The schema of one collection: the fields that every stored document has (`_id` begins with `workspaceId|`), its own, and its indexes.
 * Defaults and casts are mongoose's; hot paths write through the bare driver and meet the same fields as types.
 */
export function storedSchema(fields: SchemaDefinition, indexes: readonly StoredIndex[] = []): Schema {
  return installationSchema({ workspaceId: TEXT, ...fields }, indexes);
}

/** The same of what belongs to no workspace: who signs in has not said which one yet. */
export function installationSchema(fields: SchemaDefinition, indexes: readonly StoredIndex[]): Schema {
  const schema = new mongoose.Schema(
    { _id: TEXT, schemaVersion: { ...NUMBER, default: 1 }, ...fields },
    { versionKey: false, minimize: false, id: false, autoIndex: false, autoCreate: false },
  );
  for (const { fields: indexed, unique, partial, expireAfterSeconds } of indexes) {
    schema.index(indexed, {
      ...(unique === undefined ? {} : { unique }),
      ...(partial === undefined ? {} : { partialFilterExpression: partial }),
      ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds }),
    });
  }
  return schema;
}
