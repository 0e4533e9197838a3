import { CONSENT_SECTIONS } from './sections/consent-sections.js';
import { DELIVERY_SECTIONS } from './sections/delivery-sections.js';
import { EVENT_SECTIONS } from './sections/event-sections.js';
import { FLOW_SECTIONS } from './sections/flow-sections.js';
import { PROFILE_SECTIONS } from './sections/profile-sections.js';
import { QUARANTINE_SECTION } from './sections/quarantine-section.js';

/** All parts of a copy, in their order. A spec holds them equal to the table of where a person is. */
export const EXPORT_SECTIONS = [...PROFILE_SECTIONS, ...CONSENT_SECTIONS, ...DELIVERY_SECTIONS, ...EVENT_SECTIONS, ...FLOW_SECTIONS, QUARANTINE_SECTION] as const;
