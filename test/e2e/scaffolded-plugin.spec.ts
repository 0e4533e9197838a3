import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectStore } from '@firsthand/persistence';
import * as sdk from '@firsthand/plugin-sdk';
import { logIn } from '../support/admin-client.js';
import { copyCheckout, type CheckoutCopy } from '../support/checkout-copy.js';
import { testEnvironment } from '../support/start-host.js';
import { startHostProcess, type HostProcess } from '../support/start-host-process.js';

/** Jest as scripts/test.mjs calls it, without servers. */
const SPECS = ['--experimental-vm-modules', '--import=./scripts/testing/bare/register.mjs', 'node_modules/jest/bin/jest.js'];

/** An integrator's first minutes, in a copy of the checkout: a new plugin from the template, and plugins that an operator lists. */
let copy: CheckoutCopy;
let host: HostProcess | undefined;
const databaseName = `test_${randomUUID().slice(0, 8)}`;

beforeAll(() => { copy = copyCheckout(); });
afterAll(async () => {
  await host?.kill('SIGKILL');
  const { connection, close } = await connectStore({ uri: process.env.MONGODB_URI ?? '', databaseName, log: { info: () => undefined, warn: () => undefined } });
  await connection.dropDatabase();
  await close();
  copy.remove();
});

const node = (...args: string[]) => copy.run(process.execPath, args);

it('npm run plugin:new makes a plugin whose spec passes at once', async () => {
  const made = await copy.run('npm', ['run', 'plugin:new', '--', 'acme-shop']);
  expect(made.output).toContain('npm test -- plugins/acme-shop');
  expect(made.code).toBe(0);
  const resultFile = join(copy.root, 'result.json');
  const tested = await node(...SPECS, '--selectProjects', 'unit', '--json', `--outputFile=${resultFile}`, 'plugins/acme-shop');
  expect(tested.output).toContain('PASS');
  expect(tested.code).toBe(0);
  const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(resultFile, 'utf8')) as { numPassedTests: number; numTotalTests: number };
  expect(numPassedTests).toBeGreaterThan(10);
  expect(numPassedTests).toBe(numTotalTests);
  const again = await copy.run('npm', ['run', 'plugin:new', '--', 'acme-shop']);
  expect([again.code, /plugins\/acme-shop exists already/.test(again.output)]).toEqual([2, true]);
});

/** A package as npm would have installed it. */
function install(name: string, code: string): void {
  const folder = join(copy.root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', exports: './index.js' }));
  writeFileSync(join(folder, 'index.js'), code);
}

it('a host loads it, and the npm packages that are listed; it leaves out a bad one and says why', async () => {
  const built = await node('node_modules/typescript/bin/tsc', '-b', 'plugins/acme-shop', 'apps/host');
  expect(built).toEqual({ code: 0, output: '' });
  const definition = (id: string, sdk: string) => `import acme from '@firsthand/plugin-acme-shop';\nexport default { ...acme, id: '${id}', name: 'Acme Loyalty', sdk: '${sdk}' };`;
  install('@acme/loyalty', definition('acme-loyalty', '^0.1.0'));
  install('@acme/of-tomorrow', definition('of-tomorrow', '^9.0.0'));
  install('@acme/twin', definition('acme-shop', '^0.1.0'));
  cpSync(join(copy.root, 'plugins/acme-shop'), join(copy.root, 'plugins/unbuilt'), { recursive: true, filter: (path) => !path.endsWith('/dist') });
  const listed = ['@acme/loyalty', '@acme/of-tomorrow', '@acme/twin', '@acme/not-installed'];
  host = await startHostProcess({ databaseName, env: { FIRSTHAND_PLUGINS: listed.join(',') }, main: join(copy.root, 'apps/host/dist/main.js') });

  const { FIRSTHAND_FIRST_RUN_FILE = '' } = await testEnvironment(databaseName);
  const { ownerEmail, ownerPassword } = JSON.parse(readFileSync(FIRSTHAND_FIRST_RUN_FILE, 'utf8')) as { ownerEmail: string; ownerPassword: string };
  const owner = await logIn(host.url, ownerEmail, ownerPassword);
  const { body } = await owner.get('/plugins');
  const items = body.items as { id: string; name: string; sources: { capability: string }[]; destinations: { action: string }[] }[];
  expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(['acme-shop', 'acme-loyalty', 'web', 'webhook', 'hubspot']));
  expect(items.find(({ id }) => id === 'acme-shop')).toMatchObject({ name: 'Acme Shop', sources: [{ capability: 'order-paid' }], destinations: [{ action: 'upsert-contact' }] });
  const ending = (name: string): unknown => expect.stringMatching(new RegExp(`${name}$`, 'u'));
  expect(body.rejected).toEqual([
    { id: null, origin: ending('unbuilt'), reasons: ['dist/index.js is missing: build the plugin.'] },
    { id: 'of-tomorrow', origin: ending('of-tomorrow'), reasons: [expect.stringMatching(/SDK \^9\.0\.0/)] },
    { id: 'acme-shop', origin: ending('twin'), reasons: [expect.stringMatching(/^The id "acme-shop" is taken by .*plugins\/acme-shop\.$/)] },
    { id: null, origin: ending('not-installed'), reasons: [expect.stringMatching(/^The package cannot be imported: .*@acme\/not-installed/)] },
  ]);

  // What is listed can be worked with.
  const connection = { kind: 'source', id: 'till', name: 'Till', pluginId: 'acme-loyalty', capability: 'order-paid', settings: { signingSecret: 'a-signing-secret', apiKey: 'an-api-key' } };
  expect((await owner.post('/connections', connection)).status).toBe(201);
  expect((await owner.post('/connections', { ...connection, id: 'later', pluginId: 'of-tomorrow' })).body).toMatchObject({ code: 'UNKNOWN_PLUGIN' });
});

it('the page for integrators leads to a connector that compiles and passes its suites', async () => {
  await copy.run('npm', ['run', 'plugin:new', '--', 'acme-page']);
  const page = readFileSync(new URL('../../docs/integrators.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/^```ts\n([^]*?)^```$/gmu)].map(([, code = '']) => code);
  const [plugin, parts, suites] = [/^export default/u, /^(?:const|type) /u, /^testSource\(/u].map((start) => blocks.filter((code) => start.test(code)).join('\n')) as [string, string, string];
  expect(blocks.filter((code) => ![plugin, parts, suites].some((all) => all.includes(code)))).toEqual([]);
  const types = ['JsonValue', 'Mapping', 'SendContext', 'SendItem', 'SendResult', 'ValuesOf'];
  const named = [...Object.keys(sdk), ...types].filter((name) => new RegExp(`\\b${name}\\b`, 'u').test(parts + plugin));
  const write = (file: string, code: string): void => writeFileSync(join(copy.root, 'plugins/acme-page/src', file), code);
  write('index.ts', `import { ${named.join(', ')} } from '@firsthand/plugin-sdk';\n${parts}\n${plugin}`);
  write('index.spec.ts', `import { createHmac } from 'node:crypto';\nimport { testDestination, testSource } from '@firsthand/plugin-testing';\nimport plugin from './index.js';\n${suites}`);
  expect(await node('node_modules/typescript/bin/tsc', '-b', 'plugins/acme-page')).toEqual({ code: 0, output: '' });
  const tested = await node(...SPECS, 'plugins/acme-page', '--selectProjects', 'unit');
  expect(tested.output).toMatch(/Tests: +\d{2} passed, \d+ total/u);
  expect(tested.code).toBe(0);
});
