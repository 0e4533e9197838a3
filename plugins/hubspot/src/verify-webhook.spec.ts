import { InvalidSignature, MalformedBody, type WebhookRequest } from '@firsthand/plugin-sdk';
import { CLIENT_SECRET, SIGNATURE_V1, SIGNATURE_V2, SIGNATURE_V3 } from './fixtures/signature-vectors.js';
import { startFakeHubspot } from '../../../test/support/fake-hubspot.js';
import { verifyWebhook } from './verify-webhook.js';

const settings = { accessToken: 't', clientSecret: CLIENT_SECRET, portalId: '62515', apiBaseUrl: 'https://api.hubapi.com' };
const now = Number(SIGNATURE_V3.timestamp);

function request(change: Partial<WebhookRequest> = {}, headers: Record<string, string | undefined> = {}): WebhookRequest {
  return {
    method: SIGNATURE_V3.method,
    url: SIGNATURE_V3.url,
    query: {},
    body: Buffer.from(SIGNATURE_V3.body),
    headers: { 'x-hubspot-signature-v3': SIGNATURE_V3.signature, 'x-hubspot-request-timestamp': SIGNATURE_V3.timestamp, ...headers },
    ...change,
  };
}

describe('verifyWebhook', () => {
  it("takes HubSpot's own test value of version 3", () => {
    // Its body is no JSON, so it gets past the signature and no further.
    expect(() => verifyWebhook(request(), settings, { now })).toThrow(MalformedBody);
  });

  it.each<[string, WebhookRequest]>([
    ['another method', request({ method: 'PUT' })],
    ['another address', request({ url: 'http://www.example.com/webhook_uri' })],
    ['another body', request({ body: Buffer.from(`${SIGNATURE_V3.body} `) })],
    ['no signature', request({}, { 'x-hubspot-signature-v3': undefined })],
    ['an empty signature', request({}, { 'x-hubspot-signature-v3': '' })],
    ['a truncated signature', request({}, { 'x-hubspot-signature-v3': SIGNATURE_V3.signature.slice(0, -4) })],
    ['no timestamp', request({}, { 'x-hubspot-request-timestamp': undefined })],
    ['another timestamp', request({}, { 'x-hubspot-request-timestamp': String(now + 1) })],
    ['version 1 alone', request({ body: Buffer.from(SIGNATURE_V1.body) }, { 'x-hubspot-signature-v3': undefined, 'x-hubspot-signature': SIGNATURE_V1.signature })],
    ['version 2 as version 3', request({ ...SIGNATURE_V2, body: Buffer.from('') }, { 'x-hubspot-signature-v3': SIGNATURE_V2.signature })],
  ])('refuses %s', (_, wrong) => {
    expect(() => verifyWebhook(wrong, settings, { now })).toThrow(InvalidSignature);
  });

  it('refuses what is older than five minutes, and what comes from as far ahead', () => {
    for (const at of [now + 300_001, now - 300_001]) expect(() => verifyWebhook(request(), settings, { now: at })).toThrow(InvalidSignature);
    for (const at of [now + 300_000, now - 300_000]) expect(() => verifyWebhook(request(), settings, { now: at })).toThrow(MalformedBody);
  });

  it('takes nothing when the connection has no client secret', () => {
    expect(() => verifyWebhook(request(), { ...settings, clientSecret: undefined }, { now })).toThrow(InvalidSignature);
  });

  describe('with calls signed by the fake HubSpot', () => {
    async function signed(url: string, events: readonly unknown[]): Promise<Uint8Array | void> {
      const hubspot = await startFakeHubspot({ clientSecret: CLIENT_SECRET });
      await hubspot.close();
      const { headers, body } = hubspot.signWebhook({ url, events, at: now });
      return verifyWebhook({ method: 'POST', url, query: {}, headers, body: Buffer.from(body) }, settings, { now });
    }

    it('decodes the characters of the address that HubSpot decodes, and only those', async () => {
      await expect(signed('https://hooks.example.com/hooks/c1?from=a%3Ab%2Fc%40d&name=x%20y%26z', [{ portalId: 62515 }])).resolves.toBeUndefined();
    });

    it('signs over bytes, whatever the language', async () => {
      await expect(signed('https://hooks.example.com/hooks/c1', [{ portalId: 62515, propertyValue: '杭州' }])).resolves.toBeUndefined();
    });

    it('leaves out events of other accounts, and those that name none', async () => {
      const body = await signed('https://hooks.example.com/hooks/c1', [{ portalId: 62515, eventId: 1 }, { portalId: 999, eventId: 2 }, { eventId: 3 }, 'x']);
      expect(JSON.parse(Buffer.from(body ?? []).toString())).toEqual([{ portalId: 62515, eventId: 1 }]);
    });
  });
});
