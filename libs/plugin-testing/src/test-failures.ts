import { DestinationMoved, EndpointMissing, InvalidCredentials, InvalidPayload, RateLimited, RetryableError, secretNames, type JsonValue, type SendResult } from '@firsthand/plugin-sdk';
import { fakeHttp, type FakeAnswer, type FakeRespond } from './fake-http.js';
import { fakeLog } from './fake-log.js';
import { itemsFor, type DestinationHandler } from './destination-handler.js';
import type { DestinationSubject } from './test-destination-options.js';

/** What can never be taken, of each kind. Who is not there any more is removed: a removal may take 404 for done. */
const STOP_STATUSES = [400, 404, 409, 413, 422];

/** Registers the tests of what a handler makes of a vendor's failures. */
export function testFailures(subject: DestinationSubject, handler: DestinationHandler): void {
  const { options } = subject;
  const failWith = async (respond: FakeRespond): Promise<Error[]> => errorsOf(await handler.run(itemsFor(handler, subject), fakeHttp({ respond })));
  const isEach = (errors: Error[], ...classes: (new (...args: never[]) => Error)[]): void => {
    expect(errors).toHaveLength(options.payloads.length);
    for (const error of errors) expect(classes.map(({ name }) => name)).toContain(classes.find((one) => error instanceof one)?.name ?? error);
  };

  it.each(options.stopStatuses ?? STOP_STATUSES.filter((status) => status !== 404 || !handler.isRemoval))('stops at %i', async (status) => isEach(await failWith(() => ({ status, json: {} })), InvalidPayload, ...(status === 404 ? [EndpointMissing] : [])));

  it('stops at 302, which is the destination’s failure', async () => isEach(await failWith(() => ({ status: 302, json: {} })), DestinationMoved));

  it('stops at 401 for the credentials', async () => isEach(await failWith(() => ({ status: 401, json: {} })), InvalidCredentials));

  it.each(options.retryStatuses ?? [408, 429, 500, 502, 503])('may be retried after %i', async (status) => {
    isEach(await failWith(() => ({ status, json: {} })), RetryableError, RateLimited);
  });

  it('waits as long as Retry-After says', async () => {
    const errors = await failWith(() => ({ status: 429, headers: { 'retry-after': '7' }, json: {} }));
    expect(errors).toEqual(options.payloads.map(() => expect.objectContaining({ name: 'RateLimited', retryAfterMs: 7000 })));
  });

  it('may be retried after a failure of the network', async () => {
    isEach(await failWith(() => { throw new RetryableError('No answer within 10000 ms.'); }), RetryableError);
  });

  it('tells no secret and no value of the payload, in errors and in the log', async () => {
    const told: string[] = [];
    for (const answer of echoes(subject)) {
      const log = fakeLog();
      const results = await handler.run(itemsFor(handler, subject), fakeHttp({ respond: () => answer }), { log });
      told.push(...log.lines, ...results.flatMap((result) => (result.ok ? [] : describeError(result.error))));
    }
    const log = fakeLog();
    await handler.run(itemsFor(handler, subject), fakeHttp({ respond: options.respond }), { log });
    const text = [...told, ...log.lines].join('\n');
    // The names of the guarded values, so that a failing test does not print them either.
    expect(Object.entries(guardedValues(subject)).filter(([, value]) => text.includes(value)).map(([name]) => name)).toEqual([]);
  });
}

function errorsOf(results: readonly SendResult[]): Error[] {
  return results.flatMap((result) => (result.ok ? [] : [result.error]));
}

/** Vendors like to repeat what they were sent: answers of each kind that do. */
function echoes(subject: DestinationSubject): FakeAnswer[] {
  const message = Object.values(guardedValues(subject)).join(' ');
  const json = { error: { message, code: message }, message, errors: [{ message, context: { value: [message] } }] };
  return [400, 401, 403, 404, 422, 429, 500].map((status) => ({ status, json, headers: { 'x-error': message } }));
}

/** Secrets of the settings and texts of the payloads by their place; shorter ones would be found by chance. */
function guardedValues({ plugin, settings, options }: DestinationSubject): Record<string, string> {
  const secrets = secretNames(plugin.settings).flatMap((name) => texts(`settings.${name}`, settings[name] ?? null));
  const values = texts('payloads', [...options.payloads]);
  return Object.fromEntries([...secrets, ...values].filter(([, value]) => value.length >= 4));
}

function texts(place: string, value: JsonValue): [place: string, text: string][] {
  if (typeof value === 'string') return [[place, value]];
  return value === null || typeof value !== 'object' ? [] : Object.entries(value).flatMap(([name, inner]) => texts(`${place}.${name}`, inner));
}

function describeError(error: Error): string[] {
  const own = [error.message, JSON.stringify(error)];
  return error.cause instanceof Error ? [...own, ...describeError(error.cause)] : own;
}
