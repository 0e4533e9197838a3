import { readSecretKey } from '@firsthand/plugin-host';
import { text, url, type PluginDefinition } from '@firsthand/plugin-sdk';
import type { AdminContext } from '../admin-context.js';
import { saveSettings } from './save-settings.js';

const admin = { secretKey: readSecretKey(Buffer.alloc(32, 1).toString('base64')), allowPrivateDestinations: true } as AdminContext;
const plugin = { settings: { apiBaseUrl: url('API address', {}), shop: text('Shop', {}), token: text('Token', { secret: true }) } } as unknown as PluginDefinition;
const owner = { workspaceId: 'main', connectionId: 'crm' };
const save = (given: Record<string, unknown>, known: Record<string, string>) => saveSettings(admin, plugin, owner, given, { settings: known, secrets: { token: 'secret' } });
const refused = expect.objectContaining({ code: 'INVALID_SETTINGS', places: [{ path: '/settings/token', message: 'is to be entered again when an address changes' }] });

describe('the secrets of a connection', () => {
  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['another address', { apiBaseUrl: 'https://two.example' }, { apiBaseUrl: 'https://one.example' }],
    ['an address where there was none', { apiBaseUrl: 'https://two.example' }, {}],
    ['no address any more', {}, { apiBaseUrl: 'https://one.example' }],
  ])('are to be entered again with %s', async (_, given, known) => {
    await expect(save(given, known)).rejects.toThrow(refused);
    await expect(save({ ...given, token: 'entered' }, known)).resolves.toMatchObject({ sealedSecrets: expect.stringMatching(/^v1\./) as string });
  });

  it.each<[Record<string, unknown>, Record<string, string>]>([[{ shop: 'b' }, { shop: 'a' }], [{ apiBaseUrl: null }, {}], [{ apiBaseUrl: 'https://one.example' }, { apiBaseUrl: 'https://one.example' }]])('stay with %j after %j', async (given, known) => {
    await expect(save(given, known)).resolves.toMatchObject({ sealedSecrets: expect.stringMatching(/^v1\./) as string });
  });
});
