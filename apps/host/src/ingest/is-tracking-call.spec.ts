import fc from 'fast-check';
import { isTrackingCall } from './is-tracking-call.js';
import { TRACKING_CALLS, trackingCallSchemas } from './tracking-call.js';

const text = fc.oneof(fc.constantFrom('', 'u-1', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(200), 'x'.repeat(201), 'x'.repeat(1_000), 'x'.repeat(1_001)), fc.string());
const value = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.constantFrom<unknown>(null, undefined, 0, 5, 1e308, Infinity, true, [], {}, ['a'], { email: 'a@example.com' }, { email: '' }, { phone: 5 }, { externalIds: [{ id: 1 }] }, { externalIds: [] }, { traits: { email: 'a' } }, { traits: null }),
);
const names = ['type', 'event', 'userId', 'anonymousId', 'messageId', 'timestamp', 'originalTimestamp', 'sentAt', 'context', 'integrations', 'writeKey', 'properties', 'traits', 'name', 'groupId', 'previousId', 'other'];
const wild = fc.dictionary(fc.constantFrom(...names), value);
const good = { userId: 'u', event: 'X' };
const nearlyGood = fc.tuple(fc.constantFrom(...names), value).map(([name, odd]) => ({ ...good, [name]: odd }));
const body = fc.oneof(wild, nearlyGood, fc.constantFrom<unknown>(null, [], 'x', 5, [good]));

describe('isTrackingCall', () => {
  it.each(TRACKING_CALLS)('answers as the schema of %s does', (type) => {
    fc.assert(
      fc.property(body, (candidate) => {
        expect(isTrackingCall(type, candidate)).toBe(trackingCallSchemas[type].safeParse(candidate).success);
      }),
      { numRuns: 1_500 },
    );
  });

  it.each(TRACKING_CALLS)('takes an example of %s', (type) => {
    const example = trackingCallSchemas[type].meta()?.examples as unknown[];
    expect(example.map((call) => isTrackingCall(type, call))).toEqual([true]);
  });
});
