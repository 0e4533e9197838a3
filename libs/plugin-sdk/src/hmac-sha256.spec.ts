import { createHmac } from 'node:crypto';
import { InvalidSignature } from './errors.js';
import { hmacSha256, type HmacSha256Options } from './hmac-sha256.js';
import type { WebhookRequest } from './source.js';

interface Settings { secret: string }
const secret = 'kept-by-both';
const body = Buffer.from('{"id":1}');
const now = Date.UTC(2026, 10, 24);

const digest = (content: string | Uint8Array, encoding: 'hex' | 'base64'): string => createHmac('sha256', secret).update(content).digest(encoding);
const request = (headers: Record<string, string>): WebhookRequest => ({ method: 'POST', headers, query: {}, body, url: 'https://cdp.example.com/hooks/c1' });
const verify = (options: Omit<HmacSha256Options<Settings>, 'secret'>, headers: Record<string, string>, settings: Settings = { secret }): void => {
  hmacSha256<Settings>({ ...options, secret: (s) => s.secret })(request(headers), settings, { now });
};

describe('hmacSha256', () => {
  it.each(['hex', 'base64'] as const)('takes a good signature in %s', (encoding) => {
    expect(() => verify({ header: 'X-Signature', encoding }, { 'x-signature': digest(body, encoding) })).not.toThrow();
  });

  it('takes upper-case hex and a prefix', () => {
    expect(() => verify({ header: 'x-s', encoding: 'hex', prefix: 'sha256=' }, { 'x-s': `sha256=${digest(body, 'hex').toUpperCase()}` })).not.toThrow();
  });

  it('takes base64 only as it is written', () => {
    const signature = digest(body, 'base64');
    expect(() => verify({ header: 'x-s', encoding: 'base64' }, { 'x-s': signature.toLowerCase() })).toThrow(InvalidSignature);
  });

  it.each([
    ['missing', {}],
    ['empty', { 'x-s': '' }],
    ['wrong', { 'x-s': digest('other', 'hex') }],
    ['truncated', { 'x-s': digest(body, 'hex').slice(0, -2) }],
    ['longer', { 'x-s': `${digest(body, 'hex')}00` }],
    ['in the other encoding', { 'x-s': digest(body, 'base64') }],
  ])('refuses a signature that is %s', (_, headers) => {
    expect(() => verify({ header: 'x-s', encoding: 'hex' }, headers)).toThrow(InvalidSignature);
  });

  it('refuses a signature without its prefix', () => {
    expect(() => verify({ header: 'x-s', encoding: 'hex', prefix: 'sha256=' }, { 'x-s': digest(body, 'hex') })).toThrow(InvalidSignature);
  });

  it('matches nothing when the secret is empty', () => {
    const forged = createHmac('sha256', '').update(body).digest('hex');
    expect(() => verify({ header: 'x-s', encoding: 'hex' }, { 'x-s': forged }, { secret: '' })).toThrow(InvalidSignature);
  });

  describe('with a timestamp', () => {
    const options = { header: 'x-s', encoding: 'hex', timestampHeader: 'X-Time' } as const;
    const signedAt = (time: string): Record<string, string> => ({ 'x-s': digest(`${time}.${body.toString()}`, 'hex'), 'x-time': time });
    const seconds = now / 1000;

    it.each([String(seconds), String(seconds - 300), String(seconds + 300), String(now)])('takes %s', (time) => {
      expect(() => verify(options, signedAt(time))).not.toThrow();
    });

    it.each([String(seconds - 301), String(seconds + 301), String(now - 300_001), 'soon', ''])('refuses "%s"', (time) => {
      expect(() => verify(options, signedAt(time))).toThrow(InvalidSignature);
    });

    it('refuses a fresh timestamp that was not the one signed', () => {
      expect(() => verify(options, { ...signedAt(String(seconds - 5)), 'x-time': String(seconds) })).toThrow(InvalidSignature);
    });

    it('refuses a missing timestamp', () => {
      expect(() => verify(options, { 'x-s': digest(body, 'hex') })).toThrow(InvalidSignature);
    });

    it('signs what the vendor signs', () => {
      const signedContent = (r: WebhookRequest, time: string): (string | Uint8Array)[] => [r.method, r.url, r.body, time];
      const signature = digest(`POSThttps://cdp.example.com/hooks/c1${body.toString()}${now}`, 'base64');
      const headers = { 'x-s': signature, 'x-time': String(now) };
      expect(() => verify({ ...options, encoding: 'base64', signedContent }, headers)).not.toThrow();
      expect(() => verify({ ...options, encoding: 'base64' }, headers)).toThrow(InvalidSignature);
    });
  });
});
