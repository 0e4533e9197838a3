import { isObject } from './raw-messages.js';
import { MAX_ID_LENGTH, MAX_NAME_LENGTH, MAX_TIME_LENGTH, MAX_WRITE_KEY_LENGTH, namesSomebody, type TrackingCallType } from './tracking-call.js';

type Check = (value: unknown) => boolean;

const isAbsent: Check = (value) => value === undefined || value === null;
const isTextUpTo = (max: number): Check => (value) => typeof value === 'string' && value.length <= max;
const isFlexible = (max: number): Check => (value) => isAbsent(value) || Number.isFinite(value) || (typeof value === 'string' && value.length <= max);
const isId = isFlexible(MAX_ID_LENGTH);
const isTime = isFlexible(MAX_TIME_LENGTH);
const isOptionalObject: Check = (value) => isAbsent(value) || isObject(value);
const isOptionalText = (max: number): Check => (value) => isAbsent(value) || isTextUpTo(max)(value);

const isCommon = (call: Record<string, unknown>): boolean =>
  (call.type === undefined || typeof call.type === 'string') && isId(call.userId) && isId(call.anonymousId) && isId(call.messageId) &&
  isTime(call.timestamp) && isTime(call.originalTimestamp) && isTime(call.sentAt) && isOptionalObject(call.context) && isOptionalObject(call.integrations) &&
  isOptionalWriteKey(call.writeKey) && namesSomebody(call);
const isOptionalWriteKey = isOptionalText(MAX_WRITE_KEY_LENGTH);
const isOptionalName = isOptionalText(MAX_ID_LENGTH);
const isEventName: Check = (value) => typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH;

const OWN: Record<TrackingCallType, (call: Record<string, unknown>) => boolean> = {
  track: (call) => isEventName(call.event) && isOptionalObject(call.properties),
  identify: (call) => isOptionalObject(call.traits),
  page: (call) => isOptionalName(call.name) && isOptionalObject(call.properties),
  screen: (call) => isOptionalName(call.name) && isOptionalObject(call.properties),
  group: (call) => isId(call.groupId) && isOptionalObject(call.traits),
  alias: (call) => isId(call.previousId),
};

/**
 * Whether a body fits the schema of its call: the same answer as the Zod schema gives (a property test holds them equal), by hand, since it is
 * asked for every event and the schema would copy the body. Where it does not fit, the schema names the places.
 *
 * @example isTrackingCall('track', body)
 */
export function isTrackingCall(type: TrackingCallType, body: unknown): boolean {
  return isObject(body) && isCommon(body) && OWN[type](body);
}
