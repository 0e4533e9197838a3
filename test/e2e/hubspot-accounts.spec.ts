import { logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeHubspot, type FakeHubspot } from '../support/fake-hubspot.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** Accounts of HubSpot at one brand: each numbers its contacts from the same number on. The third gets what people have agreed to, and no more. */
let host: TestHost;
let owner: AdminClient;
let eu: FakeHubspot;
let us: FakeHubspot;
let ap: FakeHubspot;

beforeAll(async () => {
  [host, eu, us, ap] = await Promise.all([startHost(), startFakeHubspot({ portalId: '62515' }), startFakeHubspot({ portalId: '999' }), startFakeHubspot({ portalId: '777' })]);
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  await host.seed.purpose('care', { lawfulBasis: 'contract', fields: ['profile.*', 'identities.*'], separateConsent: [] });
  await host.seed.purpose('offers', { fields: ['profile.*', 'identities.*'], separateConsent: [] });
  const agreementId = await host.seed.agreement(['care', 'offers'], { id: 'terms' });
  for (const [id, { settings: { accessToken, clientSecret, portalId, apiBaseUrl } }] of [['eu', eu], ['us', us], ['ap', ap]] as const) {
    const made = await owner.post('/connections', {
      kind: 'both', id, name: id, pluginId: 'hubspot', capability: 'webhooks', agreementId, provenance: { collection: 'first-party', statement: 'Our own.' }, recipient: 'processor', country: 'DE',
      settings: { accessToken, clientSecret, portalId, apiBaseUrl },
    });
    expect([made.status, (await owner.post(`/connections/${id}/enable`, {})).status]).toEqual([201, 200]);
    await host.seed.syncRule(id, { connectionId: id, action: 'upsert-contact', purpose: id === 'ap' ? 'offers' : 'care', fields: ['phone', 'email'].map((to) => ({ field: `profile.${to}`, to })) });
  }
  await host.configuration.refresh();
  expect(host.configuration.problems()).toEqual([]);
});
afterAll(async () => {
  await host?.stop();
  await Promise.all([eu?.close(), us?.close(), ap?.close()]);
});

async function quiet(): Promise<void> {
  const { inbox, deliveries, inFlight } = host.connected.collections;
  const left = async (): Promise<number> => {
    await Promise.all([eu, us, ap].map((fake) => fake.webhooksSettled()));
    return (await inbox.countDocuments({})) + (await inFlight.countDocuments({})) + (await deliveries.countDocuments({ state: 'pending' }));
  };
  expect(await until(left, (count) => count === 0)).toBe(0);
}

const profileIdOf = async (namespace: string, value: string): Promise<unknown> => (await owner.get(`/profiles/lookup?namespace=${namespace}&value=${value}`)).body.id;
const at = ({ contacts }: FakeHubspot): [string, string | null][] => [...contacts.values()].map(({ properties: { email, phone } }): [string, string | null] => [email ?? '', phone ?? null]).sort();

it('one number in both is two people, and what is corrected of one is written to nobody of that number in the other account', async () => {
  for (const [id, fake] of [['eu', eu], ['us', us]] as const) fake.subscribe({ url: `${host.url}/hooks/${id}` });
  const ana = eu.addContact({ email: 'ana@example.com' });
  const zoe = us.addContact({ email: 'zoe@example.com' });
  expect(ana.id).toBe(zoe.id);
  eu.editContact(ana.id, { phone: '+49301111111' });
  us.editContact(zoe.id, { phone: '+12025550199' });
  const both = [['ana@example.com', '+49301111111'], ['zoe@example.com', '+12025550199']];
  expect(await until(() => [at(eu), at(us)], (now) => JSON.stringify(now) === JSON.stringify([both, both]))).toEqual([both, both]);
  await quiet();
  const [one, other] = [await profileIdOf('crmId', `hubspot:62515:${ana.id}`), await profileIdOf('crmId', `hubspot:999:${zoe.id}`)];
  expect([typeof one, one === other, one === await profileIdOf('email', 'ana@example.com'), other === await profileIdOf('email', 'zoe@example.com')]).toEqual(['string', false, true, true]);
  expect([at(eu), at(us)]).toEqual([both, both]);
});

it('who has an id in each is found by the one of the account that is written to, whichever came first: a corrected address makes no second contact', async () => {
  const [ana] = [...eu.contacts.values()];
  expect(ana?.properties.email).toBe('ana@example.com');
  const theirs = us.contacts.get('ana@example.com')?.id;
  eu.editContact(ana?.id ?? '', { email: 'ana.lima@example.com' });
  expect(await until(() => us.contacts.get('ana.lima@example.com')?.id, (id) => id !== undefined)).toBe(theirs);
  await quiet();
  expect(at(us)).toEqual([['ana.lima@example.com', '+49301111111'], ['zoe@example.com', '+12025550199']]);
});

it('who is known by the id of an account alone is found in what it lists, also where no source reads the list', async () => {
  const { id } = eu.addContact({ phone: '+49302222222' });
  const known = () => profileIdOf('crmId', `hubspot:62515:${id}`);
  expect(typeof await until(known, (profileId) => profileId !== undefined)).toBe('string');
  await quiet();
  const begun = await owner.post('/sync-rules/eu/reconciles', {});
  expect(begun.status).toBe(202);
  const done = await until(async () => (await owner.get(`/sync-rules/eu/reconciles/${String(begun.body.id)}`)).body, ({ state }) => state !== 'running');
  expect(done).toMatchObject({ state: 'done', counts: { listed: 3, unreadable: 0, equal: 3, extra: 0, missing: 0 } });
});

it('what an account tells of an erasure that a withdrawal had it do is no request; what a person has asked for there is one', async () => {
  const about = { identity: { namespace: 'email', value: 'zoe@example.com' }, agreement: { agreementId: 'terms', version: 1, language: 'en' } };
  const requests = (): Promise<number> => host.connected.collections.privacyRequests.countDocuments({});
  const deletions = (): Promise<number> => host.connected.collections.events.countDocuments({ connectionId: 'ap', 'record.type': 'delete' });
  ap.subscribe({ url: `${host.url}/hooks/ap` });
  const { id } = ap.addContact({ email: 'zoe@example.com', phone: '+12025550111' });
  const bo = ap.addContact({ email: 'bo@example.com' });
  expect((await owner.post('/consents', { ...about, decisions: [{ purpose: 'offers', decision: 'granted' }] })).status).toBe(201);
  us.editContact([...us.contacts.values()].find(({ properties }) => properties.email === 'zoe@example.com')?.id ?? '', { phone: '+12025550122' });
  expect(await until(() => ap.contact(id)?.properties.phone, (phone) => phone === '+12025550122')).toBe('+12025550122');
  expect((await owner.post('/consents', { ...about, decisions: [{ purpose: 'offers', decision: 'withdrawn' }] })).status).toBe(201);
  // HubSpot tells of it twice: as of what was deleted for good, and as of any deletion.
  expect(await until(deletions, (count) => count === 2)).toBe(2);
  await quiet();
  expect([ap.contact(id), [...ap.forgotten], await requests()]).toEqual([undefined, ['zoe@example.com'], 0]);
  ap.forgetContact(bo.id);
  expect(await until(requests, (count) => count === 1)).toBe(1);
  expect((await owner.get('/privacy-requests')).body.items).toMatchObject([{ kind: 'erasure', connectionId: 'ap', profileId: await profileIdOf('email', 'bo@example.com') }]);
});
