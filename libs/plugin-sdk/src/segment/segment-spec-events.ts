import { STANDARD_EVENTS } from '@firsthand/domain';

/**
 * The event names of the Segment spec that this mapping can give: ecommerce v2, mobile lifecycle, consent, and the calls that have no event name.
 *
 * @example defineSource({ emits: SEGMENT_SPEC_EVENTS, … })
 */
export const SEGMENT_SPEC_EVENTS: readonly string[] = STANDARD_EVENTS;
