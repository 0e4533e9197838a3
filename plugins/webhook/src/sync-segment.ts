import { defineDestination, object, text } from '@firsthand/plugin-sdk';
import { messagesPerCall, postMessages } from './post-messages.js';
import { settings } from './settings.js';

/** Posts who enters and leaves a segment: `{ id, type: 'segment.entered' | 'segment.left', timestamp, data: { identities, segmentId, segmentName } }`. */
export const syncSegment = defineDestination(settings, {
  label: 'Segment membership',
  description: 'Posts who enters and who leaves a segment as signed JSON.',
  accepts: 'membership',
  suggests: { purpose: 'marketing', recipient: 'own' },
  idempotency: 'receiver',
  fields: {
    identities: object('Identities', { required: true, from: '{{identities}}', description: 'Who it is about, by kind of identity.', example: { email: 'ana@example.com' } }),
    segmentId: text('Segment id', { required: true, from: '{{segment.id}}' }),
    segmentName: text('Segment name', { from: '{{segment.name}}' }),
    profile: object('Profile', { description: 'Canonical fields of the person, when the receiver needs them.' }),
  },
  // A removal must name the segment that the person was put in.
  identifiers: ['identities', 'segmentId'],
  maxBatchSize: messagesPerCall,
  addMembers: (context) => postMessages(context, 'segment.entered'),
  removeMembers: (context) => postMessages(context, 'segment.left'),
  erase: (context) => postMessages(context, 'person.removed'),
});
