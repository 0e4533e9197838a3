import type { JsonObject } from '@firsthand/domain';
import { toRawMessage } from './raw-messages.js';

const receivedAt = Date.parse('2026-03-01T12:00:00.000Z');
const raw = (message: JsonObject, envelope: Partial<Parameters<typeof toRawMessage>[1]> = {}) => toRawMessage(message, { receivedAt, ...envelope });

describe('toRawMessage', () => {
  it("corrects the sender's clock by what it is wrong, and keeps what it said", () => {
    expect(raw({ timestamp: '2020-01-01T00:00:00.000Z', sentAt: '2020-01-01T00:00:10.000Z' })).toMatchObject({ timestamp: '2026-03-01T11:59:50.000Z', originalTimestamp: '2020-01-01T00:00:00.000Z' });
    expect(raw({ timestamp: '2026-03-01T14:00:00.000Z', sentAt: '2026-03-01T14:00:01.000Z' }).timestamp).toBe('2026-03-01T11:59:59.000Z');
  });

  it('takes the send time of the batch, and a time as a number', () => {
    expect(raw({ timestamp: 1_577_836_800 }, { sentAt: 1_577_836_805_000 }).timestamp).toBe('2026-03-01T11:59:55.000Z');
  });

  it("takes RudderStack's originalTimestamp", () => {
    expect(raw({ originalTimestamp: '2020-01-01T00:00:00Z', sentAt: '2020-01-01T00:00:01Z' }).timestamp).toBe('2026-03-01T11:59:59.000Z');
  });

  it.each([
    [{ timestamp: 'yesterday', sentAt: '2020-01-01T00:00:10Z' }, 'yesterday'], [{ timestamp: '2020-01-01T00:00:00Z' }, '2020-01-01T00:00:00Z'],
    [{ timestamp: '2020-01-01T00:00:00Z', sentAt: {} }, '2020-01-01T00:00:00Z'], [{ timestamp: 1e300, sentAt: 5 }, 1e300], [{ timestamp: -5, sentAt: 5 }, -5],
  ])('leaves a time as it came where one cannot be read: %j', (message, expected) => {
    expect(raw(message).timestamp).toBe(expected);
  });

  it('says when it was received, and nothing of a time that nobody gave', () => {
    expect(raw({ event: 'X' })).toEqual({ event: 'X', receivedAt: '2026-03-01T12:00:00.000Z' });
    expect(raw({ receivedAt: 'claimed' }).receivedAt).toBe('2026-03-01T12:00:00.000Z');
  });

  it('takes the write key out, and the type of the path in', () => {
    expect(raw({ writeKey: 'pk_x', type: 'track' }, { type: 'identify' })).toEqual({ type: 'identify', receivedAt: expect.any(String) });
  });

  it("gives a message the batch's context when it has none", () => {
    expect(raw({}, { context: { locale: 'de' } }).context).toEqual({ locale: 'de' });
    expect(raw({ context: { ip: 'x' } }, { context: { locale: 'de' } }).context).toEqual({ ip: 'x' });
    expect(raw({}, { context: 'de' })).not.toHaveProperty('context');
  });

  it('derives the same id for the same message, however often it is sent', () => {
    const message = { event: 'X', userId: 'u', timestamp: '2020-01-01T00:00:00Z' };
    const ids = [raw({ ...message, sentAt: '2020-01-01T00:00:01Z' }), toRawMessage({ sentAt: '2020-01-01T01:00:00Z', ...message }, { receivedAt: receivedAt + 60_000 })].map(({ messageId }) => messageId);
    expect(ids[0]).toBe(ids[1]);
    expect(raw({ ...message, event: 'Y' }).messageId).not.toBe(ids[0]);
    expect(raw({ ...message }, { type: 'track' }).messageId).not.toBe(raw({ ...message }, { type: 'page' }).messageId);
  });

  it('leaves an id, and a message without a time', () => {
    expect(raw({ messageId: 'm', timestamp: '2020-01-01T00:00:00Z' }).messageId).toBe('m');
    expect(raw({ event: 'X' })).not.toHaveProperty('messageId');
  });
});
