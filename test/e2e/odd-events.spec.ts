import { readRawRecords } from '@firsthand/persistence';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** What is odd and still usable, from the request to the stored event. */
let host: TestHost;
let writeKey: string;
beforeAll(async () => {
  host = await startHost();
  ({ writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events' }));
});
afterAll(() => host.stop());

async function send(call: string, ...bodies: string[]): Promise<void> {
  for (const body of bodies) {
    const response = await fetch(`${host.url}/v1/${call}`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' }, body });
    expect(response.status).toBe(200);
  }
  expect(await until(() => host.connected.collections.inbox.countDocuments({}), (count) => count === 0)).toBe(0);
}

async function storedAs(messageId: string) {
  const events = await host.connected.collections.events.find({ 'record.messageId': messageId }).toArray();
  const raws = await readRawRecords(host.connected.collections, events.map(({ _id }) => _id));
  return events.map((event) => ({ event, raw: raws.get(event._id) as Record<string, unknown> }));
}

it('an event from the future is clamped to its receipt, and flagged', async () => {
  await send('track', JSON.stringify({ event: 'Product Viewed', userId: 'u-1', messageId: 'future', timestamp: '2199-01-01T00:00:00Z' }));
  const [{ event } = { event: undefined }] = await storedAs('future');
  expect(event).toMatchObject({ record: { flags: ['occurred-at-clamped'], occurredAt: event?.receivedAt } });
  expect(Math.abs(Date.now() - (event?.receivedAt ?? 0))).toBeLessThan(10_000);
});

it('the same messageId is stored once, whatever else is in it', async () => {
  await send('track', ...['a', 'b', 'a'].map((sku) => JSON.stringify({ event: 'Product Viewed', userId: 'u-1', messageId: 'twice', properties: { sku } })));
  expect(await storedAs('twice')).toHaveLength(1);
});

it('unknown fields are kept in raw, and are in no canonical field', async () => {
  await send('track', JSON.stringify({ event: 'Product Viewed', userId: 'u-1', messageId: 'unknown', shoeSize: 42, properties: { sku: 's-1', horoscope: 'leo' }, context: { mood: 'fine' } }));
  const [{ event, raw } = { event: undefined, raw: {} }] = await storedAs('unknown');
  expect(raw).toMatchObject({ shoeSize: 42, properties: { horoscope: 'leo' }, context: { mood: 'fine' } });
  expect(JSON.stringify(event?.record)).not.toMatch(/shoeSize|horoscope|leo|mood/);
  expect(event?.record.properties).toMatchObject({ sku: 's-1' });
});

it('keys with $ or dots, and those that reach for a prototype, do no harm and leave the good ones', async () => {
  await send('track', '{"event":"Product Viewed","userId":"u-2","messageId":"keys","$set":{"a":1},"properties":{"sku":"s-1","$where":"1","a.b":{"$gt":""},"__proto__":{"polluted":1}}}');
  const [{ event, raw } = { event: undefined, raw: {} }] = await storedAs('keys');
  expect(raw).toMatchObject({ $set: { a: 1 }, properties: { $where: '1', 'a.b': { $gt: '' } } });
  expect(JSON.stringify(raw)).not.toContain('polluted');
  expect(event?.record.properties).toMatchObject({ sku: 's-1' });
  expect(JSON.stringify(event?.record)).not.toMatch(/\$|a\.b|polluted/);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

it('traits with such keys change their own field alone', async () => {
  await send('identify', '{"userId":"u-3","traits":{"city":"Berlin","$inc":1,"x.y":2,"__proto__":{"polluted":1}}}');
  const profile = await host.connected.collections.profiles.findOne({ 'identities.value': 'u-3' });
  expect(Object.keys(profile?.fields ?? {})).toEqual(['city']);
});
