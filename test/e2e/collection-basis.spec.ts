import type { CanonicalRecord, JsonObject, Purpose } from '@firsthand/domain';
import type { InboxRecord, SourceConnection } from '@firsthand/pipeline';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SERVICE, type World } from '../support/pipeline-world.js';

/** What is kept at collection: only what a purpose covers that the customer was told of, and may be used now. */
let world: World;
afterEach(() => world.close());

const NARROW = { ...MARKETING, fields: ['profile.city', 'event.properties.*'] };
const order = { event: 'Order Completed', properties: { order_id: 'o-1', currency: 'CNY', coupon: 'SPRING' } };
const refuses = { context: { consent: { categoryPreferences: { marketing: false } } } };

async function start(source: Partial<SourceConnection>, purposes: Purpose[] = [NARROW, { ...SERVICE, fields: ['event.order.*'] }]): Promise<void> {
  world = await createWorld((parts) => {
    parts.purposes = purposes;
    parts.sources = [{ connectionId: 'web', ...source }];
  });
}

async function send(messageId: string, more: JsonObject): Promise<void> {
  world.clock.now += 1_000;
  await world.track([event(world, messageId, more)], { isVerified: true });
  await world.settle();
}
async function know(messageId: string, traits: JsonObject): Promise<void> {
  world.clock.now += 1_000;
  await world.track([identify(world, messageId, 'u1', traits)], { isVerified: true });
  await world.settle();
}
const fields = async () => Object.keys((await world.store.collections.profiles.findOne({}))?.fields ?? {});
const events = () => world.store.collections.events.find({}).sort({ receivedAt: 1 }).toArray();
const rawCount = () => world.store.collections.rawRecords.countDocuments({});
const kept = ({ properties, order: bought, context, flags }: CanonicalRecord) => ({ properties, order: bought, context, flags });

it('keeps no field that no purpose of the agreement covers for this person, nor the raw record that has it', async () => {
  await start({});
  await know('m1', { city: 'Shanghai', birthday: '1990-04-01' });
  expect((await events())[0]).toMatchObject({ record: { profile: {}, flags: ['without-basis:profile.birthday', 'without-basis:profile.city'] } });
  expect([await fields(), await rawCount()]).toEqual([[], 0]);
  world.clock.now += 1_000;
  await decide(world, 'granted');
  await know('m2', { city: 'Shanghai', birthday: '1990-04-01' });
  expect((await events())[1]).toMatchObject({ record: { profile: { city: 'Shanghai' }, flags: ['without-basis:profile.birthday'] } });
  expect([await fields(), await rawCount()]).toEqual([['city'], 0]);
  await send('m3', {});
  expect(await rawCount()).toBe(1);
  world.clock.now += 1_000;
  await decide(world, 'withdrawn');
  await know('m4', { city: 'Beijing' });
  expect((await events())[3]).toMatchObject({ record: { profile: {}, flags: ['without-basis:profile.city'] } });
});

describe('where all that the customer was told of rests on consent', () => {
  const startAsking = (source: Partial<SourceConnection> = {}, purposes = [NARROW]) => start(source, purposes);
  const agrees = { context: { consent: { categoryPreferences: { marketing: true } } } };
  const batch = async (messages: JsonObject[], isVerified = true): Promise<void> => {
    world.clock.now += 1_000;
    await world.track(messages.map((more, index) => event(world, `${world.clock.now} ${index}`, { timestamp: new Date(world.clock.now - 100 + index).toISOString(), ...more })), { isVerified });
    await world.settle();
  };
  const names = async () => (await events()).map(({ record: { messageId } }) => messageId.split(' ').at(-1));

  it('keeps nothing of who has not agreed, refuses, or has taken it back, and remembers what was said', async () => {
    await startAsking();
    await send('m1', order);
    expect(await world.store.collections.profiles.countDocuments({})).toBe(0);
    await send('m2', { ...order, ...refuses });
    expect(await fields()).toEqual([]);
    await send('m3', { ...order, ...agrees });
    await send('m4', order);
    await send('m5', { ...order, ...refuses });
    await send('m6', order);
    expect((await events()).map(({ record: { messageId } }) => messageId)).toEqual(['m3', 'm4']);
    expect(await ledgerTotals(world)).toMatchObject({ received: 6, applied: 2, 'refused.no-consent': 1, 'refused.consent-denied': 3 });
    expect((await world.store.collections.consents.find({}).sort({ effectiveAt: 1 }).toArray()).map(({ decision }) => decision)).toEqual(['denied', 'granted', 'denied']);
  });

  it('strips to nothing, or keeps it as nobody’s', async () => {
    await startAsking({ withoutBasis: 'strip' });
    await send('m1', order);
    expect(await ledgerTotals(world)).toMatchObject({ received: 1, 'refused.no-consent': 1 });
    world.rebuild((parts) => { parts.sources = [{ connectionId: 'web', withoutBasis: 'anonymous' }]; });
    await send('m2', order);
    expect((await events()).map(({ profileId, record }) => [profileId, record.order])).toEqual([['nobody', { currency: 'CNY' }]]);
  });

  it('counts a yes for what happened after it among records that come together, and a no as well', async () => {
    await startAsking();
    await batch([{}, agrees, {}, refuses, {}]);
    expect(await names()).toEqual(['1', '2']);
    // Whoever has refused since is asked anew.
    await batch([{}, agrees, {}]);
    expect(await names()).toEqual(['1', '2', '1', '2']);
  });

  it('counts a yes over a public key for its own record, and the other’s on one device for nobody', async () => {
    await startAsking();
    await batch([{ userId: null, anonymousId: 'd1', ...agrees }, { userId: null, anonymousId: 'd1' }], false);
    expect(await names()).toEqual(['0']);
    await batch([{ userId: 'u1', anonymousId: 'd2', ...agrees }]);
    await batch([{ userId: 'u2', anonymousId: 'd2' }, { userId: 'u1', anonymousId: 'd3' }, { userId: null, anonymousId: 'd3' }, { userId: 'u3', anonymousId: 'd3' }]);
    expect(await names()).toEqual(['0', '0', '1', '2']);
  });

  describe('at a device that several are known on', () => {
    const tablet = { anonymousId: 'tablet' };
    const nobody = { userId: null, ...tablet };
    const [ana, bo] = [{ userId: 'ana' }, { userId: 'bo' }];
    beforeEach(async () => {
      await startAsking();
      for (const who of ['ana', 'bo', 'cy']) await decide(world, 'granted', who);
    });

    it('counts a refusal for all of them among records that come together, from then on, until they agree again', async () => {
      await batch([{ ...ana, ...tablet }]);
      await batch([{ ...bo, ...tablet }]);
      await batch([ana, bo, { ...nobody, ...refuses }, ana, bo, { ...bo, ...agrees }, bo, ana]);
      expect((await names()).slice(2)).toEqual(['0', '1', '5', '6']);
      expect(await ledgerTotals(world)).toMatchObject({ received: 10, applied: 6, 'refused.consent-denied': 4 });
    });

    it('counts one that somebody tells there over a public key for who has the device, and one that is put aside', async () => {
      await batch([{ ...ana, ...tablet }]);
      await batch([{ ...bo, ...tablet }]);
      const no = event(world, 'no', { ...bo, ...tablet, ...refuses, timestamp: new Date(world.clock.now - 500).toISOString() });
      await world.track([no], { isVerified: false });
      await batch([ana, bo]);
      expect((await names()).slice(2)).toEqual([]);
      for (const who of ['ana', 'bo']) await decide(world, 'granted', who);
      world.rebuild((parts) => { parts.sources = [{ connectionId: 'web', unknownEvents: 'quarantine' }]; });
      await batch([{ ...nobody, ...refuses, event: 'Unheard' }, ana, bo]);
      expect((await names()).slice(2)).toEqual([]);
    });

    it('counts what was refused there before for who comes to be known there, also with the same record, and what is refused as they come', async () => {
      await batch([{ ...ana, ...tablet }]);
      await batch([{ ...bo, ...tablet }, { ...nobody, ...refuses }, bo]);
      expect((await names()).slice(1)).toEqual(['0']);
      await batch([{ userId: 'cy', ...tablet }, { userId: 'cy' }, { userId: 'dee', ...tablet, ...agrees }]);
      expect((await names()).slice(2)).toEqual(['2']);
      expect(await ledgerTotals(world)).toMatchObject({ 'refused.consent-denied': 4 });
    });
  });

  it('counts the refusal of either of two who turn out to be one, and the yes of one where the other was not asked', async () => {
    await startAsking({}, [NARROW, { ...SERVICE, key: 'service', lawfulBasis: 'legitimate', fields: [] }]);
    const mail = (email: string) => ({ context: { traits: { email } } });
    await batch([{ userId: 'u1' }, { userId: 'u2', ...mail('ana@example.com') }, { userId: 'u3' }, { userId: 'u4', ...mail('bo@example.com') }]);
    await decide(world, 'granted', 'u1');
    await decide(world, 'granted', 'u3');
    await decide(world, 'withdrawn', 'u4');
    await batch([{ userId: 'u1', properties: { sku: 'a' }, ...mail('ana@example.com') }, { userId: 'u3', properties: { sku: 'b' }, ...mail('bo@example.com') }]);
    expect((await events()).slice(-2).map(({ record }) => record.properties)).toEqual([{ sku: 'a' }, {}]);
  });

  it('keeps nothing of a person who restricts, nor of a child that the record tells of', async () => {
    await startAsking({}, [NARROW, { ...SERVICE, separateConsent: ['minor'] }]);
    await know('m1', { birthday: '2020-01-01' });
    await send('m2', order);
    world.clock.now += 1_000;
    await decide(world, 'denied', 'u1', 1, '*');
    await send('m3', order);
    expect((await events()).map(({ record: { messageId } }) => messageId)).toEqual(['m2']);
    expect(await ledgerTotals(world)).toMatchObject({ 'refused.no-consent': 1, 'refused.processing-restricted': 1 });
  });

  it('lets nothing wait at the door of who refuses all that it could be kept for', async () => {
    await startAsking({}, [NARROW, { ...SERVICE, lawfulBasis: 'legitimate' }]);
    const waiting = async () => (await world.store.collections.inbox.find({}).toArray()).flatMap(({ records }) => (JSON.parse(records) as InboxRecord[]).map(({ raw, record }) => [raw === null, record?.order]));
    await world.track([event(world, 'm1', { ...order, context: { consent: { categoryPreferences: { marketing: false, service: false } } } }), event(world, 'm2', { userId: 'u2', ...order, ...refuses })], { isVerified: true });
    expect((await waiting()).sort()).toEqual([[false, expect.objectContaining({ orderId: 'o-1' })], [true, undefined]]);
    await world.settle();
    expect((await events()).map(({ record: { messageId } }) => messageId)).toEqual(['m2']);
  });
});

it('puts aside what waits while its source cannot be used, and keeps nothing under an agreement that is gone', async () => {
  await start({});
  await world.track([event(world, 'm1', order)], { isVerified: true });
  world.rebuild((parts) => { parts.sources = []; });
  await world.settle();
  expect(await ledgerTotals(world)).toMatchObject({ received: 1, quarantined: 1 });
  expect(await world.store.collections.quarantine.findOne({})).toMatchObject({ code: 'RECORD_FAILED', places: [{ message: 'the connection of this record is gone, or cannot be used' }] });
  world.rebuild((parts) => { parts.sources = [{ connectionId: 'web' }]; parts.agreements = []; });
  await send('m2', order);
  expect(await events()).toEqual([]);
  expect(await ledgerTotals(world)).toMatchObject({ 'refused.agreement-missing': 1 });
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
