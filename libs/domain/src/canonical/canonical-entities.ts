import type { ORDER_FIELDS, PRODUCT_FIELDS, STORE_FIELDS } from './commerce-fields.js';
import type { CONTEXT_FIELDS } from './context-fields.js';
import type { EntityOf } from './entity-schema.js';
import type { PROPERTY_FIELDS } from './event-fields.js';
import type { PROFILE_FIELDS } from './profile-fields.js';

/** The built-in profile fields, typed. */
export type CanonicalProfile = EntityOf<typeof PROFILE_FIELDS>;
/** The built-in event properties, typed. */
export type CanonicalProperties = EntityOf<typeof PROPERTY_FIELDS>;
/** The built-in context of an event, typed. */
export type CanonicalContext = EntityOf<typeof CONTEXT_FIELDS>;
/** An order with its lines, typed. */
export type CanonicalOrder = EntityOf<typeof ORDER_FIELDS>;
/** A product, typed. */
export type CanonicalProduct = EntityOf<typeof PRODUCT_FIELDS>;
/** A store, typed. */
export type CanonicalStore = EntityOf<typeof STORE_FIELDS>;
