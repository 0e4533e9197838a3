import { logIn, type AdminClient } from './admin-client.js';
import { startFakeHubspot, type FakeHubspot } from './fake-hubspot.js';
import { startFakeShopify, type FakeShopify } from './fake-shopify.js';
import { startHost, type TestHost } from './start-host.js';
import { until } from './until.js';

/** A host with a CRM and a store that are read and written, each by its real plugin. */
export interface TwoSystems {
  host: TestHost;
  owner: AdminClient;
  hubspot: FakeHubspot;
  shopify: FakeShopify;
  agreementId: string;
  /** How far the clocks of the store and of the CRM go ahead of ours. */
  shopAheadMs: number;
  crmAheadMs: number;
  /** Makes something over REST, which has to work, and gives the answer. */
  made(path: string, body: object): Promise<Record<string, unknown>>;
  /** Until nothing is left to do, and nobody has anything more to say. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the host and both vendors, and sets them up over REST as an admin would: connections `crm` (HubSpot) and `store` (Shopify), each source and destination at once, and a sync rule of the same
 * name for each, under the purpose `care`, which needs no consent.
 *
 * @param fields names of profile fields, and where each goes in both systems
 * @param env of the host, beyond what each has
 */
export async function startTwoSystems(fields: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Promise<TwoSystems> {
  const clock = { shopAheadMs: 0, crmAheadMs: 0 };
  const [host, hubspot, shopify] = await Promise.all([startHost({ env: { ...env } }), startFakeHubspot({ now: () => Date.now() + clock.crmAheadMs }), startFakeShopify({ now: () => Date.now() + clock.shopAheadMs })]);
  const owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  const made: TwoSystems['made'] = async (path, body) => {
    const answer = await owner.post(path, body);
    expect([path, answer.status, answer.status < 300 ? '' : JSON.stringify(answer.body)]).toEqual([path, 201, '']);
    return answer.body as Record<string, unknown>;
  };
  await host.seed.purpose('care', { lawfulBasis: 'contract', fields: ['profile.*', 'identities.*'], separateConsent: [] });
  const agreementId = await host.seed.agreement(['care'], { id: 'terms-of-care' });
  const both = { kind: 'both', agreementId, provenance: { collection: 'first-party', statement: 'Our own.' }, recipient: 'processor', country: 'DE' };
  const { accessToken, clientSecret, portalId, apiBaseUrl } = hubspot.settings;
  const { shop, secret, accessToken: shopToken, apiBaseUrl: shopUrl } = shopify.settings;
  await made('/connections', { ...both, id: 'crm', name: 'CRM', pluginId: 'hubspot', capability: 'webhooks', settings: { accessToken, clientSecret, portalId, apiBaseUrl } });
  await made('/connections', { ...both, id: 'store', name: 'Store', pluginId: 'shopify-pos', capability: 'orders', settings: { shop, secret, accessToken: shopToken, apiBaseUrl: shopUrl } });
  const written = Object.entries(fields).map(([name, to]) => ({ field: `profile.${name}`, to }));
  for (const [id, action, name] of [['crm', 'upsert-contact', 'Contacts'], ['store', 'customer', 'Customers']] as const) {
    expect((await owner.post(`/connections/${id}/enable`, {})).status).toBe(200);
    await made('/sync-rules', { id, rule: { name, connectionId: id, action, purpose: 'care', fields: written } });
  }
  await host.configuration.refresh();
  expect(host.configuration.problems()).toEqual([]);
  // A rule that is new goes through everybody: nobody is there yet, and what a test does is not to be met by it.
  for (const id of ['crm', 'store']) expect(await until(async () => (await owner.get(`/sync-rules/${id}/status`)).body.filling, (filling) => (filling as { isDone: boolean } | null)?.isDone === true)).toMatchObject({ isDone: true });
  const { inbox, deliveries, inFlight } = host.connected.collections;
  const left = async (): Promise<number> => {
    await shopify.deliver(`${host.url}/hooks/store`);
    await hubspot.webhooksSettled();
    return (await inbox.countDocuments({})) + (await inFlight.countDocuments({})) + (await deliveries.countDocuments({ state: 'pending' })) + shopify.outbox.length;
  };
  return {
    host, owner, hubspot, shopify, agreementId, made,
    get shopAheadMs() { return clock.shopAheadMs; },
    set shopAheadMs(ms) { clock.shopAheadMs = ms; },
    get crmAheadMs() { return clock.crmAheadMs; },
    set crmAheadMs(ms) { clock.crmAheadMs = ms; },
    async quiet() {
      // What was under way between two counts shows in the next.
      expect(await until(async () => (await left()) + (await left()), (count) => count === 0)).toBe(0);
    },
    async stop() {
      await host.stop();
      await Promise.all([hubspot.close(), shopify.close()]);
    },
  };
}
