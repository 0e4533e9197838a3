import type { CanonicalRecord, JsonObject } from '@firsthand/domain';
import type { SourceConnection } from '@firsthand/pipeline';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, MARKETING, type World } from '../support/pipeline-world.js';

/** What is kept at collection: only what a purpose covers that the customer was told of, and may be used now. */
let world: World;
afterEach(() => world.close());

const SERVICE = { ...MARKETING, key: 'service', lawfulBasis: 'contract' as const, fields: ['event.order.*'] };
const NARROW = { ...MARKETING, fields: ['profile.city', 'event.properties.*'] };
const order = { event: 'Order Completed', properties: { order_id: 'o-1', currency: 'CNY', coupon: 'SPRING' } };
const refuses = { context: { consent: { categoryPreferences: { marketing: false } } } };

async function start(source: Partial<SourceConnection>): Promise<void> {
  world = await createWorld((parts) => {
    parts.purposes = [NARROW, SERVICE];
    parts.agreements = parts.agreements?.map((version) => ({ ...version, purposes: ['marketing', 'service'] }));
    parts.sources = [{ connectionId: 'web', ...source }];
  });
}

async function send(messageId: string, more: JsonObject): Promise<void> {
  world.clock.now += 1_000;
  await world.track([event(world, messageId, more)], { isVerified: true });
  await world.settle();
}
const events = () => world.store.collections.events.find({}).sort({ receivedAt: 1 }).toArray();
const rawCount = () => world.store.collections.rawRecords.countDocuments({});
const kept = ({ properties, order: bought, context, flags }: CanonicalRecord) => ({ properties, order: bought, context, flags });

it('keeps no field that no purpose of the agreement covers, nor the raw record that has it', async () => {
  await start({});
  world.clock.now += 1_000;
  await world.track([identify(world, 'm1', 'u1', { city: 'Shanghai', birthday: '1990-04-01' })], { isVerified: true });
  await world.settle();
  const [stored] = await events();
  expect(stored).toMatchObject({ record: { profile: { city: 'Shanghai' }, flags: ['without-basis:profile.birthday'] } });
  expect(Object.keys((await world.store.collections.profiles.findOne({}))?.fields ?? {})).toEqual(['city']);
  expect(await rawCount()).toBe(0);
  await send('m2', {});
  expect(await rawCount()).toBe(1);
});

it('strips an event whose person has not consented to what may be used without, and takes the rest with the consent', async () => {
  await start({ collectionPurpose: 'marketing', withoutBasis: 'strip' });
  await send('m1', order);
  await send('m2', { ...order, ...refuses });
  world.clock.now += 1_000;
  await decide(world, 'granted');
  await send('m3', order);
  const [unasked, refused, agreed] = (await events()).map(({ record }) => kept(record));
  expect(unasked).toEqual({ properties: {}, order: { orderId: 'o-1', currency: 'CNY', coupon: 'SPRING', status: 'completed' }, context: {}, flags: expect.any(Array) as unknown });
  expect(refused).toMatchObject({ properties: {}, order: { orderId: 'o-1' }, context: {} });
  expect(agreed).toMatchObject({ properties: { coupon: 'SPRING' }, order: { orderId: 'o-1' } });
  expect(await ledgerTotals(world)).toMatchObject({ received: 3, applied: 3 });
  expect(await world.store.collections.consents.findOne({ method: 'event' })).toMatchObject({ purpose: 'marketing', decision: 'denied' });
  // Of the last one alone, of which nothing was taken out.
  expect(await rawCount()).toBe(1);
});

it('keeps an event as nobody’s, once, and remembers who refused', async () => {
  await start({ collectionPurpose: 'marketing', withoutBasis: 'anonymous' });
  await send('m1', { ...order, context: { ip: '203.0.113.7' } });
  expect(await world.store.collections.profiles.countDocuments({})).toBe(0);
  await send('m1', order);
  await send('m2', { ...order, ...refuses });
  const stored = await events();
  expect(stored.map(({ profileId, receivedAt, record: { identities, profile, order: bought, messageId } }) => ({ profileId, isWholeHour: receivedAt % 3_600_000 === 0, identities, profile, bought, hasOwnId: /^m\d/.test(messageId) })))
    .toEqual([1, 2].map(() => ({ profileId: 'nobody', isWholeHour: true, identities: [], profile: {}, bought: { currency: 'CNY' }, hasOwnId: false })));
  expect(JSON.stringify(stored)).not.toMatch(/"u1"|203\.0\.113/);
  expect(await ledgerTotals(world)).toMatchObject({ received: 3, anonymous: 2, duplicate: 1 });
  expect(await world.store.collections.consents.findOne({ method: 'event' })).toMatchObject({ purpose: 'marketing', decision: 'denied' });
  expect(await rawCount()).toBe(0);
});
