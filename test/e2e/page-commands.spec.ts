import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePeople } from '../bench/make-people.mjs';
import { documentsIn, runBlocks, shellBlocks, tourOf } from '../support/readme-commands.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { TEST_CERTIFICATES } from '../support/test-certificates.js';

/** The commands of every page, pasted one after the other into one shell: those of docs/admins.md, from which all others go on, then page by page. The README's tour has a spec of its own. */
const ROOT = join(import.meta.dirname, '../..');
const FIRST = 'docs/admins.md';

/** What is not run here, and why. Blocks are named by their page and the beginning of their first line. */
const NOT_RUN: Record<string, string> = {
  'README.md: npm start   #': 'Starts a platform, and runs all tests; test/faults/npm-start.spec.ts starts one.',
  'README.md: FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS=true npm start': 'Starts a platform; test/faults/npm-start.spec.ts does.',
  'docs/integrators.md: npm run plugin:new': 'Writes into plugins/; test/e2e/scaffolded-plugin.spec.ts does so in a copy of the checkout.',
  'docs/operators.md: npm ci': 'Installs, and is a host until it is stopped; test/support/start-host-process.ts starts it in the same way.',
  'templates/plugin/README.md.template: npm test': 'Is of a plugin that is yet to be made; test/e2e/scaffolded-plugin.spec.ts makes one and runs its spec.',
};

/** What comes in, ends, or is sent by a body that the page shows, before a reader goes on with a block. */
const BEFORE: Record<string, string> = {
  'docs/admins.md: HOST=': 'soon() { until [[ $(api GET "$1" | field "$2" 2>&1) == "$3" ]]; do sleep 0.1; done; }',
  'docs/admins.md: api POST /mappings/preview': `
    api POST /purposes -d '{ "key": "ads", "name": { "en": "Ads" }, "description": { "en": "We show you our products elsewhere." }, "lawfulBasis": "consent", "fields": ["identities.email"], "expiresAfterDays": 365 }'
    api PUT /connections/online-shop -H "if-match: \\"$(api GET /connections/online-shop | field .version)\\"" -d '{ "consentSignals": ${JSON.stringify(documentsIn(FIRST)[0])} }'`,
  'docs/admins.md: api GET /quarantine/groups': `
    SERVER=$(api POST /connections/online-shop/write-keys -d '{ "kind": "secret" }' | field .writeKey)
    send() { curl -sS "$HOST/v1/batch" -u "$SERVER:" -H 'content-type: application/json' -d "@$1"; echo; }
    send nobody.json; soon /quarantine/groups .items.length 1`,
  "docs/changes.md: api GET '/changes?": 'soon /changes .isAtEnd true',
  'docs/identity.md: LINK=': 'send held.json; soon /identity-links .items.length 2',
  'docs/identity.md: api POST /purposes': "send people.json; soon '/profiles/lookup?namespace=userId&value=wang-2' .identities.length 2",
  'docs/identity.md: PAIR=': "soon /identity-suggestions '.items.length > 0' true",
  'docs/opendsr.md: machine': 'until [[ $(machine "requests/$ID" | field .request_status) == completed ]]; do sleep 0.1; done',
  'docs/operators.md: npm run workspace:new': `npm() { command npm --prefix '${ROOT}' "$@"; }`,
  'plugins/csv/README.md: curl': `
    api POST /connections -d '{ "kind": "source", "id": "contacts", "name": "Contacts", "pluginId": "csv", "capability": "contacts", "settings": { "country": "CN" },
      "provenance": { "collection": "first-party", "statement": "Written at the counter." }, "agreementId": "privacy-notice" }'
    api POST /connections/contacts/enable
    WRITE_KEY=$(api POST /connections/contacts/write-keys -d '{ "kind": "secret" }' | field .writeKey)
    printf 'email,first_name\\nana@example.com,Ana\\n' > contacts.csv`,
};

/** The lines that are no answers in JSON. */
const PRINTED: Record<string, unknown[]> = {
  'docs/consent.md: api GET': [expect.stringMatching(/^true \{"iss":/)],
  'docs/opendsr.md: SIGNATURE=': ['Verified OK'],
  'docs/operators.md: npm run workspace:new': [expect.stringMatching(/^> /), expect.stringMatching(/^> /), expect.stringMatching(/^Sign in as owner@outlet\.example with the password \S{20,} /), 'The workspace "outlet" is made.'],
};

const says = (userId: string, traits: object) => ({ type: 'identify', userId, traits, context: { consent: { categoryPreferences: { C0004: true } } } });
const FILES = {
  'certificate.pem': TEST_CERTIFICATES.rsa.certificate,
  'key.pem': TEST_CERTIFICATES.rsa.privateKey,
  'nobody.json': JSON.stringify({ batch: [says('guest', {})] }),
  // The fourth number of each is beyond the limit that the page sets.
  'held.json': JSON.stringify({ batch: ['u-1', 'u-2'].flatMap((userId, at) => [1, 2, 3, 4].map((last) => says(userId, { phone: `+49151234${at}678${last}` }))) }),
  // Somebody in two scripts, among strangers.
  'people.json': JSON.stringify({ batch: [
    ...makePeople({ count: 30, seed: 3 }).map(({ profile: { fields } }, at) => {
      const { street, city, country, ...traits } = Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
      return says(`stranger-${at}`, { ...traits, address: { street, city, country } });
    }),
    says('wang-1', { name: '王小明', birthday: '1990-05-17', phone: '+8613912345678', address: { street: '文三路138号3幢501室', city: '杭州市', country: 'CN' } }),
    says('wang-2', { name: 'Wang Xiaoming', birthday: '1990-05-17', phone: '+8613912345687', address: { street: '138 Wensan Road, Building 3, Room 501', city: 'Hangzhou', country: 'CN' } }),
  ] }),
};

/** Of one block: what it has answered in JSON, what else it has printed, and how it has ended. */
interface Told { name: string; answers: unknown[]; printed: string[]; exitCode: number }

/** What a table says of a block. */
function valueOf<T>(table: Record<string, T>, name: string): T | undefined {
  return Object.entries(table).find(([key]) => name.startsWith(key))?.[1];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

let host: TestHost;
let names: string[];
let told: Told[];
const folder = mkdtempSync(join(tmpdir(), 'page-commands-'));

beforeAll(async () => {
  const folders = ['', 'docs', 'templates/plugin', ...readdirSync(join(ROOT, 'plugins')).map((plugin) => `plugins/${plugin}`)];
  const pages = folders.flatMap((of) => readdirSync(join(ROOT, of)).filter((file) => /\.md(\.template)?$/.test(file) && file !== 'README.zh-CN.md').map((file) => join(of, file))).sort();
  const blocks = [FIRST, ...pages.filter((page) => page !== FIRST)].flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    return shellBlocks(page === 'README.md' ? text.replace(tourOf(text), '') : text).map((block) => ({ name: `${page}: ${block.split('\n', 1).join()}`, block }));
  });
  names = blocks.map(({ name }) => name);
  for (const [file, text] of Object.entries(FILES)) writeFileSync(join(folder, file), text);
  host = await startHost({ env: { FIRSTHAND_OPENDSR_CERTIFICATE_FILE: join(folder, 'certificate.pem'), FIRSTHAND_OPENDSR_KEY_FILE: join(folder, 'key.pem') } });
  const steps = blocks.filter(({ name }) => valueOf(NOT_RUN, name) === undefined).flatMap(({ name, block }) => [{ name: `before ${name}`, block: valueOf(BEFORE, name) ?? ':' }, { name, block }]);
  const env = { HOST: host.url, PASSWORD: host.firstRun?.ownerPassword ?? '', MONGODB_URI: process.env.MONGODB_URI ?? '', FIRSTHAND_DATABASE: host.databaseName };
  const results = await runBlocks(steps.map(({ block }) => block), { env, cwd: folder, withinMs: 150_000 });
  told = results.map(({ lines, exitCode }, at) => {
    // A copy of a person is one document of many lines.
    const whole = parse(lines.join('\n'));
    const answers = whole === undefined ? lines.map(parse) : [whole];
    return { name: steps[at]?.name ?? '', exitCode, answers: answers.filter((answer) => answer !== undefined), printed: whole === undefined ? lines.filter((_, line) => answers[line] === undefined) : [] };
  });
}, 180_000);
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

it('runs every block of every page but those that it lists', () => {
  expect(told.length).toBeGreaterThan(40);
  expect([NOT_RUN, BEFORE, PRINTED].flatMap((table) => Object.keys(table)).filter((key) => names.filter((name) => name.startsWith(key)).length !== 1)).toEqual([]);
});

it('shows commands that run as they stand', () => {
  const came = told.map(({ answers, ...block }) => ({ ...block, refused: answers.filter((answer) => (answer as { code?: unknown }).code !== undefined) }));
  expect(came).toEqual(told.map(({ name }) => ({ name, exitCode: 0, printed: valueOf(PRINTED, name) ?? [], refused: [] })));
  expect(host.configuration.problems()).toEqual([]);
});
