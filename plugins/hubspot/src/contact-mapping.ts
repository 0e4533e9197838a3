import type { MappingPart, MappingValue } from '@firsthand/plugin-sdk';
import { CONTACT_FIELDS, OPT_OUT } from './contact-properties.js';
import { crmIds } from './record-id.js';

/**
 * Who a contact is: its id and emails, with those of contacts merged into it. The phone is none of them: HubSpot lets many contacts have one number (a company's),
 * and a shared identity would melt them into one person. `contact` is the path of the contact: `contact.`, or empty for the record itself. `furtherIds` are paths of ids that
 * the record itself names.
 */
export function contactIdentities(contact: string, furtherIds: readonly string[] = []): MappingPart {
  const ids = [`${contact}id`, `${contact}properties.hs_merged_object_ids`, ...furtherIds];
  return {
    'identities.crmId': crmIds(`(split (concat ${ids.join(' ";" ')}) ";")`),
    'identities.email': `{{split (concat ${contact}properties.email ";" ${contact}properties.hs_additional_emails) ";"}}`,
  };
}

/**
 * What HubSpot says of a contact: all that it has; where the record says which properties are `changed` (see `changeList`), these alone, and null for one that was emptied.
 * An opt-out is a withdrawal; the absence of one grants nothing.
 */
export function contactProfile(contact: string): MappingPart {
  const fields = CONTACT_FIELDS.map(({ property, field, read }): [string, MappingValue] => {
    const path = `${contact}properties.${property}`;
    return [`profile.${field}`, {
      $when: `{{${path}}}`,
      value: { $when: `{{${isTold(property)}}}`, value: read(path, `${contact}properties.country`) },
      else: { $when: `{{contains changed ";${property};"}}`, value: { $const: null } },
    }];
  });
  return {
    ...Object.fromEntries(fields),
    'consents.emailMarketing': { $when: `{{and (eq ${contact}properties.${OPT_OUT} "true") (${isTold(OPT_OUT)})}}`, value: { $const: false } },
  };
}

function isTold(property: string): string {
  return `or (not changed) (contains changed ";${property};")`;
}

/** One part per property: the event itself says what it changed to, and empty means that it was cleared. */
export function changedProperty(condition: string): MappingPart[] {
  const parts = CONTACT_FIELDS.map(({ property, field, read }): MappingPart => ({
    $when: `{{and ${condition} (eq propertyName "${property}")}}`,
    [`profile.${field}`]: { $when: '{{propertyValue}}', value: read('propertyValue', 'contact.properties.country'), else: { $const: null } },
  }));
  return [...parts, {
    $when: `{{and ${condition} (eq propertyName "${OPT_OUT}") (eq propertyValue "true")}}`,
    'consents.emailMarketing': { $const: false },
  }];
}
