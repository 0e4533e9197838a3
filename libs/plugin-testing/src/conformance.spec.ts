import { createHmac } from 'node:crypto';
import {
  classifyResponse, defineDestination, definePlugin, defineSource, email, hmacSha256, InvalidPayload, jsonRecords, MalformedBody, poll, RateLimited, RetryableError, text, webhook,
  type DestinationDefinition, type JsonObject, type SourceDefinition, type WebhookRequest,
} from '@firsthand/plugin-sdk';
import { testDestination } from './test-destination.js';
import { testSource } from './test-source.js';
import type { TestDestinationOptions } from './test-destination-options.js';
import type { TestSourceOptions } from './test-source-options.js';

/** Runs what a suite registers, on its own, and gives the names of the tests that fail: proof that each check can. */
async function failuresOf(register: () => void): Promise<string[]> {
  const tests: [name: string, run: () => unknown][] = [];
  const place: string[] = [];
  const fill = (name: string, row: readonly unknown[]): string => row.reduce<string>((filled, value) => filled.replace(/%[si]/, String(value)), name);
  const each = <R>(one: (name: string, body: (...row: unknown[]) => R) => void) => (rows: readonly unknown[]) => (name: string, body: (...row: unknown[]) => R) => {
    for (const row of rows) one(fill(name, [row].flat()), () => body(...[row].flat()));
  };
  const fakeDescribe = (name: string, body: () => void): void => { place.push(name); body(); place.pop(); };
  const fakeIt = (name: string, run: () => unknown): void => { tests.push([[...place.slice(1), name].join(' › '), run]); };
  const real = { describe: globalThis.describe, it: globalThis.it };
  Object.assign(globalThis, { describe: Object.assign(fakeDescribe, { each: each(fakeDescribe) }), it: Object.assign(fakeIt, { each: each(fakeIt) }) });
  try {
    register();
  } finally {
    Object.assign(globalThis, real);
  }
  const failed: string[] = [];
  for (const [name, run] of tests) await Promise.resolve().then(run).catch(() => failed.push(name));
  expect(tests.length).toBeGreaterThan(5);
  return failed;
}

const settings = { secret: text('Secret', { secret: true, required: true }) };
const values = { secret: 'a-signing-secret' };
const about = { id: 'acme', version: '1.0.0', name: 'Acme', description: 'd', channel: 'store', sdk: '^0.1.0', settings } as const;

describe('testSource', () => {
  const order = { id: 'o-1', at: '2026-11-24T08:00:00Z', mail: 'ana@example.com' };
  const good = defineSource(settings, {
    label: 'l', description: 'd', emits: ['Order Completed'],
    trigger: webhook({ verify: hmacSha256({ header: 'x-signature', encoding: 'hex', timestampHeader: 'x-time', maxAgeSeconds: 60, secret: (s) => s.secret }) }),
    *records({ body }) { yield* jsonRecords(body); },
    mapping: { name: 'Order Completed', messageId: '{{id}}', occurredAt: '{{at}}', 'identities.email': '{{mail}}' },
    sample: order,
  });
  const sign = (request: WebhookRequest, { now }: { now: number }): WebhookRequest => {
    const time = String(Math.floor(now / 1000));
    const signature = createHmac('sha256', values.secret).update(`${time}.`).update(request.body).digest('hex');
    return { ...request, headers: { ...request.headers, 'x-time': time, 'x-signature': signature } };
  };
  const fixtures = [{ body: [order, { ...order, id: 'o-2' }], expected: [{ messageId: 'o-1', name: 'Order Completed' }, { messageId: 'o-2' }] }];
  const run = (change: Partial<SourceDefinition<typeof settings>> = {}, options: Partial<TestSourceOptions> = {}): Promise<string[]> =>
    failuresOf(() => testSource(definePlugin({ ...about, sources: { paid: { ...good, ...change } } }), 'paid', { settings: values, fixtures, sign, maxAgeSeconds: 60, ...options }));
  const withVerify = (verify: ReturnType<typeof hmacSha256<typeof values>>): Partial<SourceDefinition<typeof settings>> => ({ trigger: webhook({ verify }) });
  const check = hmacSha256<typeof values>({ header: 'x-signature', encoding: 'hex', timestampHeader: 'x-time', maxAgeSeconds: 60, secret: (s) => s.secret });

  it('passes a good source', async () => expect(await run()).toEqual([]));

  it('finds a mapping that does not compile', async () => {
    expect(await run({ mapping: { ...good.mapping, 'profile.noSuchField': '{{id}}' } })).toContain('has a mapping that compiles');
  });
  it('finds a sample that is none', async () => expect(await run({ sample: { other: 1 } })).toEqual(['has a sample that is a valid record']));
  it('finds another record than expected', async () => {
    expect(await run({}, { fixtures: [{ body: order, expected: { name: 'Order Refunded' } }] })).toEqual(['fixture 1 › becomes the expected records']);
    expect(await run({}, { fixtures: [{ body: order, expected: [] }] })).toEqual(['fixture 1 › becomes the expected records']);
  });
  it('finds a flag that was not expected', async () => {
    expect(await run({ mapping: { ...good.mapping, 'identities.phone': 'none' } })).toContain('fixture 1 › becomes the expected records');
  });
  it('finds an event name that is not declared', async () => expect(await run({ emits: ['Order Refunded'] })).toEqual(['fixture 1 › gives only event names that the source declares']));
  it('finds message ids that are not stable, or not unique', async () => {
    let count = 0;
    const changing = { *records({ body }: { body: Uint8Array }) { for (const record of jsonRecords(body)) yield { ...(record as JsonObject), id: `o-${count += 1}` }; } };
    expect(await run(changing)).toContain('fixture 1 › gives the same again, message ids too, and no id twice');
    expect(await run({ mapping: { ...good.mapping, messageId: 'same' } })).toContain('fixture 1 › gives the same again, message ids too, and no id twice');
  });
  it('finds records that change their bytes', async () => {
    expect(await run({ *records({ body }) { yield* jsonRecords(body); body.fill(32); } })).toContain('fixture 1 › is read without a change to its bytes');
  });

  it.each<[string, Parameters<typeof withVerify>[0], string]>([
    ['takes anything', () => undefined, 'refuses a request that is not signed'],
    ['compares a prefix', (request, s, context) => {
      const whole = sign(request, context).headers['x-signature'] ?? '';
      if (request.headers['x-time'] === undefined || !whole.startsWith(request.headers['x-signature'] ?? 'none')) check(request, s, context);
    }, 'refuses a signature of which a part is missing, empty or truncated'],
    ['forgets the body', (request, s, context) => check({ ...request, body: Buffer.from(String(request.body).trim()) }, s, context), 'refuses the signature of another body'],
    ['forgets the secret', (request, _, context) => check(request, values, context), 'refuses the signature of another secret'],
    ['forgets the time', (request, s) => check(request, s, { now: Number(request.headers['x-time']) * 1000 }), 'refuses a stale signature, and not one that is a moment younger'],
    ['refuses a good one', () => { check({ method: 'POST', headers: {}, query: {}, body: Buffer.alloc(0), url: '' }, values, { now: 0 }); }, 'takes a good signature'],
  ])('finds a signature check that %s', async (_, verify, failing) => expect(await run(withVerify(verify))).toContain(failing));

  it('finds an untyped error for a malformed body, and one that is taken', async () => {
    const names = ['empty', 'cut off', 'no text'].map((body) => `refuses a body that is ${body}`);
    expect(await run({ *records({ body }) { yield* JSON.parse(Buffer.from(body).toString()) as JsonObject[]; } })).toEqual(expect.arrayContaining(names));
    expect(await run({ *records({ body }) { try { yield* jsonRecords(body); } catch (error) { if (!(error instanceof MalformedBody)) throw error; } } })).toEqual(names);
  });

  it('finds a fetch that loses records', async () => {
    expect(await run({ fetch: async ({ records }) => records.slice(1) })).toContain('fixture 1 › becomes the expected records');
    expect(await run({ fetch: async ({ records }) => records })).toEqual([]);
  });

  it('refuses an unknown source and settings that do not fit', () => {
    const plugin = definePlugin({ ...about, sources: { paid: good } });
    expect(() => testSource(plugin, 'other', { settings: values, fixtures })).toThrow(/has no source/);
    expect(() => testSource(plugin, 'paid', { settings: {}, fixtures })).toThrow(expect.objectContaining({ code: 'INVALID_SETTINGS' }));
  });

  describe('of a poll', () => {
    const polled = (turn: (page: number) => boolean, request = { withSignal: true, classified: true }) => poll<typeof values>({
      everySeconds: 60,
      async poll({ cursor, http, signal, now }) {
        const page = typeof cursor === 'number' ? cursor : 0;
        const response = await http.request({ method: 'GET', url: `https://api.example.com/orders?page=${page}` }, request.withSignal ? { signal } : {});
        if (request.classified) classifyResponse(response, now);
        return { records: jsonRecords(Buffer.from(response.text)), cursor: page + 1, hasMore: turn(page) };
      },
    });
    const vendor = { respond: ({ url }: { url: string }) => ({ json: [{ ...order, id: `o-${url.at(-1) ?? ''}` }] }), records: 2 };
    const pollFixtures = [{ body: order, expected: { messageId: 'o-1' } }];
    const runPoll = (trigger: ReturnType<typeof polled>, withPoll: TestSourceOptions['poll'] = vendor): Promise<string[]> => run({ trigger, records: undefined }, { fixtures: pollFixtures, poll: withPoll });
    const toTheEnd = 'reads every page to the end, from cursors that were stored as JSON';

    it('passes a good one', async () => expect(await runPoll(polled((page) => page < 1))).toEqual([]));
    it('finds one that never ends, or ends early', async () => {
      expect(await runPoll(polled(() => true))).toEqual([toTheEnd]);
      expect(await runPoll(polled(() => false))).toEqual([toTheEnd]);
    });
    it('finds one that hides failures', async () => {
      const names = [429, 500, 503].map((status) => `hands a ${status} on as one that may pass`);
      expect(await runPoll(polled((page) => page < 1, { withSignal: true, classified: false }))).toEqual([...names, 'hands refused credentials on']);
    });
    it('finds one that cannot be stopped', async () => expect(await runPoll(polled((page) => page < 1, { withSignal: false, classified: true }))).toEqual(['stops when it is told to']));
  });
});

describe('testDestination', () => {
  const good = defineDestination(settings, {
    label: 'l', description: 'd', accepts: 'profile', suggests: { purpose: 'marketing', recipient: 'own' }, idempotency: 'natural',
    fields: { email: email('Email', { required: true, from: '{{profile.email}}' }), name: text('Name') }, identifiers: ['email'], maxBatchSize: 1,
    async send({ payload, http, signal, settings: { secret }, now }) {
      classifyResponse(await http.request({ method: 'PUT', url: 'https://api.example.com/people', headers: { authorization: secret }, json: { ...payload } }, { signal }), now);
    },
    async erase({ items, http, signal, now }) {
      for (const { payload } of items) classifyResponse(await http.request({ method: 'DELETE', url: `https://api.example.com/people/${payload.email ?? ''}` }, { signal }), now);
      return items.map(() => ({ ok: true }));
    },
  });
  type Good = DestinationDefinition<typeof settings, typeof good.fields>;
  const payloads: JsonObject[] = [{ email: 'ana@example.com', name: 'Ana Lima' }, { email: 'li@example.com' }];
  const run = (change: Partial<Good> = {}, options: Partial<TestDestinationOptions> = {}): Promise<string[]> =>
    failuresOf(() => testDestination(definePlugin({ ...about, destinations: { upsert: { ...good, ...change } } }), 'upsert', { settings: values, payloads, ...options }));
  /** A `send` that does something else around the good one. */
  const send = (around: (context: Parameters<NonNullable<Good['send']>>[0], go: () => Promise<void>) => Promise<void>): Partial<Good> => ({ send: (context) => around(context, async () => good.send?.(context)) });

  it('passes a good destination', async () => expect(await run()).toEqual([]));

  it('finds a field that should be required, and payloads that do not fit', async () => {
    expect(await run({}, { payloads: [{ email: 'none' }] })).toContain('takes the payloads of the test');
    expect(await run({ fields: { ...good.fields, email: email('Email', { required: true, from: '{{#if a}}' }) } })).toEqual(['has a default mapping that compiles to its fields']);
  });
  it('finds one that takes ids of everybody for its own', async () => {
    const found = ['tells its own ids in namespaces that there are, and no id of everybody is one'];
    expect(await run({ ownIds: () => ({ crmId: (id) => /^crm:7:./.test(id) }) })).toEqual([]);
    expect([await run({ ownIds: () => ({ crmId: (id) => /^\d+$/.test(id) }) }), await run({ ownIds: () => ({ contact: () => false }) })]).toEqual([found, found]);
  });
  it('finds one that needs an optional field', async () => {
    expect(await run(send(async ({ payload: { name } }, go) => { if (name === undefined) throw new InvalidPayload('No name.'); await go(); }), { payloads: [{ email: 'ana@example.com', name: 'Ana Lima' }] }))
      .toEqual(['send › sends a payload that has only its required fields']);
  });
  it('finds one that sends nothing', async () => expect(await run(send(async () => undefined))).toContain('send › sends, and gives one result per item'));
  it('finds one that gives too few results', async () => expect(await run({ erase: async (context) => (await good.erase?.(context) ?? []).slice(1) })).toContain('erase › sends, and gives one result per item'));
  it('finds one that swallows failures', async () => {
    const failing = await run(send(async (_, go) => go().catch(() => undefined)));
    expect(failing).toEqual(expect.arrayContaining([400, 422].map((status) => `send › stops at ${status}`)));
    expect(failing).toEqual(expect.arrayContaining([408, 429, 500, 502, 503].map((status) => `send › may be retried after ${status}`)));
    expect(failing).toContain('send › stops at 401 for the credentials');
    expect(failing).toContain('send › may be retried after a failure of the network');
  });
  it('finds one that retries what can never be taken', async () => {
    expect(await run(send(async (_, go) => go().catch(() => { throw new RetryableError('Again.'); })))).toEqual([
      ...[400, 404, 409, 413, 422].map((status) => `send › stops at ${status}`), 'send › stops at 302, which is the destination’s failure', 'send › stops at 401 for the credentials', 'send › waits as long as Retry-After says',
    ]);
  });
  it('finds one that retries what is not there, and lets a removal take that for done', async () => {
    expect(await run({
      async send({ http: client, signal, now }) {
        const response = await client.request({ method: 'PUT', url: 'https://api.example.com/people', json: {} }, { signal });
        if (response.status === 404) throw new RetryableError('Not yet.');
        classifyResponse(response, now);
      },
      async erase({ items, http: client, signal, now }) {
        const response = await client.request({ method: 'DELETE', url: 'https://api.example.com/people' }, { signal });
        if (response.status !== 404) classifyResponse(response, now);
        return items.map(() => ({ ok: true }));
      },
    })).toEqual(['send › stops at 404']);
  });
  it('finds one that does not wait as long as it was asked to', async () => {
    expect(await run(send(async (_, go) => go().catch((error: unknown) => { throw error instanceof RateLimited ? new RateLimited(1000) : error; })))).toEqual(['send › waits as long as Retry-After says']);
  });

  const leaks = 'send › tells no secret and no value of the payload, in errors and in the log';
  it('finds a secret or a value of the payload in an error or a log line', async () => {
    expect(await run(send(async ({ payload }, go) => go().catch((error: unknown) => { throw error instanceof InvalidPayload ? new InvalidPayload(`Refused ${payload.email}.`) : error; })))).toEqual([leaks]);
    expect(await run(send(async (_, go) => go().catch((error: unknown) => { throw error instanceof RetryableError ? new RetryableError('x', { cause: new InvalidPayload(values.secret) }) : error; })))).toEqual([leaks]);
    expect(await run(send(async ({ log, settings: { secret } }, go) => { log.info('Sending.', { secret }); await go(); }))).toEqual([leaks]);
  });

  it('finds one that is not what it says of repetitions', async () => {
    const once = 'send › sends the same again when a delivery is repeated, and with any key';
    let count = 0;
    expect(await run(send(async ({ http }, go) => { await http.request({ method: 'POST', url: `https://api.example.com/?n=${count += 1}` }); await go(); }))).toContain(once);
    expect(await run({ idempotency: 'key' })).toEqual(['send › carries the key by which the vendor knows a repetition']);
    const keyed = send(async ({ http, idempotencyKey, signal, now }) => classifyResponse(await http.request({ method: 'POST', url: 'https://api.example.com/', headers: { 'idempotency-key': idempotencyKey } }, { signal }), now));
    expect(await run({ ...keyed, idempotency: 'receiver' })).toEqual([]);
    expect(await run(keyed)).toEqual([once]);
  });

  it('finds one that cannot be stopped', async () => {
    expect(await run(send(({ http, payload }) => http.request({ method: 'PUT', url: 'https://api.example.com/', json: { ...payload } }).then(classifyResponse)))).toEqual(['send › stops at once when it is told to']);
  });

  describe('of a listing', () => {
    const people = defineSource(settings, {
      label: 'l', description: 'd', emits: [], sample: { id: 'p-1' },
      trigger: poll({ everySeconds: 60, poll: async () => ({ records: [], cursor: null, hasMore: false }) }),
      mapping: { type: 'identify', messageId: '{{id}}', 'identities.email': '{{mail}}' },
    });
    const listed = (more: { next?(page: number): string | null; mail?: string; isClassified?: boolean; isDeaf?: boolean } = {}): Partial<Good> => ({
      listRecords: {
        source: 'people',
        async page({ cursor, http, signal, now, fields }) {
          const response = await http.request({ method: 'GET', url: `https://api.example.com/people?after=${cursor ?? '0'}&fields=${fields.join()}` }, more.isDeaf === true ? {} : { signal });
          if (more.isClassified !== false) classifyResponse(response, now);
          const page = Number(cursor ?? 0);
          return { records: [{ id: `p-${page}`, mail: more.mail ?? `p${page}@example.com` }], next: (more.next ?? ((at) => (at < 2 ? String(at + 1) : null)))(page) };
        },
      },
    });
    const runList = (change: Partial<Good>, list: TestDestinationOptions['list'] = { respond: () => ({}), records: 3 }): Promise<string[]> =>
      failuresOf(() => testDestination(definePlugin({ ...about, sources: { people }, destinations: { upsert: { ...good, ...change } } }), 'upsert', { settings: values, payloads, list }));
    const toTheEnd = 'listRecords › lists every page to the end, the same page for the same cursor';

    it('passes a good one', async () => expect(await runList(listed())).toEqual([]));
    it('finds one that never ends, or ends early', async () => {
      expect(await runList(listed({ next: (page) => String(page + 1) }))).toContain(toTheEnd);
      expect(await runList(listed({ next: () => null }))).toEqual([toTheEnd]);
    });
    it('finds one that hides failures', async () => expect(await runList(listed({ isClassified: false }))).toContain('listRecords › may be retried after 503'));
    it('finds one whose records are of nobody, or are for no source', async () => {
      const read = 'listRecords › lists records that its source reads, each of a person';
      expect(await runList(listed({ mail: '' }))).toEqual([read]);
      expect(await runList({ listRecords: { source: 'other', page: async () => ({ records: [], next: null }) } })).toContain(read);
    });
    it('finds one that cannot be stopped', async () => expect(await runList(listed({ isDeaf: true }))).toEqual(['listRecords › stops at once when it is told to']));
  });

  it('refuses an unknown destination', () => {
    expect(() => testDestination(definePlugin({ ...about, destinations: { upsert: good } }), 'other', { settings: values, payloads })).toThrow(/has no destination/);
  });
});
