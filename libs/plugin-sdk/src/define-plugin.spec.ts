import { defineDestination } from './define-destination.js';
import { definePlugin } from './define-plugin.js';
import { defineSource } from './define-source.js';
import { email, list, number, select, text } from './fields.js';
import { hmacSha256 } from './hmac-sha256.js';
import { jsonRecords } from './json-records.js';
import { poll, webhook } from './triggers.js';

/** Types are proven by the compiler: this file does not type-check when an inference is lost. */
type IsEqual<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const hasType = <E>() => <A>(_value: A, ..._proof: IsEqual<A, E> extends true ? [] : [never]): void => undefined;

const settings = { secret: text('Secret', { secret: true, required: true }), region: select('Region', ['eu', 'us'], { required: true }), limit: number('Limit') };
const about = { label: 'x', description: 'x', mapping: {}, sample: {}, emits: [] };

const pushed = defineSource(settings, {
  ...about,
  trigger: webhook({ verify: hmacSha256({ header: 'x', encoding: 'hex', secret: (s) => { hasType<string>()(s.secret); return s.secret; } }) }),
  *records({ body }) { yield* jsonRecords(body); },
});
const polled = defineSource(settings, {
  ...about,
  trigger: poll({ everySeconds: 60, async poll({ settings: s }) { hasType<'eu' | 'us'>()(s.region); return { records: [], cursor: null, hasMore: false }; } }),
});
const upsert = defineDestination(settings, {
  label: 'x', description: 'x', accepts: 'profile', suggests: { purpose: 'marketing', recipient: 'processor' }, idempotency: 'natural',
  fields: { email: email('Email', { required: true }), age: number('Age'), tags: list('Tags', { required: true }) },
  identifiers: ['email'],
  async send({ settings: s, payload }) {
    hasType<number | undefined>()(s.limit);
    hasType<string>()(payload.email);
    hasType<number | undefined>()(payload.age);
    hasType<string[]>()(payload.tags);
    // @ts-expect-error: a field that is not declared has no type
    void payload.name;
  },
  async removeMembers({ items }) {
    for (const { payload } of items) hasType<string | undefined>()(payload.email);
    return items.map(() => ({ ok: true }));
  },
});
defineDestination(settings, {
  ...upsert,
  // @ts-expect-error: an identifier must be a field
  identifiers: ['name'],
});

it('gives a definition back as it is, whatever its capabilities', () => {
  const plugin = definePlugin({
    id: 'acme-shop', version: '1.0.0', name: 'Acme', description: 'x', channel: 'store', sdk: '^0.1.0', settings,
    sources: { pushed, polled }, destinations: { upsert },
  });
  expect(plugin.sources).toEqual({ pushed, polled });
  expect(plugin.destinations).toEqual({ upsert });
  expect([...(pushed.records?.({ body: Buffer.from('{"a":1}'), headers: {}, query: {} }) ?? [])]).toEqual([{ a: 1 }]);
});
