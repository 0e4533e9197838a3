import type { MappingPart } from '@firsthand/plugin-sdk';

/** A property of HubSpot's contact, the profile field it fills, and how its value (at `path`) is read. */
interface ContactProperty {
  property: string;
  field: string;
  read(path: string, country: string): string;
}

const asIs = (path: string): string => `{{${path}}}`;

const PROPERTIES: readonly ContactProperty[] = [
  { property: 'email', field: 'email', read: asIs },
  { property: 'firstname', field: 'firstName', read: asIs },
  { property: 'lastname', field: 'lastName', read: asIs },
  // A number that cannot be read stays as it is, so that it is flagged and not silently lost.
  { property: 'phone', field: 'phone', read: (path, country) => `{{default (e164 ${path} (country ${country})) ${path}}}` },
  { property: 'salutation', field: 'title', read: asIs },
  { property: 'address', field: 'street', read: asIs },
  { property: 'city', field: 'city', read: asIs },
  { property: 'state', field: 'region', read: asIs },
  { property: 'zip', field: 'postalCode', read: asIs },
  { property: 'country', field: 'country', read: (path) => `{{default (country ${path}) ${path}}}` },
  { property: 'company', field: 'company', read: asIs },
  { property: 'jobtitle', field: 'jobTitle', read: asIs },
  { property: 'website', field: 'website', read: asIs },
  { property: 'hs_language', field: 'language', read: asIs },
  { property: 'lifecyclestage', field: 'lifecycleStage', read: asIs },
];

/** HubSpot's mark of someone who opted out of all its emails. */
const OPT_OUT = 'hs_email_optout';

/** What the default mappings read of a contact. */
export const CONTACT_PROPERTIES: readonly string[] = [
  ...PROPERTIES.map(({ property }) => property), OPT_OUT, 'lastmodifieddate', 'hs_object_id', 'hs_additional_emails', 'hs_merged_object_ids',
];

/**
 * Who a contact is: its id and emails, with those of contacts merged into it. The phone is none of them: HubSpot lets many contacts have one number (a company's),
 * and a shared identity would melt them into one person. `contact` is the path of the contact: `contact.`, or empty for the record itself.
 */
export function contactIdentities(contact: string): MappingPart {
  return {
    'identities.crmId': `{{split (concat ${contact}id ";" ${contact}properties.hs_merged_object_ids) ";"}}`,
    'identities.email': `{{split (concat ${contact}properties.email ";" ${contact}properties.hs_additional_emails) ";"}}`,
  };
}

/** What HubSpot knows of a contact. An opt-out is a withdrawal; the absence of one grants nothing. */
export function contactProfile(contact: string): MappingPart {
  const fields = PROPERTIES.map(({ property, field, read }) => [`profile.${field}`, read(`${contact}properties.${property}`, `${contact}properties.country`)]);
  return {
    ...(Object.fromEntries(fields) as Record<string, string>),
    'consents.emailMarketing': { $when: `{{eq ${contact}properties.${OPT_OUT} "true"}}`, value: { $const: false } },
  };
}

/** One part per property: the event itself says what it changed to, and empty means that it was cleared. */
export function changedProperty(condition: string): MappingPart[] {
  const parts = PROPERTIES.map(({ property, field, read }): MappingPart => ({
    $when: `{{and ${condition} (eq propertyName "${property}")}}`,
    [`profile.${field}`]: { $when: '{{propertyValue}}', value: read('propertyValue', 'contact.properties.country'), else: { $const: null } },
  }));
  return [...parts, {
    $when: `{{and ${condition} (eq propertyName "${OPT_OUT}") (eq propertyValue "true")}}`,
    'consents.emailMarketing': { $const: false },
  }];
}
