import { canonicalise, compileMapping, createDictionary, lintEventName, type CanonicalRecord, type JsonObject } from '@firsthand/domain';
import { SEGMENT_SPEC_EVENTS } from './segment-spec-events.js';
import { segmentSpecMapping } from './segment-spec-mapping.js';

const dictionary = createDictionary();
const compiled = compileMapping(segmentSpecMapping, { targets: dictionary.isTarget });
const receivedAt = Date.UTC(2026, 10, 24, 8);

function map(message: JsonObject, settings = { country: 'CN', currency: 'CNY' }): CanonicalRecord {
  const tree = compiled.apply({ messageId: 'm-1', timestamp: '2026-11-24T07:59:00.000Z', ...message }, { settings });
  const { record, error } = canonicalise(tree as JsonObject, { dictionary, receivedAt, derivedMessageId: 'derived' });
  if (record === undefined) throw new Error(JSON.stringify(error));
  return record;
}

describe('segmentSpecMapping', () => {
  it('keeps the envelope of a track call', () => {
    expect(map({ type: 'track', event: 'Course Clicked', userId: 'u-1', anonymousId: 'a-1' })).toMatchObject({
      type: 'track', name: 'Course Clicked', messageId: 'm-1', occurredAt: Date.UTC(2026, 10, 24, 7, 59),
      identities: [{ namespace: 'userId', value: 'u-1' }, { namespace: 'anonymousId', value: 'a-1' }], profile: {}, flags: [],
    });
  });

  it.each([
    ['identify', 'Profile Updated'], ['page', 'Page Viewed'], ['screen', 'Screen Viewed'], ['group', 'Group Joined'], ['alias', 'Identities Linked'],
  ])('names a %s call "%s"', (type, name) => {
    expect(map({ type, userId: 'u-1', name: 'Home' }).name).toBe(name);
    expect(SEGMENT_SPEC_EVENTS).toContain(name);
  });

  it('maps traits to profile fields', () => {
    const { profile, identities, flags } = map({
      type: 'identify', userId: 'u-1',
      traits: {
        email: 'Ana@Example.com', phone: '139 1234 5678', firstName: 'Ana', lastName: 'Lima', username: 'ana_l', title: 'Buyer', gender: 'F',
        birthday: '1990-05-17T00:00:00.000Z', age: '34', avatar: 'https://cdn.example.com/a/1.png', company: { name: 'Example Trading Co.', id: 7 },
        address: { street: '88 Nanjing West Road', city: 'Shanghai', state: 'Shanghai', postalCode: '200041', country: 'China' }, createdAt: 1740816000,
      },
    });
    expect(profile).toEqual({
      email: 'ana@example.com', phone: '+8613912345678', firstName: 'Ana', lastName: 'Lima', nickname: 'ana_l', jobTitle: 'Buyer', gender: 'female',
      birthday: '1990-05-17', age: 34, avatarUrl: 'https://cdn.example.com/a/1.png', company: 'Example Trading Co.',
      street: '88 Nanjing West Road', city: 'Shanghai', region: 'Shanghai', postalCode: '200041', country: 'CN', signedUpAt: '2025-03-01T08:00:00.000Z',
    });
    expect(identities).toContainEqual({ namespace: 'phone', value: '+8613912345678' });
    expect(identities).toContainEqual({ namespace: 'email', value: 'ana@example.com' });
    expect(flags).toEqual([]);
  });

  it('takes company and street as texts too, and nothing from objects without them', () => {
    expect(map({ type: 'identify', userId: 'u-1', traits: { company: 'Example Trading Co.', address: '88 Nanjing West Road' } }).profile)
      .toEqual({ company: 'Example Trading Co.', street: '88 Nanjing West Road' });
    expect(map({ type: 'identify', userId: 'u-1', traits: { company: { id: 7 }, address: { city: 'Shanghai' } } })).toMatchObject({ profile: { city: 'Shanghai' }, flags: [] });
  });

  it('takes traits of an identify call from the context, as RudderStack sends them', () => {
    expect(map({ type: 'identify', userId: 'u-1', context: { traits: { firstName: 'Ana', company: 'Example Trading Co.' } } }).profile)
      .toEqual({ firstName: 'Ana', company: 'Example Trading Co.' });
  });

  it('takes identities but no profile fields from the traits that other calls repeat', () => {
    const { profile, identities } = map({ type: 'track', event: 'Cart Viewed', anonymousId: 'a-1', context: { traits: { email: 'ana@example.com', firstName: 'Old' } } });
    expect(profile).toEqual({});
    expect(identities).toEqual([{ namespace: 'email', value: 'ana@example.com' }, { namespace: 'anonymousId', value: 'a-1' }]);
  });

  it('flags a phone that cannot be read', () => {
    expect(map({ type: 'identify', userId: 'u-1', traits: { phone: '12345' } })).toMatchObject({ profile: {}, flags: expect.arrayContaining(['identity-dropped:phone', 'field-invalid:profile.phone']) });
  });

  it('keeps the traits of a group away from the person', () => {
    const record = map({ type: 'group', userId: 'u-1', groupId: 'g-17', traits: { name: 'Example Trading Co.', email: 'office@example.com', phone: '+8613912345678' } });
    expect(record.identities).toEqual([{ namespace: 'userId', value: 'u-1' }]);
    expect(record.profile).toEqual({ groupId: 'g-17' });
    expect(record.properties).toEqual({ groupId: 'g-17', groupName: 'Example Trading Co.' });
  });

  it('reads an order with its lines', () => {
    const { order, properties, flags } = map({
      type: 'track', event: 'Order Completed', userId: 'u-1',
      properties: {
        order_id: 'o-1', checkout_id: 'c-1', affiliation: 'Online store', currency: 'usd', total: 27.5, subtotal: '22.50', shipping: 3, tax: 2, discount: 2.5, coupon: 'WELCOME',
        products: [{ product_id: 'p-1', sku: 'S-1', name: 'Monopoly', price: 19, quantity: 1, category: 'Games', url: 'https://shop.example.com/p/1', image_url: 'https://shop.example.com/p/1.jpg', position: 1 }],
      },
    });
    const lines = [{
      productId: 'p-1', sku: 'S-1', name: 'Monopoly', price: { amountMinor: 1900, currency: 'USD' }, quantity: 1, category: 'Games',
      url: 'https://shop.example.com/p/1', imageUrl: 'https://shop.example.com/p/1.jpg', position: 1,
    }];
    expect(order).toEqual({
      orderId: 'o-1', checkoutId: 'c-1', status: 'completed', affiliation: 'Online store', currency: 'USD', coupon: 'WELCOME',
      total: { amountMinor: 2750, currency: 'USD' }, subtotal: { amountMinor: 2250, currency: 'USD' }, shipping: { amountMinor: 300, currency: 'USD' },
      tax: { amountMinor: 200, currency: 'USD' }, discount: { amountMinor: 250, currency: 'USD' }, lines,
    });
    expect(properties).toMatchObject({ orderId: 'o-1', total: { amountMinor: 2750, currency: 'USD' }, products: lines });
    expect(flags).toEqual([]);
  });

  it('takes the total of a refund as what was given back', () => {
    const { order } = map({ type: 'track', event: 'Order Refunded', userId: 'u-1', properties: { order_id: 'o-1', total: 10, currency: 'USD', products: [{ product_id: 'p-1' }] } });
    expect(order).toEqual({ orderId: 'o-1', status: 'refunded', currency: 'USD', refunded: { amountMinor: 1000, currency: 'USD' } });
  });

  it('makes no order of other events', () => {
    expect(map({ type: 'track', event: 'Checkout Started', userId: 'u-1', properties: { order_id: 'o-1' } }).order).toBeUndefined();
  });

  it("uses the connection's currency for amounts without one, and flags them when there is none", () => {
    const message = { type: 'track', event: 'Product Viewed', userId: 'u-1', properties: { product_id: 'p-1', price: 599 } };
    expect(map(message).properties).toEqual({ productId: 'p-1', price: { amountMinor: 59900, currency: 'CNY' } });
    expect(map(message, { country: 'CN', currency: '' })).toMatchObject({ properties: { productId: 'p-1' }, flags: ['field-invalid:properties.price'] });
  });

  it.each([
    ['Products Searched', { query: 'shoes' }, { query: 'shoes' }],
    ['Product List Filtered', { list_id: 'l-1', filters: [{ type: 'size', value: '42' }], sorts: [{ type: 'price', value: 'desc' }], products: [{ product_id: 'p-1', position: 2 }] },
      { listId: 'l-1', filters: [{ type: 'size', value: '42' }], sorts: [{ type: 'price', value: 'desc' }], products: [{ productId: 'p-1', position: 2 }] }],
    ['Promotion Clicked', { promotion_id: 'pr-1', creative: 'banner-top', name: 'Sale', position: 'top' }, { promotionId: 'pr-1', creative: 'banner-top', name: 'Sale' }],
    ['Product Added', { cart_id: 'c-1', product_id: 'p-1', sku: 'S-1', price: '5.00', quantity: 2, image_url: 'https://shop.example.com/p/1.jpg' },
      { cartId: 'c-1', productId: 'p-1', sku: 'S-1', price: { amountMinor: 500, currency: 'CNY' }, quantity: 2, imageUrl: 'https://shop.example.com/p/1.jpg' }],
    ['Checkout Step Completed', { checkout_id: 'c-1', step: 2, shipping_method: 'express', payment_method: 'visa' }, { checkoutId: 'c-1', step: 2, shippingMethod: 'express', paymentMethod: 'visa' }],
    ['Coupon Denied', { order_id: 'o-1', coupon_id: 'cp-1', reason: 'expired' }, { orderId: 'o-1', couponId: 'cp-1', reason: 'expired' }],
    ['Application Updated', { previous_version: '4.1.3', version: '4.2.0' }, { previousVersion: '4.1.3', appVersion: '4.2.0' }],
  ])('gives canonical properties of %s', (event, properties, expected) => {
    expect(map({ type: 'track', event, userId: 'u-1', properties: properties as JsonObject }).properties).toEqual(expected);
  });

  it('reads page and screen calls', () => {
    expect(map({ type: 'page', anonymousId: 'a-1', name: 'Home', properties: { path: '/', url: 'https://shop.example.com/', title: 'Welcome' } }).properties)
      .toEqual({ name: 'Home', path: '/', url: 'https://shop.example.com/', title: 'Welcome' });
    expect(map({ type: 'page', anonymousId: 'a-1', name: 'Home' }).properties).toMatchObject({ title: 'Home' });
    expect(map({ type: 'screen', anonymousId: 'a-1', name: 'Cart', properties: {} }).properties).toMatchObject({ screenName: 'Cart' });
  });

  it('reads the common context', () => {
    const context = {
      ip: '203.0.113.7', userAgent: 'Mozilla/5.0', locale: 'zh-CN', timezone: 'Asia/Shanghai', groupId: 'g-1', sessionId: '1795478400000',
      page: { url: 'https://shop.example.com/', path: '/', title: 'Shop', referrer: 'https://search.example.com/', search: '?q=1' },
      campaign: { name: 'spring', source: 'newsletter', medium: 'email', term: 'shoes', content: 'a', id: 'cmp-4' },
      clickIds: { fbc: 'fb.1.1.AbC', gclid: 'Cj0KCQ' },
      device: { id: 'd-1', type: 'ios', manufacturer: 'Apple', model: 'iPhone17,2', name: 'phone', adTrackingEnabled: false },
      os: { name: 'iOS', version: '19.1' }, app: { name: 'Shop', version: '4.2.0', build: '420', namespace: 'com.example.shop' },
      library: { name: 'analytics.js', version: '2.11.1' }, screen: { width: 320, height: 568, density: 2 },
      network: { wifi: true, cellular: false, carrier: 'China Mobile' }, location: { city: 'Hangzhou', region: 'Zhejiang', country: 'CN' },
    };
    const record = map({ type: 'track', event: 'Cart Viewed', anonymousId: 'a-1', context });
    expect(record.context).toEqual(context);
    expect(record.flags).toEqual([]);
  });

  it.each([
    ['ios', true, [{ namespace: 'idfa', value: '7a3cbea0-bdf5-11e4-8dfc-aa07a5b093db' }]],
    ['Android', true, [{ namespace: 'gaid', value: '7a3cbea0-bdf5-11e4-8dfc-aa07a5b093db' }]],
    ['ios', false, []],
    ['ios', undefined, []],
  ])('takes the advertising id on %s with tracking %s', (type, adTrackingEnabled, expected) => {
    const device: JsonObject = { type, advertisingId: '7A3CBEA0-BDF5-11E4-8DFC-AA07A5B093DB', ...(adTrackingEnabled === undefined ? {} : { adTrackingEnabled }) };
    const { identities } = map({ type: 'track', event: 'Cart Viewed', userId: 'u-1', context: { device } });
    expect(identities.filter(({ namespace }) => namespace !== 'userId')).toEqual(expected);
  });

  it("reads consents of Segment's and of RudderStack's form, a denial before a grant", () => {
    const consentsOf = (context: JsonObject) => map({ type: 'track', event: 'Cart Viewed', anonymousId: 'a-1', context }).consents;
    expect(consentsOf({ consent: { categoryPreferences: { analytics: true, advertising: false } } })).toEqual({ analytics: true, advertising: false });
    expect(consentsOf({ consentManagement: { allowedConsentIds: ['analytics', 'ads'], deniedConsentIds: ['ads'] } })).toEqual({ analytics: true, ads: false });
    expect(consentsOf({})).toEqual({});
  });

  it('links the ids of an alias call', () => {
    const identitiesOf = (ids: JsonObject) => map({ type: 'alias', userId: 'u-2', ...ids }).identities.map(({ namespace, value }) => `${namespace}|${value}`);
    expect(identitiesOf({ previousId: 'a-1', anonymousId: 'a-1' })).toEqual(['userId|u-2', 'anonymousId|a-1']);
    expect(identitiesOf({ previousId: 'u-1', anonymousId: 'a-1' })).toEqual(['userId|u-2', 'userId|u-1', 'anonymousId|a-1']);
    expect(identitiesOf({ previousId: 'x-1' })).toEqual(['userId|u-2', 'userId|x-1', 'anonymousId|x-1']);
    expect(identitiesOf({ anonymousId: 'a-1' })).toEqual(['userId|u-2', 'anonymousId|a-1']);
  });

  it('is ready for nothing at all, and for a hostile shape', () => {
    expect(compiled.apply({}, {})).toEqual({});
    expect(() => compiled.apply({ type: 'track', event: {}, properties: [1], traits: 'x', context: { device: [] } }, {})).not.toThrow();
  });

  it('lists names that follow the convention', () => {
    expect(new Set(SEGMENT_SPEC_EVENTS).size).toBe(SEGMENT_SPEC_EVENTS.length);
    // The spec's own exceptions end in where it was added to.
    const exceptions = ['Product Added to Wishlist', 'Product Removed from Wishlist', 'Wishlist Product Added to Cart'];
    expect(SEGMENT_SPEC_EVENTS.filter((name) => lintEventName(name) !== null)).toEqual(exceptions);
  });
});
