import { defineSource, SEGMENT_SPEC_EVENTS, segmentSettings, segmentSpecMapping, trackingApi } from '@firsthand/plugin-sdk';
import { orderCompleted } from './fixtures/order-completed.js';

/** Everything that analytics.js or RudderStack's JavaScript SDK sends from a page. */
export const events = defineSource(segmentSettings, {
  label: 'Website events',
  description: 'Page views, product and order events, sign-ins and traits from the tracking API.',
  emits: SEGMENT_SPEC_EVENTS,
  trigger: trackingApi(),
  mapping: segmentSpecMapping,
  sample: orderCompleted,
});
