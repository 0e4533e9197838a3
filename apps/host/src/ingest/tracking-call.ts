import { z } from 'zod';

/** The calls of the Segment spec, by the paths that SDKs use: long ones from servers, one letter from browsers. */
export const TRACKING_CALLS = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type TrackingCallType = (typeof TRACKING_CALLS)[number];

export const MAX_ID_LENGTH = 1_000;
export const MAX_NAME_LENGTH = 200;
export const MAX_TIME_LENGTH = 64;
export const MAX_WRITE_KEY_LENGTH = 200;

const id = z.union([z.string().max(MAX_ID_LENGTH), z.number()]).nullish();
const time = z.union([z.string().max(MAX_TIME_LENGTH), z.number()]).nullish();
const object = z.looseObject({}).nullish();

const common = {
  type: z.string().optional().describe('Taken from the path; needed only inside a batch.'),
  userId: id.describe('Your id of the person.'),
  anonymousId: id.describe('The id of the browser or device before the person is known.'),
  messageId: id.describe('Unique per message: a message that is sent twice counts once.'),
  timestamp: time.describe('When it happened, ISO 8601.'),
  originalTimestamp: time,
  sentAt: time.describe("The sender's clock at sending. Corrects clocks that are wrong."),
  context: object.describe('Page, device, campaign, consent …'),
  integrations: object,
  writeKey: z.string().max(MAX_WRITE_KEY_LENGTH).nullish().describe('Instead of the Authorization header.'),
};

function call<S extends z.core.$ZodShape>(schemaId: string, shape: S, example: Record<string, unknown>) {
  return z
    .looseObject({ ...common, ...shape })
    .refine(namesSomebody, { error: 'Name the person: userId, anonymousId, or an email or phone in the traits.', path: ['userId'] })
    .meta({ id: schemaId, examples: [{ anonymousId: 'a-7f3c', messageId: 'm-1', ...example }] });
}

const traits = { traits: object.describe('What is known of the person or group.') };
const properties = { properties: object.describe('What is known of the event.') };
const pageName = { name: z.string().max(MAX_ID_LENGTH).nullish() };

/** The bodies of the single calls, by call. Loose: what is not named here is kept as it is. */
export const trackingCallSchemas = {
  track: call('TrackCall', { event: z.string().min(1).max(MAX_NAME_LENGTH).describe('Title Case "Object Action".'), ...properties }, { event: 'Order Completed', properties: { orderId: 'o-1', total: 19.9, currency: 'EUR' }, context: { traits: { email: 'ana@example.com' } } }),
  identify: call('IdentifyCall', traits, { userId: 'u-1', traits: { email: 'ana@example.com', firstName: 'Ana' } }),
  page: call('PageCall', { ...pageName, ...properties }, { name: 'Home', properties: { url: 'https://shop.example.com/' } }),
  screen: call('ScreenCall', { ...pageName, ...properties }, { name: 'Home' }),
  group: call('GroupCall', { groupId: id, ...traits }, { userId: 'u-1', groupId: 'g-17', traits: { name: 'Example Trading Co.' } }),
  alias: call('AliasCall', { previousId: id }, { userId: 'u-1', previousId: 'a-7f3c' }),
} satisfies Record<TrackingCallType, z.ZodType>;

/** Many messages in one request. A message that is not usable is quarantined; it never holds up the others. */
export const batchSchema = z
  .looseObject({
    batch: z.array(z.unknown()).max(5_000).describe('Single calls, each with its `type`.'),
    context: object.describe('For messages without a context of their own.'),
    sentAt: time,
    writeKey: common.writeKey,
  })
  .meta({
    id: 'BatchCall',
    examples: [{ sentAt: '2026-11-24T08:00:01.000Z', batch: [{ type: 'track', event: 'Product Viewed', anonymousId: 'a-7f3c', messageId: 'm-1', timestamp: '2026-11-24T08:00:00.000Z' }] }],
  });

/** A single call that fits its schema. */
export type TrackingCall = z.infer<(typeof trackingCallSchemas)['identify']>;
export type BatchCall = z.infer<typeof batchSchema>;

/** What may name a person in a message. */
type Named = { userId?: unknown; anonymousId?: unknown; previousId?: unknown; context?: unknown; traits?: unknown };

/** Whether a message names a person in any of the ways that the Segment spec knows. */
export function namesSomebody(message: Named): boolean {
  if (isId(message.userId) || isId(message.anonymousId) || isId(message.previousId)) return true;
  const { externalIds, traits: contextTraits } = (message.context ?? {}) as { externalIds?: unknown; traits?: unknown };
  return (Array.isArray(externalIds) && externalIds.length > 0) || hasContact(message.traits) || hasContact(contextTraits);
}

function hasContact(holder: unknown): boolean {
  if (typeof holder !== 'object' || holder === null) return false;
  const { email, phone } = holder as { email?: unknown; phone?: unknown };
  return isId(email) || isId(phone);
}

function isId(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}
