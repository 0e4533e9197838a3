import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** A configuration that is larger than any other body of the admin plane, as a workspace with a large tracking plan has. */
let host: TestHost;
let owner: AdminClient;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
});
afterAll(() => host.stop());

const ACTIONS = { unplannedEvent: 'quarantine', missingRequired: 'quarantine', wrongType: 'coerce', valueNotAllowed: 'flag', unplannedProperty: 'strip', badName: 'coerce' };
const field = (event: number, n: number) => ({ path: `properties.custom.field${event}of${n}`, type: 'string', required: n === 0, description: `What the shop means by the property ${n} of the event ${event}, said so that whoever reads it knows where the value comes from and what for.`, maxLength: 200 });
const plan = { actions: ACTIONS, events: Array.from({ length: 500 }, (_, event) => ({ name: `Thing${event} Seen`, description: 'Somebody has seen it.', fields: Array.from({ length: 10 }, (_none, n) => field(event, n)) })) };
const document = { kind: 'trackingPlans', id: 'everything', content: { name: 'Everything', description: '', draft: plan, published: plan } };
const sizeOf = (body: object): number => Buffer.byteLength(JSON.stringify(body));
const importAs = async (token: string | undefined, bytes: number): Promise<[number, string]> => {
  const answer = await adminClient(host.url, token).post('/configuration', { documents: [], secrets: { none: { padding: 'x'.repeat(bytes) } } });
  return [answer.status, String(answer.body.code)];
};

it('imports a plan with 500 events and 5,000 properties, published, and has it again', async () => {
  expect(sizeOf({ documents: [document] })).toBeGreaterThan(2 * 1024 * 1024);
  const tried = await owner.post('/configuration?dryRun=true', { documents: [document] });
  expect([tried.status, (tried.body.wouldAnswer as { body: unknown }).body]).toEqual([200, { changes: [{ kind: 'trackingPlans', id: 'everything', change: 'created', fields: [] }] }]);
  expect((await owner.post('/configuration', { documents: [document] })).body).toEqual({ changes: [{ kind: 'trackingPlans', id: 'everything', change: 'created', fields: [] }] });
  expect((await owner.get('/tracking-plans/everything')).body).toMatchObject({ live: { version: 1 }, events: 500 });
  const { body } = await owner.get('/configuration');
  expect((body.documents as (typeof document)[]).find(({ kind }) => kind === 'trackingPlans')).toEqual(document);
  expect((await owner.post('/configuration', { documents: body.documents })).body).toEqual({ changes: [] });
});

it('reads no more than it says, and nothing large of who may not import', async () => {
  const { apiKey } = (await owner.post('/api-keys', { name: 'Reader', roles: ['owner'], scopes: ['read:configuration'] })).body;
  expect([await importAs(undefined, 2_000_000), await importAs(String(apiKey), 2_000_000)]).toEqual([[401, 'UNAUTHENTICATED'], [403, 'FORBIDDEN']]);
  const { token } = (await owner.post('/sessions', { email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword })).body;
  expect(await importAs(String(token), 16 * 1024 * 1024)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  const keys = await owner.post('/configuration', { documents: [], secrets: Object.fromEntries(Array.from({ length: 1_000_001 }, (_, n) => [n, {}])) });
  expect([keys.status, keys.body.code]).toEqual([400, 'PAYLOAD_TOO_COMPLEX']);
});

it('takes no more than 1 MB on any other call', async () => {
  const { status, body } = await owner.post('/tracking-plans', { id: 'direct', name: 'Direct', plan: { ...plan, events: [{ name: 'Thing Seen', description: 'x'.repeat(1_100_000) }] } });
  expect([status, body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
});

it('refuses the version that would be one too many of a flow or an agreement, and keeps the others', async () => {
  await host.seed.purpose('marketing');
  await host.seed.agreement(['marketing'], { id: 'notice' });
  const text = 'x'.repeat(50_000);
  const last = { purposes: ['marketing'], texts: Object.fromEntries(Array.from({ length: 19 }, (_, n) => [`en-Lang${n}`, text])) };
  await host.seed.change<{ versions: { texts: object }[] }>('agreements', 'notice', ({ versions: [first], ...content }) => ({
    ...content, versions: Array.from({ length: 17 }, (_, n) => ({ ...(first as { texts: object }), version: n + 1, texts: last.texts })),
  }));
  const tried = await owner.post('/agreements/notice/versions?dryRun=true', last);
  expect([tried.status, tried.body.code]).toEqual([413, 'CONFIGURATION_TOO_LARGE']);
  const { status, body } = await owner.post('/agreements/notice/versions', last);
  expect([status, body.code, ((await owner.get('/agreements/notice')).body.versions as unknown[]).length]).toEqual([413, 'CONFIGURATION_TOO_LARGE', 17]);
});
