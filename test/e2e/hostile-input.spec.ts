import { ERROR_TABLE } from '@firsthand/domain';
import { seededRandom } from '../support/seeded-random.mjs';
import { startHost, type TestHost } from '../support/start-host.js';

/** Whatever comes in, on whatever route: the answer says what is wrong with it, and the host has no failure of its own. */
interface Operation { parameters?: { name: string; in: string; example?: unknown; schema?: { example?: unknown } }[]; requestBody?: { content?: Record<string, { example?: unknown; examples?: Record<string, { value?: unknown }>; schema?: { $ref?: string } }> } }
interface OpenApi { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, { example?: unknown; examples?: unknown[] }> } }
interface Sent { method: string; path: string; body?: string | undefined; headers?: Record<string, string> }

const TEXTS = ['%00', '__proto__', '$where', '..%2f..', '%zz', '%ED%A0%80', 'x'.repeat(400), '-1', '%7C'];
const VALUES: unknown[] = [null, true, -1, 1e308, '', '\u0000', '\ud800', 'a b', 'x'.repeat(70_000), [], [null], {}, { $gt: '' }, JSON.parse('{"__proto__":{"a":1},"a.b":{"$set":1}}')];
const RAW = ['', '{', 'nul', '"', '{"a":1}{', '[1]', `${'['.repeat(5_000)}${']'.repeat(5_000)}`];
const HEADERS: Record<string, string>[] = [{ 'if-match': '***' }, { 'if-match': '"99999999999999999999"' }, { authorization: 'Bearer a.b.c' }, { authorization: 'Basic %' }, { accept: 'x/y' }, { 'content-type': 'multipart/form-data' }, { 'content-encoding': 'gzip' }];
/** Per route: what is left out is like what is sent. */
const MAX_BODIES = 12;
/** Of the requests to a route one in so many, others in each run; `npm run test:long` sends all. `FIRSTHAND_TEST_SEED=<seed>` repeats a choice. */
const ONE_IN = process.env.FIRSTHAND_HOSTILE === 'all' ? 1 : 4;
const SEED = Number(process.env.FIRSTHAND_TEST_SEED ?? Math.floor(Math.random() * 1_000_000));
const random = seededRandom(SEED);

let host: TestHost;
let document: OpenApi;
let bearer: string;
const json = { 'content-type': 'application/json' };

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } });
  const { ownerEmail: email, ownerPassword: password } = host.firstRun ?? {};
  const session = await fetch(`${host.url}/admin/v1/sessions`, { method: 'POST', headers: json, body: JSON.stringify({ email, password }) });
  bearer = `Bearer ${((await session.json()) as { token: string }).token}`;
  document = (await (await fetch(`${host.url}/docs-json`)).json()) as OpenApi;
});
afterAll(() => host.stop());

/** Sends once more what was answered "not now" with a moment to come again: what an input causes comes again, what a busy machine causes does not. */
async function answerTo({ method, path, body, headers }: Sent, authorization: string): Promise<Response> {
  const send = (): Promise<Response> => fetch(host.url + path, { method, redirect: 'manual', headers: { authorization, ...json, 'if-match': '"1"', ...headers }, ...(method === 'GET' ? {} : { body: body ?? '' }) });
  const first = await send();
  if (first.status !== 503 || !first.headers.has('retry-after')) return first;
  await host.configuration.refresh();
  return send();
}

/** Sends everything, a few at a time, and gives what was answered badly, shortened. */
async function badAnswersTo(requests: readonly Sent[], authorization: string, isProblem = true): Promise<string[]> {
  const bad: string[] = [];
  const waiting = [...requests];
  const sendAll = async (): Promise<void> => {
    for (let sent = waiting.pop(); sent !== undefined; sent = waiting.pop()) {
      const { method, path, body } = sent;
      const response = await answerTo(sent, authorization);
      const answer = await response.text();
      if (response.status >= 500 || (isProblem && response.status >= 400 && !isGoodProblem(response, answer))) bad.push(`${method} ${path.slice(0, 120)} ${(body ?? '').slice(0, 120)}: ${response.status} ${answer.slice(0, 120)}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, sendAll));
  return bad.slice(0, 10);
}

function isGoodProblem(response: Response, answer: string): boolean {
  return response.headers.get('content-type') === 'application/problem+json; charset=utf-8' && Object.hasOwn(ERROR_TABLE, (JSON.parse(answer) as { code: string }).code);
}

/** An example's every place with every value in it. */
function* mutationsOf(example: unknown): Generator<unknown> {
  yield* VALUES;
  if (typeof example !== 'object' || example === null) return;
  for (const [key, inner] of Object.entries(example)) {
    for (const changed of mutationsOf(inner)) yield Array.isArray(example) ? Object.assign([...(example as unknown[])], { [key]: changed }) : { ...example, [key]: changed };
  }
}

function exampleOf({ requestBody }: Operation): unknown {
  const { example, examples, schema } = requestBody?.content?.['application/json'] ?? {};
  const named = document.components.schemas[schema?.$ref?.split('/').pop() ?? ''];
  return example ?? Object.values(examples ?? {})[0]?.value ?? named?.example ?? named?.examples?.[0];
}

/** Of many, some from all over. */
const spread = <T>(all: readonly T[], count: number): T[] => all.filter((_, at) => Math.floor((at * count) / all.length) !== Math.floor(((at - 1) * count) / all.length));

function hostileRequests(path: string, method: string, operation: Operation): Sent[] {
  const { parameters = [] } = operation;
  const fill = (text?: string): string => path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.name === name);
    return text ?? encodeURIComponent(String(parameter?.example ?? parameter?.schema?.example ?? 'x'));
  });
  const example = exampleOf(operation);
  const body = example === undefined ? undefined : JSON.stringify(example);
  const bodies = method === 'GET' || method === 'DELETE' ? [] : [...RAW, ...spread([...mutationsOf(example)], MAX_BODIES).map((value) => JSON.stringify(value))];
  return [
    ...(path.includes('{') ? TEXTS.map((text) => ({ method, path: fill(text), body })) : []),
    ...parameters.filter((one) => one.in === 'query').flatMap(({ name }) => [...TEXTS, `a&${name}=b`].map((text) => ({ method, path: `${fill()}?${name}=${text}`, body }))),
    ...['?dryRun=maybe', '?__proto__[x]=1', '?limit[$gt]=1'].map((query) => ({ method, path: fill() + query, body })),
    ...HEADERS.map((headers) => ({ method, path: fill(), body, headers })),
    ...bodies.map((text) => ({ method, path: fill(), body: text })),
  ];
}

const requestsTo = (isWanted: (path: string) => boolean): Sent[] =>
  Object.entries(document.paths).filter(([path]) => isWanted(path)).flatMap(([path, operations]) => Object.entries(operations).flatMap(([method, operation]) => hostileRequests(path, method.toUpperCase(), operation).filter(() => random() * ONE_IN < 1)));

it.each([
  ['/connections', { kind: 'source', name: 'Shop', pluginId: 'web', capability: 'events', collectionPurpose: 'no purpose' }, '/collectionPurpose'],
  ['/connections', { kind: 'source', name: 'Shop', pluginId: 'web', capability: 'events', consentCategories: { C0004: 'no purpose' } }, '/consentCategories/C0004'],
  ['/connections', { kind: 'source', name: 'Shop', pluginId: 'web', capability: 'events', consentSignals: [{ signal: 'gpc', purpose: 'no purpose', recipients: ['own'] }] }, '/consentSignals/0/purpose'],
  ['/dictionary/custom-fields', { entity: 'profile', name: 'hatSize', type: 'integer', description: 'd', purposes: ['no purpose'] }, '/purposes/0'],
])('refuses on %s what could not be read again', async (path, body, place) => {
  const response = await fetch(`${host.url}/admin/v1${path}`, { method: 'POST', headers: { ...json, authorization: bearer }, body: JSON.stringify(body) });
  expect([response.status, ((await response.json()) as { errors: { path: string }[] }).errors.map((one) => one.path)]).toEqual([400, [place]]);
});

it('refuses a source that names purposes which are not there: a no to them would be one to nothing', async () => {
  const source = { kind: 'source', name: 'Shop', pluginId: 'web', capability: 'events', profilePurpose: 'adz', consentCategories: { 'C/4': 'adz' }, consentSignals: [{ signal: 'gpc', purpose: 'adz', recipients: ['own'] }] };
  const response = await fetch(`${host.url}/admin/v1/connections`, { method: 'POST', headers: { ...json, authorization: bearer }, body: JSON.stringify(source) });
  expect([response.status, ((await response.json()) as { errors: { path: string }[] }).errors.map((one) => one.path)]).toEqual([400, ['/profilePurpose', '/consentCategories/C~14', '/consentSignals/0/purpose']]);
});

it(`no input to the admin plane makes it fail, and what it takes can be read again (FIRSTHAND_TEST_SEED=${SEED})`, async () => {
  const requests = requestsTo((path) => path.startsWith('/admin/'));
  expect(requests.length).toBeGreaterThan(1_000);
  expect(await badAnswersTo(requests, bearer)).toEqual([]);
  await host.configuration.refresh();
  expect(host.configuration.problems()).toEqual([]);
});

it('no input to the tracking API and to imports makes them fail', async () => {
  const site = await host.seed.source({ pluginId: 'web', capability: 'events' });
  const files = await host.seed.source({ pluginId: 'csv', capability: 'contacts', id: 'con_4f2a' });
  const imports = ['text/csv', 'application/x-ndjson'].flatMap((type) => [...RAW, '\u0000', '"', 'a,a\n', '"a\n', `${'x,'.repeat(3_000)}\n`, '\r\r\n\n'].map((body) => ({ method: 'POST', path: '/import/con_4f2a', body, headers: { 'content-type': type } })));
  expect(await badAnswersTo(requestsTo((path) => path.startsWith('/v1/')), `Basic ${btoa(`${site.secretKey}:`)}`)).toEqual([]);
  expect(await badAnswersTo(imports, `Basic ${btoa(`${files.secretKey}:`)}`)).toEqual([]);
});

it('no webhook makes its plugin fail', async () => {
  const ids = await Promise.all([
    host.seed.source({ pluginId: 'shopify-pos', capability: 'orders', settings: { shop: 'acme.myshopify.com', country: 'CN' }, secrets: { secret: 'a-secret' } }),
    host.seed.source({ pluginId: 'hubspot', capability: 'webhooks', settings: { portalId: '62515' }, secrets: { clientSecret: 'a-secret', accessToken: 'a-token' } }),
    host.seed.source({ pluginId: 'wechat-mini-program', capability: 'messages', settings: { appId: 'wx4f4bc4dec97d474b' }, secrets: { token: 'aToken123' } }),
  ]);
  const bodies = [...RAW, ...VALUES.map((value) => JSON.stringify(value)), '<xml><a/></xml>', '<!DOCTYPE x [<!ENTITY a "a">]><xml>&a;</xml>'];
  const requests = ids.flatMap(({ connectionId }) => ['', '?signature=x&timestamp=1&nonce=y', '?echostr[]=1'].flatMap((query) => [
    ...bodies.map((body) => ({ method: 'POST', path: `/hooks/${connectionId}${query}`, body })), { method: 'GET', path: `/hooks/${connectionId}${query}` },
  ]));
  expect(await badAnswersTo(requests, '')).toEqual([]);
});

it('no input to the pages for people makes them fail', async () => {
  const paths = [...TEXTS.flatMap((text) => [`/privacy/${text}`, `/privacy/main?token=${text}`, `/privacy/main?lang=${text}`, `/dictionary?x=${text}`, `/docs/${text}`]), '/privacy/main', '/dictionary'];
  const requests = paths.flatMap((path) => [{ method: 'GET', path }, ...['act=withdraw&token=x', 'token[]=1&act[$gt]=1', '%'].map((body) => ({ method: 'POST', path, body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }))]);
  expect(await badAnswersTo(requests, '', false)).toEqual([]);
});
