import { jest } from '@jest/globals';
import { createFirsthand, type Firsthand, type FirsthandOptions, type Me } from '../client/firsthand-mini-program.js';
import { FakeWx } from './fixtures/fake-wx.js';

interface Traits { firstName: string }

const ANSWER = { isKnown: true, version: 12, purpose: 'personalisation', isAllowed: true, reason: 'consent-granted', traits: { firstName: 'Ana' }, memberships: [], consents: [] };
const ok = { statusCode: 200, data: ANSWER };

function launch(wx: FakeWx, options: Partial<FirsthandOptions> = {}): Firsthand {
  const firsthand = createFirsthand({ endpoint: 'https://cdp.example.com', writeKey: 'pk_test', wx, login: false, userToken: () => 't1', ...options });
  firsthand.start();
  return firsthand;
}

const known = (me: Me<Traits> | null): unknown => me && [me.traits.firstName, me.isFresh];
/** Goes on by this much, promises included. */
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => jest.useFakeTimers({ now: Date.UTC(2026, 10, 24, 8) }));
afterEach(() => jest.useRealTimers());

describe('me', () => {
  let wx: FakeWx;
  beforeEach(() => {
    wx = new FakeWx();
    wx.me = () => ok;
  });

  it('is asked at the start with the token of the server, and shared by all who ask meanwhile', async () => {
    const firsthand = launch(wx);
    const answers = await Promise.all([firsthand.me<Traits>(), firsthand.me<Traits>()]);
    expect(answers.map(known)).toEqual([['Ana', true], ['Ana', true]]);
    expect(wx.asked).toMatchObject([{ url: 'https://cdp.example.com/v1/me', method: 'GET', header: { authorization: 'Bearer t1' } }]);
  });

  it('is asked again when the mini-program is shown, once a second at most', async () => {
    const firsthand = launch(wx);
    await firsthand.me();
    wx.me = () => ({ statusCode: 200, data: { ...ANSWER, traits: { firstName: 'Anna' } } });
    wx.show();
    expect(known(await firsthand.me())).toEqual(['Ana', true]);
    await pass(1_000);
    wx.show();
    for (let times = 0; times < 20; times += 1) wx.show();
    expect(known(await firsthand.me())).toEqual(['Anna', true]);
    expect(wx.asked).toHaveLength(2);
  });

  it('tells who listens', async () => {
    const told: (Me | null)[] = [];
    const firsthand = createFirsthand({ endpoint: 'https://cdp.example.com', writeKey: 'pk_test', wx, login: false, userToken: () => 't1' });
    firsthand.onMe((me) => void told.push(me));
    firsthand.start();
    await pass(0);
    wx.me = () => ({ statusCode: 401 });
    await pass(1_000);
    await firsthand.me();
    expect(told.map((me) => known(me as Me<Traits> | null))).toEqual([['Ana', true], null]);
  });

  it('is what was kept while there is no network, as no longer fresh, for a day', async () => {
    await launch(wx).me();
    const later = async (ms: number): Promise<Firsthand> => {
      await pass(ms);
      const next = new FakeWx(wx.storage);
      next.me = () => 'offline';
      return launch(next);
    };
    expect(known(await (await later(3_600_000)).me<Traits>())).toEqual(['Ana', false]);
    expect(await (await later(86_400_000)).me()).toBeNull();
    expect(wx.storage.get('firsthand.me')).toBe('null');
  });

  it.each([
    ['the server is in trouble', () => ({ statusCode: 503 })],
    ['the answer is none', () => ({ statusCode: 200, data: '<html>' })],
  ])('stays what it was when %s', async (_, answer) => {
    const firsthand = launch(wx);
    await firsthand.me();
    wx.me = answer;
    await pass(1_000);
    expect(known(await firsthand.me())).toEqual(['Ana', false]);
  });

  it("stays what it was when the brand's server gives no token, and is nothing when it says that nobody is signed in", async () => {
    let token: string | null = 't1';
    let isReachable = true;
    const userToken = (): Promise<string | null> => (isReachable ? Promise.resolve(token) : Promise.reject(new TypeError('no network')));
    await launch(wx, { userToken }).me();
    isReachable = false;
    const next = new FakeWx(wx.storage);
    next.me = () => ok;
    const firsthand = launch(next, { userToken });
    expect(known(await firsthand.me())).toEqual(['Ana', false]);
    expect(known(await launch(new FakeWx(wx.storage), { userToken: () => { throw new TypeError('a mistake'); } }).me())).toEqual(['Ana', false]);
    [isReachable, token] = [true, null];
    await pass(1_000);
    expect(await firsthand.me()).toBeNull();
    expect(next.asked).toEqual([]);
    expect(wx.storage.get('firsthand.me')).toBe('null');
  });

  it('asks for another token when the last one is over, once, and keeps none on the phone', async () => {
    const tokens = ['t1', 't2', 't3'];
    const firsthand = launch(wx, { userToken: () => tokens.shift() ?? null });
    await firsthand.me();
    wx.me = (token) => (token === 't2' ? ok : { statusCode: 401 });
    await pass(1_000);
    expect(known(await firsthand.me())).toEqual(['Ana', true]);
    wx.me = () => ({ statusCode: 401 });
    await pass(1_000);
    expect(await firsthand.me()).toBeNull();
    expect(wx.asked.map(({ header }) => header.authorization)).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2', 'Bearer t2', 'Bearer t3']);
    expect(JSON.stringify([...wx.storage])).not.toMatch(/t[123]/);
  });

  it('is nothing where the connection is paused', async () => {
    const firsthand = launch(wx);
    await firsthand.me();
    wx.me = () => ({ statusCode: 403 });
    await pass(1_000);
    expect(await firsthand.me()).toBeNull();
  });

  it('waits as long as the server asks', async () => {
    wx.me = () => ({ statusCode: 429, header: { 'Retry-After': '60' } });
    const firsthand = launch(wx);
    expect(await firsthand.me()).toBeNull();
    wx.me = () => ok;
    await pass(58_000);
    expect(await firsthand.me()).toBeNull();
    await pass(2_000);
    expect(known(await firsthand.me())).toEqual(['Ana', true]);
    expect(wx.asked).toHaveLength(2);
  });

  it('is asked anew after a decision and a sign-out: what was allowed or theirs is not any more', async () => {
    const firsthand = launch(wx);
    await firsthand.me();
    wx.me = () => ({ statusCode: 200, data: { ...ANSWER, isAllowed: false, traits: {} } });
    firsthand.setConsent({ analytics: true, personalisation: false });
    expect(wx.storage.get('firsthand.me')).toBe('null');
    const next = firsthand.me();
    await pass(1_000);
    expect(known(await next)).toEqual([undefined, true]);
    firsthand.reset();
    expect(wx.storage.get('firsthand.me')).toBe('null');
  });

  it('does not keep an answer that was asked for before a sign-out', async () => {
    let answer = (): void => undefined;
    const request = wx.request.bind(wx);
    wx.request = (sent) => { answer = () => request(sent); };
    const firsthand = launch(wx);
    await pass(0);
    const asked = firsthand.me();
    firsthand.reset();
    answer();
    expect(await asked).toBeNull();
    expect(wx.storage.get('firsthand.me')).toBe('null');
  });

  it('is null without a server that signs, and nothing is asked', async () => {
    const firsthand = launch(wx, { userToken: undefined });
    wx.show();
    expect(await firsthand.me()).toBeNull();
    expect(wx.asked).toEqual([]);
  });
});
