import { RetryableError, type JsonObject, type JsonValue, type SendItem } from '@firsthand/plugin-sdk';
import { fakeLog } from '@firsthand/plugin-testing';
import { Webhook } from 'standardwebhooks';
import { breakEachField } from '../../../test/support/break-each-field.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../../../test/support/fake-webhook-receiver.js';
import plugin from './index.js';
import type { WebhookSettings } from './settings.js';

let receiver: FakeWebhookReceiver;
beforeEach(async () => { receiver = await startFakeWebhookReceiver(); });
afterEach(() => receiver.close());

const identities = { email: 'ana@example.com' };
const items: SendItem<JsonObject>[] = ['dlv-1', 'dlv-2'].map((idempotencyKey) => ({ idempotencyKey, payload: { identities, event: { type: 'track', name: 'Order Completed' } } }));
const send = async (settings: WebhookSettings): Promise<boolean[] | undefined> => {
  const context = { settings, http: fetchHttpClient(), log: fakeLog(), signal: new AbortController().signal, now: Date.now(), items };
  return (await plugin.destinations?.['send-event']?.sendBatch?.(context))?.map(({ ok }) => ok);
};

describe('over HTTP, to a receiver with the reference library', () => {
  it.each([false, true])('a repeated delivery counts once (lists: %s)', async (arrays) => {
    receiver.script({ reset: 'after' });
    await send({ ...receiver.settings, arrays }).catch((error: unknown) => expect(error).toBeInstanceOf(RetryableError));
    expect(await send({ ...receiver.settings, arrays })).toEqual([true, true]);
    expect(receiver.messages.map(({ id, type }) => [id, type])).toEqual([['dlv-1', 'event'], ['dlv-2', 'event']]);
    expect(receiver.repeated).toContain('dlv-1');
  });

  it('a message with one field broken is refused, however well it is signed', async () => {
    const message = { id: 'm-1', type: 'event', timestamp: '2026-11-24T08:00:00.000Z', data: {} };
    const post = async (body: JsonValue): Promise<number> => {
      const [text, at] = [JSON.stringify(body), new Date()];
      const headers = { 'webhook-id': 'm-1', 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)), 'webhook-signature': new Webhook(receiver.settings.secret).sign('m-1', at, text) };
      return (await fetch(receiver.url, { method: 'POST', headers, body: text })).status;
    };
    for (const { path, body } of breakEachField(message)) expect([path, await post(body)]).toEqual([path, 400]);
    expect([await post(message), receiver.messages.length]).toEqual([204, 1]);
  });

  it('another secret is refused, and nothing is taken', async () => {
    expect(await send({ ...receiver.settings, secret: `whsec_${Buffer.alloc(24).toString('base64')}` })).toEqual([false, false]);
    expect(receiver.messages).toEqual([]);
  });
});
