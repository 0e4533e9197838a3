import { InvalidPayload, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { metaEventName } from './event-names.js';
import { hashIdentity } from './hash-identity.js';
import { toContents } from './to-contents.js';

/** Meta's sources of an event, but `app` and `business_messaging`: these need data of the device or the chat that an event here does not have. */
export const ACTION_SOURCES = ['website', 'physical_store', 'system_generated', 'phone_call', 'chat', 'email', 'other'] as const;

/** The payload of one conversion event, as the destination's fields give it. */
export interface ConversionPayload {
  eventName: string;
  /** Unix seconds. */
  eventTime: number;
  eventId?: string;
  actionSource?: (typeof ACTION_SOURCES)[number];
  eventSourceUrl?: string;
  email?: string;
  phone?: string;
  firstName?: string;
  lastName?: string;
  city?: string;
  country?: string;
  externalId?: string;
  clientIpAddress?: string;
  clientUserAgent?: string;
  fbc?: string;
  fbp?: string;
  value?: number;
  currency?: string;
  orderId?: string;
  searchString?: string;
  lines?: JsonValue;
  productId?: string;
  productPrice?: number;
  quantity?: number;
  customData?: Record<string, JsonValue>;
}

const DAY_S = 86_400;
/** Meta refuses a whole request for one event that is older; store sales may be uploaded for 62 days. */
const MAX_AGE_DAYS = 7;
const MAX_AGE_DAYS_STORE = 62;

/**
 * Makes one server event. `key` is the event id when the payload names none: Meta counts the same name and id once.
 *
 * @throws InvalidPayload for what Meta would refuse the whole request for: an event too old, one that names nobody, a purchase without its value.
 */
export function toServerEvent(payload: ConversionPayload, key: string, now: number): JsonObject {
  const name = metaEventName(payload.eventName);
  const actionSource = payload.actionSource ?? 'other';
  const nowSeconds = Math.floor(now / 1000);
  const maxAgeDays = actionSource === 'physical_store' ? MAX_AGE_DAYS_STORE : MAX_AGE_DAYS;
  if (payload.eventTime < nowSeconds - maxAgeDays * DAY_S) throw new InvalidPayload(`Meta takes no event older than ${maxAgeDays} days.`);
  if (actionSource === 'website' && (payload.eventSourceUrl === undefined || payload.clientUserAgent === undefined)) {
    throw new InvalidPayload('Meta takes an event of a website with its address and user agent only.');
  }
  const userData = toUserData(payload);
  if (Object.keys(userData).length === 0) throw new InvalidPayload('The event carries nothing that Meta could match a person by.');
  if (name === 'Purchase' && (payload.value === undefined || payload.currency === undefined)) throw new InvalidPayload('Meta takes a purchase with its value and currency only.');
  const customData = toCustomData(payload);
  return {
    event_name: name,
    // A clock that runs ahead must not spoil the request.
    event_time: Math.min(Math.floor(payload.eventTime), nowSeconds),
    event_id: payload.eventId ?? key,
    action_source: actionSource,
    ...defined({ event_source_url: payload.eventSourceUrl }),
    user_data: userData,
    ...(Object.keys(customData).length === 0 ? {} : { custom_data: customData }),
  };
}

function toUserData(payload: ConversionPayload): JsonObject {
  return defined({
    em: hashIdentity('email', payload.email),
    ph: hashIdentity('phone', payload.phone),
    fn: hashIdentity('name', payload.firstName),
    ln: hashIdentity('name', payload.lastName),
    ct: hashIdentity('city', payload.city),
    country: hashIdentity('country', payload.country),
    external_id: hashIdentity('externalId', payload.externalId),
    client_ip_address: payload.clientIpAddress,
    client_user_agent: payload.clientUserAgent,
    fbc: payload.fbc,
    fbp: payload.fbp,
  });
}

function toCustomData(payload: ConversionPayload): JsonObject {
  const contents = toContents(payload);
  return {
    ...payload.customData,
    ...defined({ value: payload.value, currency: payload.currency, order_id: payload.orderId, search_string: payload.searchString }),
    ...(contents.length === 0 ? {} : { contents, content_type: 'product' }),
  };
}

function defined(values: Record<string, JsonValue | undefined>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as JsonObject;
}
