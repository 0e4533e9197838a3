import type { MappingPart } from '@firsthand/plugin-sdk';

/**
 * How a change was made, as HubSpot tells: `CRM_UI`, `IMPORT`, `FORM` and the like; `INTEGRATION` with the id of the app, or `OWN_INTEGRATION` where it is the app that
 * the webhook is of. A hint, not a proof: an app may write what others gave it. Ids of users are left out.
 */
export const originOfChange: MappingPart = {
  'properties.method': { $when: '{{and (eq changeSource "INTEGRATION") appId (eq sourceId appId)}}', value: { $const: 'OWN_INTEGRATION' }, else: '{{changeSource}}' },
  'context.app.namespace': { $when: '{{eq changeSource "INTEGRATION"}}', value: '{{sourceId}}' },
};
