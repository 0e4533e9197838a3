import { startFakeHubspot, type FakeHubspot } from '../support/fake-hubspot.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** An admin who sends the examples of the OpenAPI document as they stand, one after another: what they are for is told by the order of the groups. */
interface Operation { operationId?: string; tags?: string[]; description?: string; requestBody?: { content: Record<string, { schema: { $ref?: string } }> } }
interface Document { tags: { name: string; description: string }[]; paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, { example?: object }> } }
interface Answer { status: number; body: Record<string, unknown> }

const ADMIN = '/admin/v1';
let host: TestHost;
let crm: FakeHubspot;
let document: Document;
let token = '';

beforeAll(async () => {
  [host, crm] = await Promise.all([startHost(), startFakeHubspot()]);
  document = (await (await fetch(`${host.url}/docs-json`)).json()) as Document;
});
afterAll(async () => {
  await host.stop();
  await crm.close();
});

const operation = (method: string, path: string): Operation => document.paths[path]?.[method] ?? {};

function exampleOf(method: string, path: string): object | undefined {
  const name = operation(method, path).requestBody?.content['application/json']?.schema.$ref?.split('/').pop();
  return document.components.schemas[name ?? '']?.example;
}

/** Sends the example of the route, with some of it changed. */
async function send(method: string, path: string, { at = {}, change = {}, headers = {} }: { at?: Record<string, string>; change?: object; headers?: Record<string, string> } = {}): Promise<Answer> {
  const example = exampleOf(method, path);
  const response = await fetch(host.url + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => at[name] ?? ''), {
    method: method.toUpperCase(),
    headers: { ...(example === undefined ? {} : { 'content-type': 'application/json' }), ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...headers },
    ...(example === undefined ? {} : { body: JSON.stringify({ ...example, ...change }) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

it('lists every group in the order of work, with what it is for', () => {
  const used = new Set(Object.values(document.paths).flatMap((path) => Object.values(path)).flatMap(({ tags = [] }) => tags));
  expect(document.tags.map(({ name }) => name).sort()).toEqual([...used].sort());
  expect(document.tags.filter(({ description }) => !description)).toEqual([]);
});

it('names each operation once, so that a client can be generated', () => {
  const names = Object.values(document.paths).flatMap((path) => Object.values(path)).map(({ operationId = '' }) => operationId);
  expect(names.filter((name, at) => !/^\w+$/.test(name) || names.indexOf(name) !== at)).toEqual([]);
});

it('its examples make a flow that runs, from the first purpose to why it was delivered', async () => {
  const made: [string, number][] = [];
  const step = async (method: string, path: string, options?: Parameters<typeof send>[2]): Promise<Record<string, unknown>> => {
    const { status, body } = await send(method, path, options);
    made.push([`${method} ${path}`, status]);
    return body;
  };
  token = String((await step('post', `${ADMIN}/sessions`, { change: { password: host.firstRun?.ownerPassword } })).token);
  await step('post', `${ADMIN}/purposes`);
  const { id: agreement } = await step('post', `${ADMIN}/agreements`);
  await step('post', `${ADMIN}/agreements/{id}/versions`, { at: { id: String(agreement) } });
  const { id: shop } = await step('post', `${ADMIN}/connections`);
  await step('post', `${ADMIN}/connections/{id}/enable`, { at: { id: String(shop) } });
  const { writeKey } = await step('post', `${ADMIN}/connections/{id}/write-keys`, { at: { id: String(shop) } });
  const destination = JSON.parse(/```json\n(.*?)\n```/s.exec(operation('post', `${ADMIN}/connections`).description ?? '')?.[1] ?? '{}') as { id: string };
  const { id: recipient } = await step('post', `${ADMIN}/connections`, { change: { ...Object.fromEntries(Object.keys(exampleOf('post', `${ADMIN}/connections`) ?? {}).map((key) => [key, undefined])), ...destination, settings: crm.settings } });
  await step('post', `${ADMIN}/connections/{id}/enable`, { at: { id: String(recipient) } });
  await step('post', `${ADMIN}/mappings/preview`);
  await step('put', `${ADMIN}/mappings/{id}`, { at: { id: String(shop) }, headers: { 'if-match': '"0"' } });
  await step('post', `${ADMIN}/mappings/{id}/test`, { at: { id: String(shop) } });
  const { id: segment } = await step('post', `${ADMIN}/segments`);
  await step('post', `${ADMIN}/segments/{id}/publish`, { at: { id: String(segment) } });
  const { id: flow } = await step('post', `${ADMIN}/flows`);
  const tried = await step('post', `${ADMIN}/flows/{id}/dry-run`, { at: { id: String(flow) } });
  await step('post', `${ADMIN}/flows/{id}/publish`, { at: { id: String(flow) } });
  await step('post', `${ADMIN}/consents`);
  await step('post', '/v1/track', { headers: { authorization: `Basic ${Buffer.from(`${String(writeKey)}:`).toString('base64')}` } });
  expect(made.filter(([, status]) => status > 201)).toEqual([]);
  expect(JSON.stringify(tried)).toContain('upsert-contact');

  const deliveries = await until(async () => (await send('get', `${ADMIN}/deliveries`)).body.items as { id: string; state: string }[], (items) => items.some(({ state }) => state === 'delivered'));
  expect(deliveries.map(({ state }) => state)).toEqual(['delivered']);
  expect([...crm.contacts.keys()]).toEqual(['ana@example.com']);
  const { status, body } = await send('get', `${ADMIN}/deliveries/{id}/explain`, { at: { id: deliveries[0]?.id ?? '' } });
  expect([status, JSON.stringify(body)]).toEqual([200, expect.stringContaining('consent-granted')]);
});
