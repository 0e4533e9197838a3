import { randomBytes } from 'node:crypto';
import { createLogger, readEnvironment } from '@firsthand/platform';
import { createHost, type Host } from '../../apps/host/src/boot/create-host.js';
import { adminClient, logIn } from '../support/admin-client.js';
import { sourcePlugins, startHost, testEnvironment, type TestHost } from '../support/start-host.js';

interface Line { level: string; msg: string; problem?: { kind: string; id: string; code: string } }

let first: TestHost;
let host: Host;
let oldToken: string;
let url: string;
const lines: Line[] = [];

/** A host on the database of one that sealed its secrets and signed its sessions with other keys. */
beforeAll(async () => {
  first = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' }, keepDatabase: true });
  await first.seed.source({ pluginId: 'hubspot', capability: 'webhooks', id: 'crm', settings: { portalId: '1' }, secrets: { accessToken: 'very-secret', clientSecret: 'very-secret' } });
  await first.seed.destination({ pluginId: 'webhook', id: 'sink', settings: { url: 'https://example.com' }, secrets: { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` } });
  await first.seed.source({ pluginId: 'web', capability: 'events', id: 'site' });
  const { ownerEmail, ownerPassword } = first.firstRun ?? { ownerEmail: '', ownerPassword: '' };
  const { body } = await adminClient(first.url).post('/sessions', { email: ownerEmail, password: ownerPassword });
  oldToken = String(body.token);
  expect((await adminClient(first.url, oldToken).get('/connections')).status).toBe(200);
  await first.connected.collections.tombstones.insertOne({ _id: `${first.workspaceId}|digest`, schemaVersion: 1, workspaceId: first.workspaceId, keyId: 'former', createdAt: 1 });
  await first.stop();

  const env = { FIRSTHAND_ROLES: 'ingest,admin', FIRSTHAND_SECRET_KEY: randomBytes(32).toString('base64'), FIRSTHAND_TOKEN_SECRET: 'another-token-secret-than-the-one-before' };
  const logger = createLogger({ level: 'info', destination: { write: (line) => void lines.push(JSON.parse(line) as Line) } });
  host = await createHost({ environment: readEnvironment(await testEnvironment(first.databaseName, env)), logger, plugins: await sourcePlugins(), withProcessMetrics: false, describesLate: true });
  ({ url } = host);
});
afterAll(async () => {
  await host.connected.connection.dropDatabase();
  await host.stop();
});

it('says at boot whose secrets cannot be read, before anything is taken in, and stays up for the others', async () => {
  const affected = lines.filter(({ problem }) => problem?.code === 'SECRET_UNREADABLE');
  expect(affected.map(({ level, problem }) => [level, problem?.id])).toEqual([['warn', 'crm'], ['warn', 'sink']]);
  expect(affected.map(({ msg, problem }) => msg.includes(`connection ${problem?.id} `))).toEqual([true, true]);
  expect(lines.indexOf(affected.at(-1) as Line)).toBeLessThan(lines.findIndex(({ msg }) => msg === 'The host is listening.'));
  expect(JSON.stringify(lines)).not.toContain('very-secret');
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  const answers = await Promise.all(['crm', 'nobody', 'site'].map((id) => fetch(`${url}/hooks/${id}`, { method: 'POST', body: '[]' })));
  expect(answers.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([[503, '30'], [404, null], [404, null]]);
});

it('says at boot that people who were erased under the former key would come back', () => {
  expect(lines.filter(({ level, msg }) => level === 'error' && /^1 identities were erased under another secret key/.test(msg))).toHaveLength(1);
});

it('ends sessions when the token secret is another, and lets the secrets be entered again', async () => {
  expect((await adminClient(url, oldToken).get('/connections')).status).toBe(401);
  const owner = await logIn(url, first.firstRun?.ownerEmail ?? '', first.firstRun?.ownerPassword ?? '');
  const { body } = await owner.get('/connections/crm');
  const saved = await owner.put('/connections/crm', body.version, { settings: { accessToken: 'new-token', clientSecret: 'new-secret', portalId: '1' } });
  expect(saved.status).toBe(200);
  await host.configuration.refresh();
  expect(host.configuration.problems().map(({ id }) => id)).toEqual(['sink']);
  expect((await fetch(`${url}/hooks/crm`, { method: 'POST', body: '[]' })).status).toBe(401);
});
