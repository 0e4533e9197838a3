import type { MappingPart } from '@firsthand/plugin-sdk';
import { identityTargets } from './identity-targets.js';

const IS_GRANT = 'eq (lower body.consent.state) "subscribed"';
const DECIDED = 'body.consent.consent_updated_at';
/** When a yes counts from: its own moment, else the customer's first day. Never the change of the customer that repeats it. */
const GRANTED_AT = `default (date ${DECIDED}) (date body.created_at)`;
/** When a no counts from: its own moment, else the change that tells of it. */
const REFUSED_AT = `default (date ${DECIDED}) (date body.updated_at) (date triggeredAt)`;

/**
 * One marketing consent with the moment it was given. A yes without any moment that can be read decides nothing: it would count as of now, newer than a withdrawal in another channel that it may be
 * older than. A no without one counts from now. A no that is told again with no moment of its own is told anew: between the two the person may have agreed.
 *
 * @example consentPart('emailConsent', 'emailMarketing')
 */
export function consentPart(kind: string, purpose: string): MappingPart {
  return {
    $when: `{{eq kind "${kind}"}}`,
    type: { $const: 'track' },
    name: { $const: 'Marketing Consent Updated' },
    messageId: {
      $when: `{{${IS_GRANT}}}`,
      value: `{{concat "${kind}:" body.id ":" body.consent.state ":" (default ${DECIDED} body.created_at)}}`,
      else: { $when: `{{${REFUSED_AT}}}`, value: `{{concat "${kind}:" body.id ":" body.consent.state ":" (${REFUSED_AT})}}` },
    },
    occurredAt: { $when: `{{${IS_GRANT}}}`, value: `{{${GRANTED_AT}}}`, else: `{{${REFUSED_AT}}}` },
    ...identityTargets({ at: 'body', customer: 'body' }),
    [`consents.${purpose}`]: {
      $when: `{{or (not (${IS_GRANT})) (${GRANTED_AT})}}`,
      value: '{{map (lower body.consent.state) "subscribed" true "unsubscribed" false "redacted" false}}',
    },
    'properties.method': { $const: kind === 'smsConsent' ? 'sms' : 'email' },
    'properties.status': '{{body.consent.state}}',
  };
}
