import type { HttpRequest } from '@firsthand/plugin-sdk';
import { fakeHttp } from './fake-http.js';
import { itemsFor, type DestinationHandler } from './destination-handler.js';
import type { DestinationSubject } from './test-destination-options.js';

/** Registers the test that a repeated delivery is as harmless as the destination says. */
export function testIdempotency(subject: DestinationSubject, handler: DestinationHandler): void {
  const { destination, options } = subject;
  const requestsFor = async (key: string): Promise<readonly HttpRequest[]> => {
    const http = fakeHttp({ respond: options.respond });
    await handler.run(itemsFor(handler, subject, key), http);
    return http.requests;
  };

  if (destination.idempotency === 'natural') {
    it('sends the same again when a delivery is repeated, and with any key', async () => {
      const once = await requestsFor('key-1');
      expect(await requestsFor('key-1')).toEqual(once);
      expect(await requestsFor('key-2')).toEqual(once);
    });
    return;
  }

  it(`carries the key by which the ${destination.idempotency === 'key' ? 'vendor' : 'receiver'} knows a repetition`, async () => {
    for (const key of ['key-1', 'key-1', 'key-2']) {
      const text = (await requestsFor(key)).map((request) => JSON.stringify(request)).join('\n');
      for (const { idempotencyKey } of itemsFor(handler, subject, key)) expect(text.includes(idempotencyKey)).toBe(true);
    }
  });
}
