import type { JsonValue } from '@firsthand/domain';
import type { Ingest, SourceConnection } from '@firsthand/pipeline';
import { createLogger, createMetrics } from '@firsthand/platform';
import { InvalidSignature, jsonRecords, MalformedBody, type SourceDefinition, type WebhookRequest, type WebhookTrigger } from '@firsthand/plugin-sdk';
import { takeWebhook, type WebhookConnection } from './take-webhook.js';

const taken: JsonValue[] = [];
const ingest: Ingest = {
  accept(request) {
    taken.push(...request.raws);
    return Promise.resolve({ accepted: request.raws.length, refused: 0, problems: [], unreadableConsents: [] });
  },
  close: () => Promise.resolve(),
};
const options = { ingest, clock: () => 5, metrics: createMetrics({ withProcessMetrics: false }), logger: createLogger({ level: 'silent' }) };
const request: WebhookRequest = { method: 'POST', headers: {}, query: {}, body: Buffer.from('[{"id":1},{"id":2}]'), url: 'https://x/hooks/c' };

function webhook(trigger: Partial<WebhookTrigger<never>> = {}, records: SourceDefinition['records'] = ({ body }) => jsonRecords(body)): WebhookConnection {
  const full = { kind: 'webhook', verify: () => undefined, ...trigger } as WebhookTrigger<SourceConnection['settings']>;
  const connection = { connectionId: 'c', pluginId: 'p', settings: {}, source: { trigger: full, records } } as unknown as SourceConnection;
  return { configuration: {} as WebhookConnection['configuration'], connection, trigger: full };
}
beforeEach(() => void taken.splice(0));

describe('takeWebhook', () => {
  it('takes the records and answers as the vendor wants', async () => {
    await expect(takeWebhook(webhook(), request, options)).resolves.toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(taken).toEqual([{ id: 1 }, { id: 2 }]);
    await expect(takeWebhook(webhook({ acknowledge: { status: 202, contentType: 'text/plain', body: 'success' } }), request, options)).resolves.toMatchObject({ status: 202, body: 'success' });
  });

  it('reads the records out of what verify has decrypted', async () => {
    await takeWebhook(webhook({ verify: () => Buffer.from('{"id":"clear"}') }), request, options);
    expect(taken).toEqual([{ id: 'clear' }]);
  });

  it('answers a handshake without taking anything, before the signature', async () => {
    const answer = { status: 200, contentType: 'text/plain', body: 'echo' };
    await expect(takeWebhook(webhook({ handshake: () => answer, verify: () => { throw new InvalidSignature(); } }), { ...request, method: 'GET' }, options)).resolves.toBe(answer);
    expect(taken).toEqual([]);
  });

  it.each<[string, WebhookConnection, Partial<WebhookRequest>, string]>([
    ['a wrong signature', webhook({ verify: () => { throw new InvalidSignature(); } }), {}, 'INVALID_SIGNATURE'],
    ['a verify that fails', webhook({ verify: () => { throw new TypeError('undefined'); } }), {}, 'INVALID_SIGNATURE'],
    ['a handshake that fails', webhook({ handshake: () => { throw new TypeError('undefined'); } }), {}, 'INVALID_SIGNATURE'],
    ['a body that the plugin refuses', webhook({}, () => { throw new MalformedBody('no'); }), {}, 'INVALID_REQUEST'],
    ['records that fail', webhook({}, () => { throw new TypeError('undefined'); }), {}, 'INVALID_REQUEST'],
    ['records that fail half-way', webhook({}, function* () { yield { id: 1 }; throw new TypeError('undefined'); }), {}, 'INVALID_REQUEST'],
    ['endless records', webhook({}, function* () { for (;;) yield 1; }), {}, 'INVALID_REQUEST'],
    ['a record that is too deep', webhook({}, () => [JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as JsonValue]), {}, 'PAYLOAD_TOO_COMPLEX'],
    ['another method', webhook(), { method: 'GET' }, 'METHOD_NOT_ALLOWED'],
  ])('refuses %s and takes nothing', async (_what, connection, change, code) => {
    await expect(takeWebhook(connection, { ...request, ...change }, options)).rejects.toMatchObject({ code });
    expect(taken).toEqual([]);
  });

  it('acknowledges a request without records', async () => {
    await expect(takeWebhook(webhook({}, () => []), request, options)).resolves.toMatchObject({ status: 200 });
  });
});
