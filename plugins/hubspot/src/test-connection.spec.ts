import { InvalidCredentials, RetryableError } from '@firsthand/plugin-sdk';
import { startFakeHubspot } from '../../../test/support/fake-hubspot.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { testConnection } from './test-connection.js';

it('tells good settings from bad ones', async () => {
  const hubspot = await startFakeHubspot();
  const check = (change: object = {}): Promise<void> => testConnection({ settings: { ...hubspot.settings, ...change }, http: fetchHttpClient(), signal: new AbortController().signal, now: 0 });
  try {
    await expect(check()).resolves.toBeUndefined();
    await expect(check({ apiBaseUrl: `${hubspot.url}/` })).resolves.toBeUndefined();
    await expect(check({ accessToken: 'other' })).rejects.toThrow(InvalidCredentials);
    await expect(check({ portalId: '1' })).rejects.toThrow(InvalidCredentials);
    hubspot.script({ path: /contacts/, answer: { status: 403, json: { category: 'MISSING_SCOPES' } } });
    await expect(check()).rejects.toThrow(InvalidCredentials);
    hubspot.script({ answer: { status: 503 } });
    await expect(check()).rejects.toThrow(RetryableError);
  } finally {
    await hubspot.close();
  }
});
