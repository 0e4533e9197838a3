import { defineSource, SEGMENT_SPEC_EVENTS, segmentSpecMapping, trackingApi, type MappingValue } from '@firsthand/plugin-sdk';
import { productViewed } from './fixtures/product-viewed.js';
import { resolveLogins } from './login/resolve-logins.js';
import { settings } from './settings.js';

/** The ids of one type in Segment's `externalIds`. */
function externalId(type: string, id: string): MappingValue {
  return { $each: '{{context.externalIds}}', value: { $when: `{{eq type "${type}"}}`, value: id } };
}

/** What the mini-program itself sends, by the file in `client/`. */
export const clientEvents = defineSource(settings, {
  label: 'Mini-program events',
  description: 'Screens, product and order events and sign-ins of the mini-program, by the client file, over the tracking API.',
  emits: SEGMENT_SPEC_EVENTS,
  trigger: trackingApi(),
  fetch: resolveLogins,
  mapping: [
    ...segmentSpecMapping,
    {
      // An openid means a person within one app only.
      'identities.openid': externalId('openid', '{{concat @settings.appId ":" id}}'),
      'identities.unionid': externalId('unionid', '{{id}}'),
    },
  ],
  sample: productViewed,
});
