import { jest } from '@jest/globals';
import { mapRecord } from '@firsthand/plugin-testing';
import type { JsonValue } from '@firsthand/plugin-sdk';
import { createFirsthand, type Firsthand, type FirsthandOptions } from '../client/firsthand-mini-program.js';
import { clientEvents } from './client-events.js';
import { FakeWx } from './fixtures/fake-wx.js';

const GRANTED = { analytics: true, marketing: false };

function launch(wx: FakeWx, options: Partial<FirsthandOptions> = {}): Firsthand {
  const firsthand = createFirsthand({ endpoint: 'https://cdp.example.com', writeKey: 'pk_test', wx, login: false, ...options });
  firsthand.start();
  return firsthand;
}

const names = (wx: FakeWx) => wx.delivered.map(({ type, event }) => event ?? type);

beforeEach(() => jest.useFakeTimers({ now: Date.UTC(2026, 10, 24, 8) }));
afterEach(() => jest.useRealTimers());

describe('consent', () => {
  it('is asked before anything leaves the phone or is stored on it', () => {
    const wx = new FakeWx();
    launch(wx).track('Product Viewed', { product_id: 'p-1' });
    jest.advanceTimersByTime(3_600_000);
    wx.hide();
    expect(wx.sent).toEqual([]);
    expect(wx.storage.has('firsthand.queue')).toBe(false);
  });

  it('releases what waited for it', () => {
    const wx = new FakeWx();
    const firsthand = launch(wx);
    firsthand.track('Product Viewed');
    firsthand.setConsent(GRANTED);
    jest.advanceTimersByTime(10_000);
    expect(names(wx)).toEqual(['Segment Consent Preference Updated', 'Application Opened', 'Product Viewed']);
    expect(wx.delivered.every(({ context }) => context.consent?.categoryPreferences.marketing === false)).toBe(true);
  });

  it('that is denied sends the denial and nothing else, then and later', () => {
    const wx = new FakeWx();
    const firsthand = launch(wx);
    firsthand.setConsent({ analytics: false });
    firsthand.track('Product Viewed');
    const later = new FakeWx(wx.storage);
    launch(later).track('Product Viewed');
    jest.advanceTimersByTime(3_600_000);
    expect(names(wx)).toEqual(['Segment Consent Preference Updated']);
    expect(wx.delivered[0]?.context.consent).toEqual({ categoryPreferences: { analytics: false } });
    expect(later.sent).toEqual([]);
  });

  it('that comes later does not cover what happened before it', () => {
    const wx = new FakeWx();
    const firsthand = launch(wx);
    firsthand.setConsent({ analytics: false });
    firsthand.track('Product Viewed');
    firsthand.setConsent(GRANTED);
    firsthand.track('Product Added');
    firsthand.flush();
    expect(names(wx)).toEqual(['Segment Consent Preference Updated', 'Segment Consent Preference Updated', 'Product Added']);
  });

  it('that is withdrawn discards what was not sent yet', () => {
    const wx = new FakeWx();
    const firsthand = launch(wx);
    firsthand.setConsent(GRANTED);
    wx.answer = 'offline';
    firsthand.track('Product Viewed');
    jest.advanceTimersByTime(10_000);
    firsthand.setConsent({ analytics: false });
    wx.answer = { statusCode: 200 };
    wx.sent.length = 0;
    jest.advanceTimersByTime(600_000);
    expect(names(wx)).toEqual(['Segment Consent Preference Updated']);
    expect(wx.delivered[0]?.context.consent?.categoryPreferences).toEqual({ analytics: false });
  });
});

describe('sending', () => {
  let wx: FakeWx;
  let firsthand: Firsthand;
  beforeEach(() => {
    wx = new FakeWx();
    firsthand = launch(wx);
    firsthand.setConsent(GRANTED);
    jest.advanceTimersByTime(10_000);
    wx.sent.length = 0;
  });

  it('goes to the batch route with the write key and the clock', () => {
    firsthand.track('Product Viewed');
    jest.advanceTimersByTime(10_000);
    expect(wx.sent).toHaveLength(1);
    expect(wx.sent[0]).toMatchObject({ url: 'https://cdp.example.com/v1/batch', method: 'POST', data: { writeKey: 'pk_test', sentAt: '2026-11-24T08:00:20.000Z', batch: [{ timestamp: '2026-11-24T08:00:10.000Z' }] } });
  });

  it('waits for a full batch, or for the interval', () => {
    for (let index = 0; index < 19; index += 1) firsthand.track('Product Viewed');
    expect(wx.sent).toHaveLength(0);
    firsthand.track('Product Viewed');
    expect(wx.sent).toHaveLength(1);
    expect(wx.delivered).toHaveLength(20);
  });

  it('happens when the mini-program is hidden', () => {
    firsthand.screen('Cart');
    wx.hide();
    expect(wx.delivered).toMatchObject([{ type: 'screen', name: 'Cart' }]);
  });

  it('is repeated with growing pauses while there is no network, with the same ids', () => {
    wx.answer = 'offline';
    firsthand.track('Product Viewed');
    jest.advanceTimersByTime(600_000);
    const tries = wx.sent.length;
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(14);
    expect(new Set(wx.delivered.map(({ messageId }) => messageId)).size).toBe(1);
    wx.answer = { statusCode: 200 };
    wx.connect(true);
    expect(wx.sent).toHaveLength(tries + 1);
    jest.advanceTimersByTime(3_600_000);
    expect(wx.sent).toHaveLength(tries + 1);
  });

  it('waits as long as the server asks', () => {
    wx.answer = { statusCode: 429, header: { 'Retry-After': '120' } };
    firsthand.track('Product Viewed');
    jest.advanceTimersByTime(10_000);
    wx.answer = { statusCode: 200 };
    firsthand.flush();
    jest.advanceTimersByTime(119_000);
    expect(wx.sent).toHaveLength(1);
    jest.advanceTimersByTime(2_000);
    expect(wx.sent).toHaveLength(2);
  });

  it.each([
    [200, 1], [400, 1], [413, 1], [401, 2], [408, 2], [503, 2],
  ])('after a %i is tried %i times in the next minute', (statusCode, times) => {
    wx.answer = { statusCode };
    firsthand.track('Product Viewed');
    jest.advanceTimersByTime(10_000);
    wx.answer = { statusCode: 200 };
    jest.advanceTimersByTime(60_000);
    expect(wx.sent).toHaveLength(times);
  });

  it('has one request open at a time, and keeps what came meanwhile', () => {
    wx.isSlow = true;
    firsthand.track('Product Viewed');
    firsthand.flush();
    firsthand.track('Product Added');
    firsthand.flush();
    expect(wx.sent).toHaveLength(1);
    wx.isSlow = false;
    wx.settle();
    expect(names(wx)).toEqual(['Product Viewed', 'Product Added']);
  });

  it('survives the end of the mini-program', () => {
    wx.answer = 'offline';
    firsthand.track('Product Viewed');
    wx.hide();
    const next = new FakeWx(wx.storage);
    launch(next);
    jest.advanceTimersByTime(10_000);
    expect(names(next)).toEqual(['Product Viewed', 'Application Opened']);
    expect(next.delivered[0]?.messageId).toBe(wx.delivered[0]?.messageId);
    expect(next.delivered[0]?.anonymousId).toBe(next.delivered[1]?.anonymousId);
  });

  it('goes on from memory when the storage is full', () => {
    wx.isStorageFull = true;
    firsthand.track('Product Viewed');
    firsthand.flush();
    expect(names(wx)).toEqual(['Product Viewed']);
  });

  it('keeps the newest when too much waits, and divides what is large', () => {
    wx.answer = 'offline';
    for (let index = 0; index < 520; index += 1) firsthand.track('Product Viewed', { position: index });
    wx.answer = { statusCode: 200 };
    wx.sent.length = 0;
    wx.connect(true);
    expect(wx.sent.length).toBeGreaterThanOrEqual(5);
    expect(wx.delivered.map(({ properties }) => properties?.position)).toEqual(Array.from({ length: 500 }, (_, index) => index + 20));
    expect(wx.sent.every(({ data }) => data.batch.length <= 100 && JSON.stringify(data).length < 500_000)).toBe(true);
    wx.sent.length = 0;
    firsthand.track('Product Viewed', { note: 'x'.repeat(140_000) });
    firsthand.track('Product Viewed', { note: 'x'.repeat(140_000) });
    firsthand.flush();
    expect(wx.sent).toHaveLength(2);
  });
});

describe('identity', () => {
  it('is a login code at the start, and never an openid', () => {
    const wx = new FakeWx();
    launch(wx, { login: true }).setConsent(GRANTED);
    jest.advanceTimersByTime(10_000);
    expect(wx.delivered.map(({ context }) => context.wechat)).toContainEqual({ loginCode: 'login-1' });
    expect(JSON.stringify(wx.delivered)).not.toContain('openid');
  });

  it('is asked for again at each launch, and not before consent', () => {
    const wx = new FakeWx();
    launch(wx, { login: true });
    expect(wx.logins).toBe(0);
    const granted = new FakeWx(wx.storage);
    launch(granted, { login: true }).setConsent(GRANTED);
    const next = new FakeWx(wx.storage);
    launch(next, { login: true }).setConsent(GRANTED);
    expect([granted.logins, next.logins]).toEqual([1, 1]);
  });

  it('takes the phone button with the code of its own login', () => {
    const wx = new FakeWx();
    const firsthand = launch(wx);
    firsthand.setConsent(GRANTED);
    firsthand.linkWeChat({ code: 'login-7', encryptedData: 'e', iv: 'i' });
    firsthand.flush();
    expect(wx.delivered.at(-1)?.context.wechat).toEqual({ loginCode: 'login-7', encryptedData: 'e', iv: 'i' });
  });

  it('is the user after identify, and another person, not asked yet, after reset', () => {
    const wx = new FakeWx();
    const firsthand = launch(wx);
    firsthand.setConsent(GRANTED);
    firsthand.identify('u-1', { firstName: 'Ana' });
    firsthand.track('Product Viewed');
    firsthand.reset();
    firsthand.track('Product Viewed');
    firsthand.flush();
    expect(wx.delivered.filter(({ event }) => event === 'Product Viewed')).toHaveLength(1);
    firsthand.setConsent(GRANTED);
    firsthand.flush();
    const [before, after] = wx.delivered.filter(({ event }) => event === 'Product Viewed');
    expect(before?.userId).toBe('u-1');
    expect(after?.userId).toBeUndefined();
    expect(after?.anonymousId).not.toBe(before?.anonymousId);
  });

  it('sends what the source maps without a flag', () => {
    const wx = new FakeWx();
    const firsthand = launch(wx, { login: true });
    firsthand.setConsent(GRANTED);
    firsthand.screen('Cart', {});
    firsthand.identify('u-1', { email: 'ana@example.com' });
    jest.advanceTimersByTime(10_000);
    const records = wx.delivered.map((message) => mapRecord(clientEvents, message as unknown as JsonValue, { appId: 'wx4f4bc4dec97d474b' }));
    expect(records.map(({ record }) => record?.flags)).toEqual(records.map(() => []));
    expect(records.map(({ record }) => record?.name)).toEqual(['Segment Consent Preference Updated', 'Application Opened', 'Profile Updated', 'Screen Viewed', 'Profile Updated']);
    expect(records[1]?.record?.context).toMatchObject({ locale: 'zh-CN', app: { namespace: 'wx4f4bc4dec97d474b', version: '4.2.0' }, screen: { density: 3 } });
  });
});
