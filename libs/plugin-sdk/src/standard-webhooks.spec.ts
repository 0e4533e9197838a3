import { Webhook } from 'standardwebhooks';
import { InvalidCredentials, InvalidSignature } from './errors.js';
import { STANDARD_WEBHOOKS_SECRET_PATTERN, standardWebhooksSign, standardWebhooksVerify } from './standard-webhooks.js';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const other = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;
const body = '{"type":"event","name":"Ærø"}';
const now = Date.now();

describe('standardWebhooksSign', () => {
  it('is taken by the reference implementation', () => {
    const headers = standardWebhooksSign({ id: 'dlv_1', now, body, secret });
    expect(new Webhook(secret).verify(body, headers)).toEqual({ type: 'event', name: 'Ærø' });
    expect(() => new Webhook(other).verify(body, headers)).toThrow();
  });

  it.each(['', 'whsec_', 'plain', 'whsec_not base64'])('refuses the secret "%s"', (wrong) => {
    expect(() => standardWebhooksSign({ id: 'dlv_1', now, body, secret: wrong })).toThrow(InvalidCredentials);
  });
});

describe('standardWebhooksVerify', () => {
  const verify = standardWebhooksVerify<{ secret: string }>({ secret: (s) => s.secret });
  const signed = (by: string, at = now): Record<string, string> => standardWebhooksSign({ id: 'm1', now: at, body, secret: by });
  const run = (headers: Record<string, string>, settings = { secret }): void => {
    verify({ method: 'POST', headers, query: {}, body: Buffer.from(body), url: 'https://cdp.example.com/hooks/c1' }, settings, { now });
  };

  it('takes what the reference implementation signs, also among several signatures', () => {
    const signature = new Webhook(secret).sign('m1', new Date(now), body);
    expect(() => run({ ...signed(other), 'webhook-signature': `v1,AAAA ${signature}` })).not.toThrow();
  });

  it.each([
    ['missing', () => ({})],
    ['by another secret', () => signed(other)],
    ['truncated', () => ({ ...signed(secret), 'webhook-signature': signed(secret)['webhook-signature']?.slice(0, -3) ?? '' })],
    ['of another message', () => ({ ...signed(secret), 'webhook-id': 'm2' })],
    ['stale', () => signed(secret, now - 301_000)],
    ['of the future', () => signed(secret, now + 302_000)],
  ])('refuses a signature that is %s', (_, headers) => {
    expect(() => run(headers())).toThrow(InvalidSignature);
  });

  it('matches nothing without a secret', () => {
    expect(() => run(signed(secret), { secret: '' })).toThrow(InvalidSignature);
  });
});

it('the pattern takes 24 to 64 bytes', () => {
  const pattern = new RegExp(STANDARD_WEBHOOKS_SECRET_PATTERN, 'u');
  const ofBytes = (count: number): string => `whsec_${Buffer.alloc(count, 1).toString('base64')}`;
  expect([16, 23, 24, 32, 64, 65].map((count) => pattern.test(ofBytes(count)))).toEqual([false, false, true, true, true, false]);
});
