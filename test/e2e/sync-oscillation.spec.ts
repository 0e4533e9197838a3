import { startTwoSystems, type TwoSystems } from '../support/two-systems.js';
import { until } from '../support/until.js';
import { startVendorServer, type VendorServer } from '../support/vendor-server.js';

/** People in a CRM and in a store edit one field against each other, until it is written there no more: by signed webhooks, over the whole host, as an admin is told of it. */
let systems: TwoSystems;
let notices: VendorServer;

beforeAll(async () => {
  notices = await startVendorServer(() => ({ status: 204 }));
  systems = await startTwoSystems({ firstName: 'firstName', phone: 'phone' }, { FIRSTHAND_NOTIFY_WEBHOOK_URL: `${notices.url}/`, FIRSTHAND_NOTIFY_WEBHOOK_SECRET: 'a secret of the notices' });
  const { owner, host } = systems;
  expect((await owner.put('/ownership-settings', ((await owner.get('/ownership-settings')).body as { version: number }).version, { fields: ['firstName', 'phone'].map((name) => ({ field: `profile.${name}`, policy: 'newest' })) })).status).toBe(200);
  await host.configuration.refresh();
});
afterAll(() => Promise.all([systems?.stop(), notices.close()]));

/** Each is said a while after what was said before, by the clocks of both. */
function later(): void {
  systems.crmAheadMs += 2_000;
  systems.shopAheadMs += 2_000;
}

it('a field that goes to and fro is stopped at one system, told of everywhere, and written again when it is released', async () => {
  const { host, owner, hubspot, shopify, quiet } = systems;
  hubspot.subscribe({ url: `${host.url}/hooks/crm` });
  const contact = hubspot.addContact({ email: 'ana@example.com', firstname: 'Ana' });
  const customer = shopify.add({ email: 'ana@example.com', firstName: 'Ana' });
  await quiet();
  const stopped = async () => (await Promise.all(['crm', 'store'].map(async (id) => ({ id, items: (await owner.get(`/sync-rules/${id}/stopped`)).body.items as { profileId: string; field: string; between: string[] }[] })))).filter(({ items }) => items.length > 0);
  const names = () => [hubspot.contact(contact.id)?.properties.firstname, shopify.customers.byId.get(customer.id)?.firstName];

  let rounds = 0;
  for (; (await stopped()).length === 0 && rounds < 6; rounds += 1) {
    later();
    hubspot.editContact(contact.id, { firstname: 'Anna' });
    await quiet();
    later();
    shopify.edit(customer.id, { firstName: 'Hannah' });
    await quiet();
  }
  // A first edit each is nothing but news.
  expect(rounds).toBeGreaterThan(1);
  const [one, ...others] = await stopped();
  const [id, other] = one?.id === 'crm' ? ['crm', 'store'] : ['store', 'crm'];
  const { profileId = '' } = one?.items[0] ?? {};
  const between = { field: 'profile.firstName', between: [id, other] };
  expect([others, one?.items]).toMatchObject([[], [between]]);
  expect(new Set(names())).toEqual(new Set(['Anna', 'Hannah']));

  // Everybody who looks is told.
  expect((await owner.get(`/sync-rules/${id}/status`)).body).toMatchObject({ stopped: [{ ...between, people: 1 }] });
  expect((await owner.get(`/connections/${id}`)).body).toMatchObject({ delivery: { stopped: [{ ruleId: id, field: 'profile.firstName', source: other, people: 1 }] } });
  const told = await until(() => notices.requests.map(({ text }) => JSON.parse(text) as { kind: string }).filter(({ kind }) => kind === 'syncs-stopped'), ({ length }) => length > 0, 90_000);
  expect(told).toMatchObject([{ to: host.firstRun?.ownerEmail, lines: [`${id}: profile.firstName of 1 people, between ${id} and ${other}`] }]);
  expect(JSON.stringify(told)).not.toMatch(/ana@example\.com|Anna|Hannah/);
  expect(await (await fetch(`${host.url}/metrics`)).text()).toMatch(new RegExp(`firsthand_stopped_sync_fields\\{workspace="[^"]+",connection="${id}",rule="${id}"\\} 1`));

  // All other fields are written still.
  later();
  if (id === 'store') hubspot.editContact(contact.id, { phone: '+49 30 12345678' });
  else shopify.edit(customer.id, { phone: '+493012345678' });
  await quiet();
  expect([shopify.customers.byId.get(customer.id)?.phone, hubspot.contact(contact.id)?.properties.phone]).toEqual(['+493012345678', expect.stringMatching(/^\+49 ?30 ?12345678$/)]);
  expect(new Set(names()).size).toBe(2);

  expect((await owner.post(`/sync-rules/${id}/stopped/release`, { profileId, field: 'profile.firstName' })).body).toEqual({ wasStopped: true });
  await quiet();
  expect(new Set(names()).size).toBe(1);
  expect([await stopped(), (await owner.get(`/sync-rules/${id}/status`)).body.stopped]).toEqual([[], []]);
}, 180_000);
