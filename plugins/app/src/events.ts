import { defineSource, SEGMENT_SPEC_EVENTS, segmentSettings, segmentSpecMapping, trackingApi } from '@firsthand/plugin-sdk';
import { applicationOpened } from './fixtures/application-opened.js';

/** Everything that a mobile SDK of Segment or RudderStack sends. */
export const events = defineSource(segmentSettings, {
  label: 'App events',
  description: 'Screens, lifecycle, product and order events, sign-ins and traits from the tracking API.',
  emits: SEGMENT_SPEC_EVENTS,
  trigger: trackingApi(),
  mapping: segmentSpecMapping,
  sample: applicationOpened,
});
