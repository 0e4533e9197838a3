import { InvalidSignature, MalformedBody, webhook, type WebhookRequest } from '@firsthand/plugin-sdk';
import type { MiniProgram } from '../settings.js';
import { checkSignature } from './check-signature.js';
import { decryptPush } from './decrypt-push.js';
import { readMessage } from './read-message.js';

const ECHO = /^[\w+/=.-]{1,256}$/;

/** WeChat's message push. A GET is the check of the address: it is answered with its own `echostr`. */
export const pushTrigger = webhook<MiniProgram>({
  verify,
  handshake({ method, query }, { token }, { now }) {
    if (method !== 'GET') return undefined;
    checkSignature({ given: query.signature, token, timestamp: query.timestamp, nonce: query.nonce, now });
    const { echostr = '' } = query;
    if (!ECHO.test(echostr)) throw new MalformedBody('There is no echostr to answer with.');
    return { status: 200, contentType: 'text/plain; charset=utf-8', body: echostr };
  },
  // Any other answer makes WeChat send again.
  acknowledge: { status: 200, contentType: 'text/plain; charset=utf-8', body: 'success' },
});

/** In plain mode the signature does not cover the body. With a key, nothing but what is encrypted and signed is believed. */
function verify({ query, body }: WebhookRequest, { appId, token, encodingAesKey }: MiniProgram, { now }: { now: number }): Uint8Array | void {
  const { timestamp, nonce } = query;
  if (encodingAesKey === undefined || encodingAesKey === '') {
    checkSignature({ given: query.signature, token, timestamp, nonce, now });
    return;
  }
  const encrypted = encryptedOf(body);
  checkSignature({ given: query.msg_signature, token, timestamp, nonce, encrypted, now });
  return decryptPush(encrypted, encodingAesKey, appId);
}

function encryptedOf(body: Uint8Array): string {
  const { Encrypt } = readMessage(body);
  if (typeof Encrypt !== 'string' || Encrypt === '') throw new InvalidSignature('The message is not encrypted.');
  return Encrypt;
}
