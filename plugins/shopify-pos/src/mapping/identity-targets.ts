import type { MappingPart, MappingValue } from '@firsthand/plugin-sdk';

/** A phone number that cannot be read stays as it came, so that it is flagged and not silently lost. */
export function phone(path: string): string {
  return `{{default (e164 ${path} @settings.country) ${path}}}`;
}

/** Ids of Shopify are unique within a shop only. */
function customerId(path: string): MappingValue {
  return { $when: `{{${path}}}`, value: `{{concat "shopify:" @settings.shop ":" ${path}}}` };
}

/**
 * The identities of a person, from the order or refund (`at`) and the customer (`customer`), both paths of the raw record.
 *
 * @example identityTargets({ at: 'body', customer: 'body.customer' })
 */
export function identityTargets({ at, customer }: { at: string; customer: string }): MappingPart {
  return {
    'identities.customerId': customerId(`${customer}.id`),
    'identities.email': `{{default ${customer}.email ${at}.email}}`,
    'identities.phone': phone(`(default ${customer}.phone ${at}.phone)`),
    'identities.memberNo': memberNo(at, customer),
  };
}

function memberNo(at: string, customer: string): MappingValue {
  const key = '@settings.memberNoKey';
  const from = (name: string) => `{{and ${key} (eq @settings.memberNoFrom "${name}")}}`;
  return {
    $when: from('noteAttribute'),
    value: { $each: `{{${at}.note_attributes}}`, value: { $when: `{{eq name ${key}}}`, value: '{{trim value}}' } },
    else: {
      $when: from('customerTag'),
      value: {
        $each: `{{split ${customer}.tags ","}}`,
        value: { $when: `{{eq (slice this 0 (size ${key})) ${key}}}`, value: `{{trim (slice this (size ${key}))}}` },
      },
      else: {
        $when: from('metafield'),
        value: { $each: `{{default ${at}.metafields ${customer}.metafields}}`, value: { $when: `{{eq (concat namespace "." key) ${key}}}`, value: '{{value}}' } },
      },
    },
  };
}
