import { createHash } from 'node:crypto';
import { InvalidSignature, MalformedBody, type WebhookRequest, type WebhookTrigger } from '@firsthand/plugin-sdk';
import { mapRecord, testSource } from '@firsthand/plugin-testing';
import { encryptPadded, encryptPush } from './fixtures/encrypt-push.js';
import { chatMessageJson, revocationJson, subscriptionMessage, subscriptionMessageJson } from './fixtures/messages.js';
import { echoVector, pushVector } from './fixtures/push-vector.js';
import plugin from './index.js';
import { messages } from './messages.js';
import type { MiniProgram } from './settings.js';

const connection = { appId: 'wx4f4bc4dec97d474b', token: 'pushToken1', encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };
const openid = { namespace: 'openid', value: 'wx4f4bc4dec97d474b:oExampleSubscriber0000000001' };
const trigger = messages.trigger as WebhookTrigger<MiniProgram>;

function signedQuery(now: number): { timestamp: string; nonce: string } {
  return { timestamp: String(Math.floor(now / 1000)), nonce: '437374425' };
}

function read(body: string): ReturnType<typeof Array.from> {
  return [...(messages.records?.({ body: Buffer.from(body), headers: {}, query: {} }) ?? [])];
}

testSource(plugin, 'messages', {
  settings: connection,
  maxAgeSeconds: 600,
  sign(request, { now }) {
    const { timestamp, nonce } = signedQuery(now);
    const { body, signature } = encryptPush(request.body, connection, timestamp, nonce);
    return { ...request, body, query: { ...request.query, timestamp, nonce, msg_signature: signature } };
  },
  fixtures: [
    {
      name: 'answers to two subscription messages, XML', body: subscriptionMessage,
      expected: [
        { name: 'Subscription Message Accepted', identities: [openid], occurredAt: 1795478400000, properties: { formId: 'template-a', status: 'accept', scene: '0' }, messageId: 'subscribe_msg_popup_event:oExampleSubscriber0000000001:1795478400:template-a:' },
        { name: 'Subscription Message Rejected', properties: { formId: 'template-b', status: 'reject', scene: '0' } },
      ],
    },
    { name: 'a list of one, JSON', body: subscriptionMessageJson, expected: { name: 'Subscription Message Rejected', identities: [openid] } },
    { name: 'a chat message with a long id', body: chatMessageJson, expected: { name: 'Service Message Sent', messageId: 'message:23637352235060881', properties: { method: 'text' } } },
    { name: 'a withdrawn phone number', body: revocationJson, expected: { type: 'identify', name: 'Profile Updated', identities: [openid], profile: { phone: null } } },
    { name: 'an account that is closed', body: revocationJson.replace('user_authorization_revoke', 'user_authorization_cancellation'), expected: { type: 'delete', identities: [openid], profile: {} } },
    { name: 'a cleaned profile', body: revocationJson.replace('user_authorization_revoke', 'user_info_modified'), expected: { type: 'identify', profile: { nickname: null, avatarUrl: null } } },
    { name: 'a message that was sent', body: subscriptionMessageJson.replace('change_event', 'sent_event').replace('"SubscribeStatusString": "reject"', '"MsgID": 1864323726461255681, "ErrorCode": "0", "ErrorStatus": "success"'), expected: { name: 'Subscription Message Sent', messageId: expect.stringMatching(/:template-a:1864323726461255681$/) as unknown as string } },
    { name: 'a message that was not', body: subscriptionMessageJson.replace('change_event', 'sent_event').replace('"SubscribeStatusString": "reject"', '"ErrorCode": "1", "ErrorStatus": "user refuse to accept the msg"'), expected: { name: 'Subscription Message Failed' } },
    { name: 'an opened service session', body: chatMessageJson.replace('"text"', '"event", "Event": "user_enter_tempsession", "SessionFrom": "product"'), expected: { name: 'Service Session Entered', properties: { label: 'product' } } },
    { name: 'a push about no customer', body: chatMessageJson.replace('"text"', '"event", "Event": "wxa_media_check"'), expected: [] },
  ],
});

describe('the check of the address', () => {
  const now = Number(echoVector.timestamp) * 1000;
  const request = (query: Record<string, string>, method = 'GET'): WebhookRequest => ({ method, headers: {}, query, body: new Uint8Array(), url: 'https://cdp.example.com/hooks/c' });
  const { token, ...query } = { ...echoVector, echostr: '5927782489442352469' };
  const shake = (changed: Record<string, string> = {}, at = now, method = 'GET') => trigger.handshake?.(request({ ...query, ...changed }, method), { ...connection, token }, { now: at });

  it('is answered with what it asks for', () => {
    expect(shake()).toEqual({ status: 200, contentType: 'text/plain; charset=utf-8', body: '5927782489442352469' });
  });

  it.each([
    ['a wrong signature', { signature: 'f21891de399b4e33a1a93c9a7b8a8fffb5a443fe' }],
    ['another nonce', { nonce: 'tesT' }],
    ['another time', { timestamp: '1410685590' }],
  ])('is refused for %s', (_, changed) => {
    expect(() => shake(changed)).toThrow(InvalidSignature);
  });

  it('is refused when it is stale, or from the future', () => {
    expect(() => shake({}, now + 601_000)).toThrow(InvalidSignature);
    expect(() => shake({}, now - 601_000)).toThrow(InvalidSignature);
    expect(() => shake({}, now + 599_000)).not.toThrow();
  });

  it('is refused while there is no token', () => {
    const signature = createHash('sha1').update([echoVector.timestamp, echoVector.nonce].sort().join('')).digest('hex');
    expect(() => trigger.handshake?.(request({ ...query, signature }), { appId: connection.appId, token: '' }, { now })).toThrow(InvalidSignature);
  });

  it('echoes no markup, and leaves posts alone', () => {
    expect(() => shake({ echostr: '<script>' })).toThrow(MalformedBody);
    expect(shake({}, now, 'POST')).toBeUndefined();
  });
});

describe('security mode', () => {
  const { token, encodingAesKey, appId, timestamp, nonce, signature, encrypted, message } = pushVector;
  const now = Number(timestamp) * 1000;
  const verify = (settings: Partial<MiniProgram> = {}, changed: { body?: string; query?: Record<string, string> } = {}) =>
    trigger.verify(
      { method: 'POST', headers: {}, url: '', query: { timestamp, nonce, msg_signature: signature, ...changed.query }, body: Buffer.from(changed.body ?? `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`) },
      { token, encodingAesKey, appId, ...settings },
      { now },
    );

  it('decrypts a published vector, in XML and JSON', () => {
    expect(Buffer.from(verify() ?? []).toString()).toBe(message);
    expect(Buffer.from(verify({}, { body: JSON.stringify({ ToUserName: 'gh_1', Encrypt: encrypted }) }) ?? []).toString()).toBe(message);
  });

  it('refuses what was meant for another AppID', () => {
    expect(() => verify({ appId: 'wx49f0ab532d5d035b' })).toThrow(new InvalidSignature('The message is meant for another AppID.'));
  });

  it('refuses another key, a changed ciphertext and a message in the clear', () => {
    expect(() => verify({ encodingAesKey: connection.encodingAesKey })).toThrow(InvalidSignature);
    expect(() => verify({}, { body: `<xml><Encrypt>${encrypted.replace('R', 'S')}</Encrypt></xml>` })).toThrow(InvalidSignature);
    expect(() => verify({}, { body: message })).toThrow(new InvalidSignature('The message is not encrypted.'));
  });

  it('is done with a body of very many elements within moments', () => {
    const many = `<xml>${'<a/>'.repeat(100_000)}</xml>`;
    const began = process.cpuUsage();
    expect(() => verify({}, { body: many })).toThrow(new InvalidSignature('The message is not encrypted.'));
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(4_000);
  });

  it.each(['', 'AAAA', 'AAAAAAAAAAAAAAAAAAAAAA==', 'A'.repeat(44)])('refuses a signed ciphertext that is none: "%s"', (wrong) => {
    const good = createHash('sha1').update([token, timestamp, nonce, wrong].sort().join('')).digest('hex');
    expect(() => verify({}, { body: `{"Encrypt":"${wrong}"}`, query: { msg_signature: good } })).toThrow(InvalidSignature);
  });
});

describe('a signed message with damage inside', () => {
  const now = Date.UTC(2030, 0, 1);
  const { timestamp, nonce } = signedQuery(now);
  // 16 random bytes, a length of 10, ten bytes, the AppID: 48 bytes.
  const plain = (length: number) => Buffer.from(`1234567890123456\0\0\0${String.fromCharCode(length)}0123456789${connection.appId}`);
  const verify = (padded: Uint8Array) => {
    const { body, signature } = encryptPadded(padded, connection, timestamp, nonce);
    return trigger.verify({ method: 'POST', headers: {}, url: '', body, query: { timestamp, nonce, msg_signature: signature } }, connection, { now });
  };

  it('is read while it has none', () => {
    expect(plain(10)).toHaveLength(48);
    expect(Buffer.from(verify(Buffer.concat([plain(10), Buffer.alloc(16, 16)])) ?? []).toString()).toBe('0123456789');
  });

  it.each([
    ['padding of different bytes', Buffer.concat([plain(10), Buffer.alloc(15, 1), Buffer.alloc(1, 16)])],
    ['no padding', Buffer.concat([plain(10), Buffer.alloc(16)])],
    ['padding longer than a block', Buffer.concat([plain(10), Buffer.alloc(48, 48)])],
    ['a length past its end', Buffer.concat([plain(100), Buffer.alloc(16, 16)])],
    ['nothing but padding', Buffer.alloc(32, 32)],
  ])('such as %s is refused', (_, padded) => {
    expect(() => verify(padded)).toThrow(new InvalidSignature('The message cannot be decrypted.'));
  });
});

describe('plain mode', () => {
  const { timestamp, nonce, signature, token } = echoVector;
  const request = (query: Record<string, string>): WebhookRequest => ({ method: 'POST', headers: {}, url: '', query, body: Buffer.from(chatMessageJson) });
  const now = Number(timestamp) * 1000;

  it('checks the signature and leaves the body as it is', () => {
    expect(trigger.verify(request({ timestamp, nonce, signature }), { appId: connection.appId, token }, { now })).toBeUndefined();
    expect(() => trigger.verify(request({ timestamp, nonce, signature: signature.replace('f', 'e') }), { appId: connection.appId, token }, { now })).toThrow(InvalidSignature);
  });

  it('does not take an encrypted message for one without a kind', () => {
    expect(() => read('<xml><Encrypt>x</Encrypt></xml>')).toThrow('EncodingAESKey');
  });
});

describe('a hostile body', () => {
  it.each([
    ['a DOCTYPE', '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><MsgType>&x;</MsgType></xml>'],
    ['a DOCTYPE without entities', '<!DOCTYPE xml><xml><MsgType>text</MsgType></xml>'],
    ['an unknown entity', '<xml><MsgType>&x;</MsgType></xml>'],
    ['an element left open', '<xml><MsgType>text</xml>'],
    ['two roots', '<xml><MsgType>text</MsgType></xml><xml/>'],
    ['no elements', '<xml>text</xml>'],
    ['depth', `<xml><MsgType>text</MsgType>${'<a>'.repeat(16)}${'</a>'.repeat(16)}</xml>`],
    ['a JSON list', '[]'],
    ['a JSON text', '"x"'],
  ])('with %s is refused', (_, body) => {
    expect(() => read(body)).toThrow(MalformedBody);
  });

  it('cannot reach a prototype', () => {
    const [record] = read('<xml><MsgType>text</MsgType><__proto__><polluted>1</polluted></__proto__></xml>');
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
  });

  it('says nothing of its text in the error', () => {
    expect(() => read('<xml><Content>Ana Lima</xml>')).toThrow(/^(?!.*Ana)/);
  });
});

it('leaves out a person whom WeChat does not name, rather than taking its own account for them', () => {
  const [record] = read(revocationJson.replace(' OpenID', 'Other'));
  expect(mapRecord(messages, record as never, connection).error?.code).toBe('MISSING_IDENTITY');
});
