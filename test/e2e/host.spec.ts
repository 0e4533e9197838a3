import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startHost, type TestHost } from '../support/start-host.js';

interface Call { url: string; body: string }

async function until<T>(what: () => Promise<T> | T, isEnough: (value: T) => boolean, withinMs = 10_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await what();
    if (isEnough(value) || Date.now() > deadline) return value;
    await delay(25);
  }
}

describe('a whole host', () => {
  let host: TestHost;
  let receiver: Server;
  const calls: Call[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => void (body += chunk.toString()));
      request.on('end', () => {
        calls.push({ url: request.url ?? '', body });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    host = await startHost();
  });
  afterAll(async () => {
    await host.stop();
    receiver.close();
  });

  it('carries an event from the tracking API through a flow to a destination', async () => {
    const { writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events' });
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
    const destination = await host.seed.destination({ pluginId: 'webhook', settings: { url }, secrets: { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` } });
    expect(host.configuration.problems()).toEqual([]);
    await host.seed.flow({ purpose: 'service', trigger: { type: 'event', name: 'Order Completed' }, steps: [{ id: 'send', type: 'deliver', connectionId: destination, action: 'send-event' }] });
    expect(host.configuration.problems()).toEqual([]);

    const response = await fetch(`${host.url}/v1/track`, {
      method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ event: 'Order Completed', userId: 'u-1', messageId: 'm-1', properties: { order_id: 'o-1', total: 19.9, currency: 'EUR' } }),
    });
    expect(response.status).toBe(200);
    await until(() => calls, ({ length }) => length > 0);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.body).toContain('Order Completed');
    await until(() => host.connected.collections.deliveries.countDocuments({ state: 'delivered' }), (count) => count === 1);
    expect(await host.connected.collections.deliveries.countDocuments({ state: 'delivered' })).toBe(1);
    expect(await host.connected.collections.inbox.countDocuments({})).toBe(0);
  });

  it('lets the owner of the first workspace know the password once', async () => {
    const file = JSON.parse(await readFile(`${process.env.FIRSTHAND_TEST_DIR ?? '/tmp'}/first-run-${host.databaseName}.json`, 'utf8')) as object;
    expect(file).toEqual({ workspaceId: 'main', ownerEmail: 'owner@firsthand.localhost', ownerPassword: expect.stringMatching(/^[\w-]{24}$/) });
    const second = await startHost({ databaseName: host.databaseName, keepDatabase: true });
    expect(second.firstRun).toBeUndefined();
    expect(second.workspaceId).toBe('main');
    await second.stop();
  });
});
