import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** A delete, and a call that names what goes, at the same time on two hosts of one database: whichever comes second is refused. */
const ROUNDS = 8;
const ROLES = { FIRSTHAND_ROLES: 'admin' };
let first: TestHost;
let second: TestHost;
let one: AdminClient;
let other: AdminClient;

beforeAll(async () => {
  first = await startHost({ env: ROLES, keepDatabase: true });
  second = await startHost({ databaseName: first.databaseName, env: ROLES });
  const { ownerEmail = '', ownerPassword = '' } = first.firstRun ?? {};
  [one, other] = [await logIn(first.url, ownerEmail, ownerPassword), await logIn(second.url, ownerEmail, ownerPassword)];
  await first.seed.purpose('marketing', { lawfulBasis: 'contract' });
  await first.seed.purpose('service', { lawfulBasis: 'contract' });
  await first.seed.agreement(['service'], { id: 'notice' });
});
afterAll(async () => {
  await first.stop();
  await second.stop();
});

interface Pair {
  /** Makes what is deleted, and what will name it. */
  prepare(id: string): Promise<unknown>;
  remove(id: string): Promise<{ status: number }>;
  name(id: string): Promise<{ status: number }>;
}

const removal = (path: string, query = '') => (id: string) => one.call('DELETE', `${path}/${id}${query}`, { ifMatch: 1 });
const condition = (trait: string) => ({ trait, op: 'exists' });
const flow = (step: object) => ({ name: 'F', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'api' }, steps: [step] });
const PAIRS: [string, Pair][] = [
  ['a field and a segment', {
    prepare: (id) => first.seed.customField({ entity: 'profile', name: `f${id}`, type: 'string', description: 'A field.', example: 'x', pii: 'personal' } as never),
    remove: (id) => one.call('DELETE', `/dictionary/custom-fields/profile.f${id}?storedValues=drop`, { ifMatch: 1 }),
    name: (id) => other.post('/segments', { id: `s${id}`, name: 'S', purpose: 'marketing', condition: condition(`custom.f${id}`) }),
  }],
  ['an event and an expectation', {
    prepare: (id) => first.seed.customEvent({ name: `Thing${id} Seen`, description: 'An event.' }),
    remove: (id) => one.call('DELETE', `/dictionary/custom-events/${encodeURIComponent(`Thing${id} Seen`)}`, { ifMatch: 1 }),
    name: (id) => other.post('/expectations', { id: `x${id}`, name: 'X', scope: { event: `Thing${id} Seen` }, rule: { kind: 'freshness', withinMinutes: 30 } }),
  }],
  ['a purpose and a version of an agreement', {
    prepare: (id) => first.seed.purpose(`p${id}`),
    remove: (id) => removal('/purposes')(`p${id}`),
    name: (id) => other.post('/agreements/notice/versions', { isMaterial: false, purposes: [`p${id}`], texts: { en: 'We use your data.' } }),
  }],
  ['a list and a segment', {
    prepare: (id) => one.post('/segments', { id: `l${id}`, name: 'L', kind: 'static', purpose: 'marketing' }),
    remove: (id) => removal('/segments')(`l${id}`),
    name: (id) => other.post('/segments', { id: `t${id}`, name: 'T', purpose: 'marketing', condition: { list: `l${id}` } }),
  }],
  ['a tracking plan and a source', {
    prepare: (id) => first.seed.trackingPlan(`plan${id}`, { actions: { unplannedEvent: 'flag', missingRequired: 'flag', wrongType: 'flag', valueNotAllowed: 'flag', unplannedProperty: 'flag', badName: 'flag' }, events: [] }),
    remove: (id) => removal('/tracking-plans')(`plan${id}`),
    name: (id) => other.post('/connections', { id: `web${id}`, name: 'W', kind: 'source', pluginId: 'web', capability: 'events', trackingPlan: `plan${id}` }),
  }],
  ['a connection and a flow', {
    async prepare(id) {
      await first.seed.destination({ id: `hook${id}`, pluginId: 'webhook', status: 'paused', settings: { url: 'http://127.0.0.1:9/' }, secrets: { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' } });
      await one.post('/flows', { id: `to${id}`, flow: flow({ id: 'send', type: 'deliver', connectionId: `hook${id}`, action: 'send-event' }) });
    },
    remove: (id) => removal('/connections')(`hook${id}`),
    name: (id) => other.post(`/flows/to${id}/publish`),
  }],
];

it.each(PAIRS)('lets one of both through: the end of %s that names it', async (_what, { prepare, remove, name }) => {
  const ids = Array.from({ length: ROUNDS }, (_, round) => String(round));
  for (const id of ids) await prepare(id);
  await second.configuration.refresh();
  const done: number[] = [];
  for (const id of ids) done.push((await Promise.all([remove(id), name(id)])).filter(({ status }) => status < 300).length);
  expect([Math.max(...done), done.includes(1)]).toEqual([1, true]);
});

it('does not refuse what names nothing that goes, however many come at once', async () => {
  const answers = await Promise.all(Array.from({ length: 24 }, (_, n) => (n % 2 === 0 ? one : other).post('/segments', { id: `many${n}`, name: 'M', purpose: 'marketing', condition: condition('city') })));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
});
