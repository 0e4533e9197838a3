import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** A workspace's own fields stand in every form of its dictionary, and in none that is open to all. */
let host: TestHost;
let owner: AdminClient;
let basic: string;
const MEANING = 'EU shoe size of the <b>left</b> foot.';

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } });
  const { ownerEmail = '', ownerPassword = '' } = host.firstRun ?? {};
  owner = await logIn(host.url, ownerEmail, ownerPassword);
  basic = `Basic ${Buffer.from(`${ownerEmail}:${ownerPassword}`).toString('base64')}`;
  await owner.post('/dictionary/custom-fields', { entity: 'profile', name: 'shoeSize', type: 'integer', description: MEANING, example: 42 });
  await owner.post('/dictionary/custom-fields', { entity: 'order', name: 'giftWrap', type: 'boolean', description: 'Whether it is wrapped.' });
});
afterAll(() => host.stop());

const page = (path: string, headers: Record<string, string> = {}) => fetch(host.url + path, { headers });

it('JSON and JSON Schema', async () => {
  const { entities } = (await owner.get('/dictionary')).body as { entities: { name: string; fields: { path: string; isCustom: boolean; pii: string; purposes: string[] }[] }[] };
  const custom = entities.flatMap(({ fields }) => fields.filter(({ isCustom, path }) => isCustom && !path.endsWith('.custom')));
  expect(custom).toEqual([expect.objectContaining({ path: 'profile.custom.shoeSize', pii: 'personal', purposes: [] }), expect.objectContaining({ path: 'order.custom.giftWrap' })]);
  const { $defs } = (await owner.get('/dictionary/schema')).body as { $defs: Record<string, { properties: Record<string, { type?: string; description?: string; properties?: object }> }> };
  expect($defs.profile?.properties['custom.shoeSize']).toMatchObject({ type: 'integer', description: MEANING });
  expect($defs.order?.properties.custom?.properties).toMatchObject({ giftWrap: { type: 'boolean' } });
});

it('the page and Markdown, for who has an account there', async () => {
  const [html, markdown] = await Promise.all([page(`/dictionary/${host.workspaceId}`, { authorization: basic }), page(`/dictionary/${host.workspaceId}/markdown`, { authorization: basic })]);
  expect([html.status, html.headers.get('content-type'), html.headers.get('cache-control')]).toEqual([200, 'text/html; charset=utf-8', 'no-store']);
  const shown = await html.text();
  expect(shown).toContain('<code>profile.custom.shoeSize</code>');
  expect(shown).toContain('EU shoe size of the &lt;b&gt;left&lt;/b&gt; foot.');
  expect([markdown.status, markdown.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
  expect(await markdown.text()).toContain('`order.custom.giftWrap`');
});

it('nobody else', async () => {
  for (const headers of [{}, { authorization: `Basic ${Buffer.from('owner@example.com:wrong').toString('base64')}` }, { authorization: 'Basic %%%' }]) {
    const response = await page(`/dictionary/${host.workspaceId}`, headers as Record<string, string>);
    expect([response.status, response.headers.get('www-authenticate')?.split(' ')[0]]).toEqual([401, 'Basic']);
    expect(await response.text()).not.toContain('shoeSize');
  }
  expect((await page('/dictionary/elsewhere', { authorization: basic })).status).toBe(401);
  const [email, password] = Buffer.from(basic.slice(6), 'base64').toString().split(':');
  const session = await fetch(`${host.url}/admin/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) });
  const { token } = (await session.json()) as { token: string };
  const bearer = { authorization: `Bearer ${token}` };
  expect([(await page(`/dictionary/${host.workspaceId}`, bearer)).status, (await page('/dictionary/elsewhere', bearer)).status]).toEqual([200, 403]);
  for (const open of ['/dictionary', '/dictionary.md']) expect(await (await page(open)).text()).not.toContain('shoeSize');
  // A password on a request opens the dictionary and nothing else: a browser would send it along from any page.
  expect((await page('/admin/v1/segments', { authorization: basic })).status).toBe(401);
});
