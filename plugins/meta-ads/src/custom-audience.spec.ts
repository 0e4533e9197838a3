import { sha256Hex, type SendResult } from '@firsthand/plugin-sdk';
import { startFakeMeta, type FakeMeta } from '../../../test/support/fake-meta.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { customAudience } from './custom-audience.js';

const log = { info: () => undefined, warn: () => undefined };
let meta: FakeMeta;

beforeEach(async () => void (meta = await startFakeMeta()));
afterEach(() => meta.close());

type Person = { email?: string; phone?: string; externalId?: string; firstName?: string; city?: string; country?: string };

async function change(how: 'addMembers' | 'removeMembers' | 'erase', people: readonly Person[], settings: object = {}): Promise<SendResult[]> {
  const items = people.map((payload, at) => ({ payload, idempotencyKey: `k${at}` }));
  return (await customAudience[how]?.({ settings: { ...meta.settings, ...settings }, http: fetchHttpClient(), log, signal: new AbortController().signal, now: 0, items })) ?? [];
}

const namesOf = (results: readonly SendResult[]): string[] => results.map((result) => (result.ok ? 'ok' : result.error.name));
const people = (count: number): Person[] => Array.from({ length: count }, (_, at) => ({ email: `p${at}@example.com` }));

describe('custom-audience', () => {
  it('sends hashes only, in the columns that somebody has', async () => {
    await expect(change('addMembers', [{ email: 'Ana@Example.com', firstName: 'Ana', country: 'CN' }, { phone: '+86 139 1234 5678', externalId: 'u-1' }])).resolves.toEqual([{ ok: true }, { ok: true }]);
    expect(JSON.parse(meta.requests[0]?.text ?? '')).toEqual({
      payload: {
        schema: ['EXTERN_ID', 'EMAIL', 'PHONE', 'FN', 'COUNTRY'],
        data: [['', sha256Hex('ana@example.com'), '', sha256Hex('ana'), sha256Hex('cn')], [sha256Hex('u-1'), '', sha256Hex('8613912345678'), '', '']],
      },
    });
    expect(meta.audience.people).toHaveLength(2);
  });

  it.each(['removeMembers', 'erase'] as const)('%s takes people out by what they were added with, as often as it is told', async (how) => {
    await change('addMembers', [{ email: 'ana@example.com', phone: '+8613912345678' }, { email: 'bo@example.com' }]);
    for (let times = 0; times < 2; times += 1) await expect(change(how, [{ phone: '+8613912345678' }])).resolves.toEqual([{ ok: true }]);
    expect(meta.audience.isMember(sha256Hex('ana@example.com'))).toBe(false);
    expect(meta.audience.isMember(sha256Hex('bo@example.com'))).toBe(true);
    expect(meta.requests.at(-1)).toMatchObject({ method: 'DELETE', path: `/v26.0/${meta.settings.customAudienceId}/users` });
  });

  it('takes a batch of 10,000 in one request', async () => {
    const results = await change('addMembers', people(10_000));
    expect(results).toHaveLength(10_000);
    expect(results.every((result) => result.ok)).toBe(true);
    expect(meta.requests).toHaveLength(1);
    expect(customAudience.maxBatchSize).toBe(10_000);
  });

  it('finds the entry that Meta counts as invalid, in few requests', async () => {
    meta.audience.invalidValues.add(sha256Hex('p77@example.com'));
    const results = await change('addMembers', people(200));
    expect(results.flatMap((result, at) => (result.ok ? [] : [at]))).toEqual([77]);
    expect(meta.audience.people).toHaveLength(199);
    expect(meta.requests.length).toBeLessThan(20);
  });

  it('keeps back someone with nothing to match by', async () => {
    expect(namesOf(await change('addMembers', [{ firstName: 'Ana', city: 'Shanghai' }, { email: 'bo@example.com' }, { phone: 'n/a' }]))).toEqual(['InvalidPayload', 'ok', 'InvalidPayload']);
    expect(meta.audience.people).toHaveLength(1);
    expect(namesOf(await change('removeMembers', [{}]))).toEqual(['InvalidPayload']);
    expect(meta.requests).toHaveLength(1);
  });

  it('waits as long as Meta says, and stops on credentials and settings', async () => {
    meta.rateLimit({ minutes: 4 });
    await expect(change('addMembers', people(2))).rejects.toMatchObject({ name: 'RateLimited', retryAfterMs: 240_000 });
    await expect(change('addMembers', people(2), { accessToken: 'x' })).rejects.toMatchObject({ name: 'InvalidCredentials' });
    await expect(change('addMembers', people(2), { customAudienceId: '1' })).rejects.toMatchObject({ name: 'InvalidCredentials' });
    await expect(change('addMembers', people(2), { customAudienceId: undefined })).rejects.toMatchObject({ name: 'InvalidCredentials' });
  });

  it('takes an answer that says nothing of invalid entries for a failure', async () => {
    meta.script({ answer: { status: 200, json: { audience_id: '1' } } });
    await expect(change('addMembers', people(1))).rejects.toMatchObject({ name: 'InvalidPayload' });
  });
});
