import type { MappingPart } from '@firsthand/plugin-sdk';
import { phone } from './identity-targets.js';

/**
 * Profile fields of a customer, which stands at a path of the raw record.
 *
 * @example customerTargets('body.customer')
 */
export function customerTargets(at: string): MappingPart {
  return {
    'profile.email': `{{${at}.email}}`,
    'profile.phone': phone(`${at}.phone`),
    'profile.firstName': `{{${at}.first_name}}`,
    'profile.lastName': `{{${at}.last_name}}`,
    'profile.language': `{{${at}.locale}}`,
    'profile.street': `{{${at}.default_address.address1}}`,
    'profile.city': `{{${at}.default_address.city}}`,
    'profile.region': `{{${at}.default_address.province}}`,
    'profile.postalCode': `{{${at}.default_address.zip}}`,
    'profile.country': `{{default ${at}.default_address.country_code ${at}.default_address.country}}`,
    'profile.company': `{{${at}.default_address.company}}`,
    'profile.tags': { $when: `{{${at}.tags}}`, value: `{{split ${at}.tags ","}}` },
  };
}
