import type { Connection, Schema } from 'mongoose';
import { AUDIT_SCHEMAS } from './audit-schemas.js';
import { CONFIGURATION_SCHEMAS } from './configuration-schemas.js';
import { CONSENT_SCHEMAS } from './consent-schemas.js';
import { DELIVERY_SCHEMAS } from './delivery-schemas.js';
import { EVENT_SCHEMAS } from './event-schemas.js';
import { EXPORT_SCHEMAS } from './export-schemas.js';
import { PERSON_SCHEMAS } from './person-schemas.js';
import { QUALITY_SCHEMAS } from './quality-schemas.js';
import { RECONCILE_SCHEMAS } from './reconcile-schemas.js';
import { SEGMENT_SCHEMAS } from './segment-schemas.js';

/** Makes a model of every collection known to the connection; the model has the collection's name. */
export function registerModels(connection: Connection): void {
  const schemas: Record<string, Schema> = { ...EVENT_SCHEMAS, ...PERSON_SCHEMAS, ...CONSENT_SCHEMAS, ...DELIVERY_SCHEMAS, ...SEGMENT_SCHEMAS, ...QUALITY_SCHEMAS, ...RECONCILE_SCHEMAS, ...EXPORT_SCHEMAS, ...AUDIT_SCHEMAS, ...CONFIGURATION_SCHEMAS };
  for (const [name, schema] of Object.entries(schemas)) connection.model(name, schema, name);
}
