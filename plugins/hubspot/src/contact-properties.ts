import type { JsonValue } from '@firsthand/plugin-sdk';

/** A property of HubSpot's contact that HubSpot has by default, and the profile field it stands for; the destination's field has the same name. */
export interface ContactProperty {
  property: string;
  field: string;
  /** The template that reads its value at `path`. */
  read(path: string, country: string): string;
  /** The value as HubSpot takes it; as it is where left out. */
  write?(value: JsonValue): JsonValue;
}

const asIs = (path: string): string => `{{${path}}}`;

/** HubSpot's options for languages are BCP 47 in lower case, e.g. `zh-cn`. */
const inLowerCase = (value: JsonValue): JsonValue => (typeof value === 'string' ? value.toLowerCase() : value);

/** What both directions know of a contact, one line each. */
export const CONTACT_FIELDS: readonly ContactProperty[] = [
  { property: 'email', field: 'email', read: asIs },
  { property: 'firstname', field: 'firstName', read: asIs },
  { property: 'lastname', field: 'lastName', read: asIs },
  // A number that cannot be read stays as it is, so that it is flagged and not silently lost.
  { property: 'phone', field: 'phone', read: (path, country) => `{{default (e164 ${path} (country ${country})) ${path}}}` },
  { property: 'salutation', field: 'title', read: asIs },
  { property: 'gender', field: 'gender', read: (path) => `{{lower ${path}}}` },
  { property: 'date_of_birth', field: 'birthday', read: asIs },
  { property: 'address', field: 'street', read: asIs },
  { property: 'city', field: 'city', read: asIs },
  { property: 'state', field: 'region', read: asIs },
  { property: 'zip', field: 'postalCode', read: asIs },
  { property: 'country', field: 'country', read: (path) => `{{default (country ${path}) ${path}}}` },
  { property: 'company', field: 'company', read: asIs },
  { property: 'jobtitle', field: 'jobTitle', read: asIs },
  { property: 'website', field: 'website', read: asIs },
  { property: 'hs_language', field: 'language', read: asIs, write: inLowerCase },
  { property: 'lifecyclestage', field: 'lifecycleStage', read: asIs },
];

/** HubSpot's mark of someone who opted out of all its emails. */
export const OPT_OUT = 'hs_email_optout';

/** By what a contact is known: further emails, and the ids of contacts that were merged into it. */
export const NAMING_PROPERTIES: readonly string[] = ['email', 'hs_additional_emails', 'hs_merged_object_ids'];

/** What people say of a contact, each with a time of its own in HubSpot's history. */
export const TOLD_PROPERTIES: readonly string[] = [...CONTACT_FIELDS.map(({ property }) => property), OPT_OUT];

/** What the default mappings read of a contact. */
export const CONTACT_PROPERTIES: readonly string[] = [...new Set([...TOLD_PROPERTIES, ...NAMING_PROPERTIES, 'lastmodifieddate', 'hs_object_id'])];
