import type { MappingPart } from '@firsthand/domain';
import { segmentContextTargets } from './segment-context-targets.js';
import { segmentProfileTargets } from './segment-profile-targets.js';
import { segmentLifecycleTargets, segmentOrderTargets, segmentPropertyTargets } from './segment-property-targets.js';

const IS_LIFECYCLE = 'and (eq type "track") (eq (slice event 0 12) "Application ")';
const HAS_PROPERTIES = `{{and (not (${IS_LIFECYCLE})) (or (eq type "track") (eq type "page") (eq type "screen"))}}`;
const IS_ORDER = '{{and (eq type "track") (or (eq event "Order Completed") (eq event "Order Updated") (eq event "Order Refunded") (eq event "Order Cancelled"))}}';

/** The new and the old user id as a list. No id holds a line break, so it divides them. */
const BOTH_USER_IDS = '{{split (concat userId "\n" previousId) "\n"}}';

/** A phone number that cannot be read stays as it came, so that it is flagged and not silently lost. */
function phone(expression: string): string {
  return `{{default (e164 ${expression} @settings.country) ${expression}}}`;
}

/** What every call has. Traits inside the context name the person on any call; the traits of a group call are the group's. */
const everyCall: MappingPart = {
  type: '{{type}}',
  // The other calls have no name of their own; the name of a page or screen ends among its properties.
  name: '{{map type "track" event "page" name "screen" name}}',
  messageId: '{{messageId}}',
  occurredAt: '{{default timestamp receivedAt}}',
  'identities.userId': '{{userId}}',
  'identities.anonymousId': '{{anonymousId}}',
  'identities.email': '{{context.traits.email}}',
  'identities.phone': phone('context.traits.phone'),
  'identities.deviceId': '{{context.device.id}}',
  consents: '{{default context.consent.categoryPreferences (choices context.consentManagement.allowedConsentIds context.consentManagement.deniedConsentIds)}}',
  ...segmentContextTargets,
};

/** Advertising ids count only while the person lets the device be tracked. */
const advertisingIds: MappingPart = {
  $when: '{{eq context.device.adTrackingEnabled true}}',
  'identities.idfa': { $when: '{{eq (lower context.device.type) "ios"}}', value: '{{context.device.advertisingId}}' },
  'identities.gaid': { $when: '{{eq (lower context.device.type) "android"}}', value: '{{context.device.advertisingId}}' },
};

/**
 * The mapping of the Segment spec: track, identify, page, screen, group and alias, as Segment's and RudderStack's SDKs send them.
 * Input is one message as the tracking API hands it over. Reads `@settings.currency` for amounts whose event names no currency, and
 * `@settings.country` for phone numbers without a country code: see `segmentSettings`.
 *
 * Profile fields are taken from identify calls only: RudderStack's SDKs repeat stored traits on every event, and such an old value would
 * look newer than what the CRM has said since.
 *
 * Sources: Segment "Spec" (common fields, identify, ecommerce v2, page, screen, group, alias) and "Consent Management" (consent object);
 * RudderStack "Passing consent" (consentManagement object).
 *
 * @example defineSource({ trigger: { kind: 'trackingApi' }, mapping: segmentSpecMapping, … })
 */
export const segmentSpecMapping: MappingPart[] = [
  everyCall,
  advertisingIds,
  {
    $when: '{{eq type "identify"}}',
    'identities.email': '{{default traits.email context.traits.email}}',
    'identities.phone': phone('(default traits.phone context.traits.phone)'),
    ...segmentProfileTargets,
    'profile.phone': phone('(default traits.phone context.traits.phone)'),
  },
  { $when: HAS_PROPERTIES, ...segmentPropertyTargets },
  { $when: '{{eq type "page"}}', 'properties.title': '{{default properties.title name}}' },
  { $when: '{{eq type "screen"}}', 'properties.screenName': '{{default name properties.name}}' },
  // The app's version stands under a name that could be anything's, and its build in the context as well.
  { $when: `{{${IS_LIFECYCLE}}}`, ...segmentLifecycleTargets },
  { $when: IS_ORDER, ...segmentOrderTargets },
  {
    $when: '{{eq type "group"}}',
    'properties.groupId': '{{groupId}}',
    'properties.groupName': '{{traits.name}}',
    'profile.groupId': '{{groupId}}',
  },
  // An alias does not say whether the old id was a browser's or a user's. Beside an anonymousId it differs from, it is a user's; alone it may be either.
  { $when: '{{and (eq type "alias") previousId (not anonymousId)}}', 'identities.anonymousId': '{{previousId}}' },
  { $when: '{{and (eq type "alias") previousId (neq previousId anonymousId)}}', 'identities.userId': BOTH_USER_IDS },
];
