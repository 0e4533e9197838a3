import type { HttpResponse } from '@firsthand/plugin-sdk';
import { graphError } from './graph-error.js';

const NOW = Date.UTC(2026, 10, 24);

function response(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, text, json: () => JSON.parse(text) as never };
}

const error = (code: number, more: object = {}, status = 400, headers: Record<string, string> = {}): Error | undefined => graphError(response(status, { error: { code, ...more } }, headers), NOW);

describe('graphError', () => {
  it('finds nothing in a good answer', () => {
    expect(graphError(response(200, { events_received: 1 }), NOW)).toBeUndefined();
  });

  it.each([4, 17, 32, 341, 613, 80_000, 80_003, 80_004, 80_014])('code %i waits', (code) => {
    expect(error(code)).toMatchObject({ name: 'RateLimited', retryAfterMs: undefined });
  });

  it.each([3, 10, 102, 104, 190, 200, 278, 294])('code %i stops the connection', (code) => {
    expect(error(code)).toMatchObject({ name: 'InvalidCredentials' });
  });

  it('reads an object that the token may not see as a matter of the connection', () => {
    expect(error(100, { error_subcode: 33 })).toMatchObject({ name: 'InvalidCredentials' });
  });

  it.each([1, 2, -3])('code %i is tried again', (code) => {
    expect(error(code)).toMatchObject({ name: 'RetryableError' });
  });

  it('tries again what Meta calls transient, or answers with 5xx', () => {
    expect(error(368, { is_transient: true })).toMatchObject({ name: 'RetryableError' });
    expect(error(100, {}, 503)).toMatchObject({ name: 'RetryableError' });
    expect(graphError(response(502, '<html>'), NOW)).toMatchObject({ name: 'RetryableError' });
    expect(graphError(response(200, '<html>'), NOW)).toBeInstanceOf(Error);
  });

  it('takes an error for one whatever the status', () => {
    expect(error(190, {}, 200)).toMatchObject({ name: 'InvalidCredentials' });
  });

  it.each([100, 105, 368, 2650])('code %i is the payload', (code) => {
    expect(error(code, { error_subcode: 2804003 })).toMatchObject({ name: 'InvalidPayload', detail: `Meta answered 400, code ${code}, subcode 2804003.` });
  });

  it('goes by the status when there is no code', () => {
    expect(graphError(response(401, {}), NOW)).toMatchObject({ name: 'InvalidCredentials' });
    expect(graphError(response(429, '', { 'retry-after': '9' }), NOW)).toMatchObject({ name: 'RateLimited', retryAfterMs: 9000 });
    expect(graphError(response(404, {}), NOW)).toMatchObject({ name: 'InvalidPayload' });
    expect(graphError(response(200, { error: { message: 'odd' } }), NOW)).toMatchObject({ name: 'RetryableError' });
  });

  it('waits as long as Meta says', () => {
    const usage = JSON.stringify({ 1: [{ estimated_time_to_regain_access: 3 }, { estimated_time_to_regain_access: 19 }], 2: 'odd' });
    expect(error(80_003, {}, 400, { 'x-business-use-case-usage': usage })).toMatchObject({ retryAfterMs: 19 * 60_000 });
    expect(error(17, {}, 400, { 'x-ad-account-usage': '{"acc_id_util_pct":100,"reset_time_duration":100}' })).toMatchObject({ retryAfterMs: 100_000 });
    expect(error(17, {}, 400, { 'x-business-use-case-usage': usage, 'retry-after': '5' })).toMatchObject({ retryAfterMs: 5000 });
    expect(error(17, {}, 400, { 'x-business-use-case-usage': 'odd' })).toMatchObject({ retryAfterMs: undefined });
  });

  it("repeats none of Meta's words", () => {
    expect(error(100, { message: 'ana@example.com', error_user_msg: 'ana@example.com' })?.message).not.toContain('ana');
  });
});
