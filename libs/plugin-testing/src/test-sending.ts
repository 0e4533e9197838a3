import { fakeHttp } from './fake-http.js';
import { itemsFor, type DestinationHandler } from './destination-handler.js';
import { settlesAfter } from './settles-after.js';
import type { DestinationSubject } from './test-destination-options.js';

/** Registers the tests of a handler when all is well, and of one that is told to stop. */
export function testSending(subject: DestinationSubject, handler: DestinationHandler): void {
  const { destination, options } = subject;

  it('sends, and gives one result per item', async () => {
    const http = fakeHttp({ respond: options.respond });
    const items = itemsFor(handler, subject);
    expect(await handler.run(items, http)).toEqual(items.map(() => ({ ok: true })));
    expect(http.requests).not.toHaveLength(0);
  });

  it('sends a payload that has only its required fields', async () => {
    const required = Object.keys(destination.fields).filter((name) => destination.fields[name]?.required === true || destination.identifiers.includes(name));
    const bare = options.payloads.map((payload) => Object.fromEntries(Object.entries(payload).filter(([name]) => required.includes(name))));
    const items = itemsFor(handler, subject, 'key-1', bare);
    expect(await handler.run(items, fakeHttp({ respond: options.respond }))).toEqual(items.map(() => ({ ok: true })));
  });

  it('stops at once when it is told to', async () => {
    const controller = new AbortController();
    const http = fakeHttp({ respond: () => new Promise(() => undefined) });
    const items = itemsFor(handler, subject);
    const run = handler.run(items, http, { signal: controller.signal });
    await settlesAfter(() => controller.abort(), run);
    expect(http.requests).not.toHaveLength(0);
    expect(await run).toEqual(items.map(() => ({ ok: false, error: expect.any(Error) })));
  });
}
