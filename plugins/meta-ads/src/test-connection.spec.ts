import { startFakeMeta } from '../../../test/support/fake-meta.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { testConnection } from './test-connection.js';

it('tells good settings from bad ones', async () => {
  const meta = await startFakeMeta();
  const check = (change: object = {}): Promise<void> => testConnection({ settings: { ...meta.settings, ...change }, http: fetchHttpClient(), signal: new AbortController().signal, now: 0 });
  try {
    await expect(check()).resolves.toBeUndefined();
    expect(meta.requests.map(({ path }) => path)).toEqual(['1202835294532393', '23842900000000000', 'act_1234567890'].map((id) => `/v26.0/${id}`));
    await expect(check({ pixelId: undefined, customAudienceId: undefined, adAccountId: undefined })).resolves.toBeUndefined();
    for (const bad of [{ accessToken: 'x' }, { pixelId: '1' }, { customAudienceId: '1' }, { adAccountId: '1' }]) await expect(check(bad)).rejects.toMatchObject({ name: 'InvalidCredentials' });
    meta.fail(1, { status: 500 });
    await expect(check()).rejects.toMatchObject({ name: 'RetryableError' });
  } finally {
    await meta.close();
  }
});
