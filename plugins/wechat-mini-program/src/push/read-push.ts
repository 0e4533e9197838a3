import { MalformedBody, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { readMessage } from './read-message.js';

/** Messages that a customer sends to the service chat. */
const CHAT = new Set(['text', 'image', 'voice', 'video', 'shortvideo', 'location', 'link', 'miniprogrampage']);
/** Events in which the person is `OpenID`: `FromUserName` is WeChat itself. */
const AUTHORIZATION = new Set(['user_info_modified', 'user_authorization_revoke', 'user_authorization_cancellation']);
const SUBSCRIPTION = new Map([
  ['subscribe_msg_popup_event', 'SubscribeMsgPopupEvent'],
  ['subscribe_msg_change_event', 'SubscribeMsgChangeEvent'],
  ['subscribe_msg_sent_event', 'SubscribeMsgSentEvent'],
]);

/**
 * Gives the raw records of a push: the message with `kind` (`chat`, `session`, `subscription`, `authorization`), for subscriptions one per
 * template, which is `item`. Pushes that are about no customer (audits, logistics, payments to the shop) give none.
 *
 * @throws MalformedBody when the body is no message, or is still encrypted.
 */
export function* readPush({ body }: { body: Uint8Array }): Iterable<JsonValue> {
  const message = readMessage(body);
  const { MsgType, Event } = message;
  if (typeof MsgType !== 'string') throw new MalformedBody(Object.hasOwn(message, 'Encrypt') ? 'The message is encrypted, and the connection has no EncodingAESKey.' : 'The body is no message.');
  const event = typeof Event === 'string' ? Event : '';
  const wrapper = SUBSCRIPTION.get(event);
  if (CHAT.has(MsgType.toLowerCase())) yield { ...message, kind: 'chat' };
  else if (event === 'user_enter_tempsession') yield { ...message, kind: 'session' };
  else if (AUTHORIZATION.has(event)) yield { ...message, kind: 'authorization' };
  else if (wrapper !== undefined) yield* subscriptions(message, wrapper);
}

/** XML wraps the list in an element named for the event; a list of one may come without the list. */
function* subscriptions(message: JsonObject, wrapper: string): Iterable<JsonValue> {
  const { [wrapper]: wrapped, List, ...rest } = message;
  const inner = wrapped !== null && typeof wrapped === 'object' && !Array.isArray(wrapped) ? wrapped.List : undefined;
  const list = inner ?? List ?? [];
  for (const item of Array.isArray(list) ? list : [list]) yield { ...rest, kind: 'subscription', item };
}
