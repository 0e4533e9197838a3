import { LaneTraffic } from './lane-traffic.js';
import type { SendOutcome } from './send-cleared.js';

const DAY_MS = 86_400_000;
const fails: SendOutcome = { outcome: 'retry', reason: 'destination-failed' };
const delivered: SendOutcome = { outcome: 'delivered' };
const dead = (reason: string): SendOutcome => ({ outcome: 'dead', reason });

function after(steps: readonly { at: number; result: SendOutcome }[]): LaneTraffic {
  const traffic = new LaneTraffic();
  for (const { at, result } of steps) {
    traffic.begin(at);
    traffic.note([result], at);
  }
  return traffic;
}
const daily = (days: number, result: SendOutcome): { at: number; result: SendOutcome }[] => Array.from({ length: days * 2 + 1 }, (_, index) => ({ at: (index * DAY_MS) / 2, result }));

describe('LaneTraffic', () => {
  it('gives a destination up after five days of nothing but failures', () => {
    expect(after(daily(5, fails)).verdict(5 * DAY_MS)).toBe('failing');
    expect(after(daily(5, fails)).verdict(5 * DAY_MS - 1)).toBeNull();
    expect(after(daily(5, dead('invalid-payload'))).verdict(5 * DAY_MS)).toBe('failing');
  });

  it('not for a few failures with long silence between them', () => {
    expect(after([{ at: 0, result: fails }, { at: 6 * DAY_MS, result: fails }]).verdict(6 * DAY_MS)).toBeNull();
  });

  it('not for what we have stopped ourselves since the decision on it was out of date', () => {
    for (const reason of ['decision-outdated', 'decision-unavailable']) expect(after(daily(5, { outcome: 'retry', reason })).verdict(5 * DAY_MS)).toBeNull();
  });

  it('counts from the beginning after one success', () => {
    const traffic = after([...daily(4, fails), { at: 4 * DAY_MS + 1, result: delivered }, { at: 4 * DAY_MS + 2, result: fails }]);
    expect(traffic.stored).toMatchObject({ failingSince: 4 * DAY_MS + 2, failures: 1 });
    expect(traffic.verdict(5 * DAY_MS)).toBeNull();
  });

  it('gives it up at once when it says that it is gone', () => {
    const traffic = after([{ at: 0, result: delivered }, { at: 1, result: dead('destination-gone') }]);
    expect([traffic.verdict(1), traffic.admits(1)]).toEqual(['gone', 0]);
  });

  it('opens the breaker for what the destination cannot do, not for a payload that it refuses or a wait that it asks for', () => {
    const ten = (result: SendOutcome): LaneTraffic => after(Array.from({ length: 10 }, (_, at) => ({ at, result })));
    expect(ten(fails).admits(10)).toBe(0);
    expect(ten(dead('invalid-credentials')).admits(10)).toBe(0);
    expect(ten(dead('destination-moved')).admits(10)).toBe(0);
    expect(ten({ ...fails, retryAfterMs: 5 }).admits(10)).toBe(0);
    expect(ten(dead('invalid-payload')).admits(10)).toBe(Infinity);
    expect(ten({ outcome: 'retry', reason: 'rate-limited', retryAfterMs: 5 }).admits(10)).toBe(Infinity);
  });

  it('opens again when the one request on trial is sent elsewhere', () => {
    const traffic = after(Array.from({ length: 10 }, (_, at) => ({ at, result: fails })));
    expect([traffic.admits(10_009), traffic.begin(10_009)]).toEqual([1, true]);
    traffic.note([dead('destination-moved')], 10_010);
    expect(traffic.admits(10_011)).toBe(0);
  });

  it.each([undefined, 0])('opens it for one that asks to wait and says not how long (%p), unless its headers did', (retryAfterMs) => {
    const limited: SendOutcome = { outcome: 'retry', reason: 'rate-limited', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    const traffic = new LaneTraffic();
    traffic.pause(20);
    for (let at = 0; at < 20; at += 1) traffic.note([limited], at);
    expect(traffic.admits(20)).toBe(Infinity);
    for (let at = 20; at < 30; at += 1) traffic.note([limited], at);
    expect(traffic.admits(30)).toBe(0);
  });

  it('takes a request of which one row went through for a success', () => {
    const traffic = new LaneTraffic();
    for (let at = 0; at < 20; at += 1) traffic.note([fails, delivered, fails], at);
    expect(traffic.admits(20)).toBe(Infinity);
  });

  it('waits as long as it was asked to, the longest time of several', () => {
    const traffic = new LaneTraffic();
    traffic.pause(5_000);
    traffic.pause(2_000);
    expect([traffic.admits(4_999), traffic.begin(4_999), traffic.admits(5_000)]).toEqual([0, false, Infinity]);
  });

  it('goes on from what is stored', () => {
    const first = after(Array.from({ length: 10 }, (_, at) => ({ at, result: fails })));
    const second = new LaneTraffic();
    second.adopt(first.stored);
    expect([second.admits(10), second.admits(10_009)]).toEqual([0, 1]);
    expect(second.stored).toEqual(first.stored);
    second.adopt(undefined);
    expect([second.admits(10), second.verdict(99 * DAY_MS)]).toEqual([Infinity, null]);
  });
});
