import { compileMapping, type JsonValue } from '@firsthand/domain';
import { InvalidCredentials, RetryableError, text, type DestinationDefinition } from '@firsthand/plugin-sdk';
import { decide, event, identify } from '../support/pipeline-story.js';
import { createWorld, SINK, WORKSPACE, type World } from '../support/pipeline-world.js';

/** A withdrawal has a system erase somebody, and the system tells of it as of any deletion: nobody has asked for more. */
const MAPPING = compileMapping({ type: '{{type}}', messageId: '{{id}}', occurredAt: '{{at}}', 'identities.crmId': '{{crmId}}', 'identities.email': '{{email}}', 'properties.reason': '{{reason}}' });
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let world: World;
let people = 0;
let userId = '';
let crmId = '';
let email = '';

beforeAll(async () => {
  world = await createWorld((parts) => {
    parts.flows = [{ ...parts.flows[0]!, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'contact', mapping: { contactId: '{{identities.crmId}}', email: '{{profile.email}}' } }] }];
    parts.sources = [{ connectionId: 'web' }, ...['crm', 'crm-hooks', 'other'].map((connectionId) => ({ connectionId, mapping: MAPPING }))];
    parts.syncs = { rules: [], systems: { [SINK]: 'the-crm', crm: 'the-crm' } };
  });
  const sink = world.configuration.current.destinations.get(SINK)!;
  const contact = sink.destinations.contact!;
  const ownIds = () => ({ crmId: (id: string) => id.startsWith('crm:7:') });
  world.configuration.current = {
    ...world.configuration.current,
    destinations: new Map([[SINK, { ...sink, destinations: { contact: { ...contact, fields: { ...contact.fields, contactId: text('Contact') }, identifiers: ['contactId', 'email'], ownIds, eraseToldWithinDays: 200 } as DestinationDefinition } }]]),
  };
});
afterAll(() => world.close());
beforeEach(() => {
  people += 1;
  [userId, crmId, email] = [`u${people}`, `crm:7:${people}`, `u${people}@example.com`];
  world.clock.now += 400 * DAY_MS;
  world.received.length = 0;
  world.script.next = () => undefined;
});

const requests = (): Promise<number> => world.store.collections.privacyRequests.countDocuments({ 'content.requestedAt': { $gt: world.clock.now - 300 * DAY_MS } });
const operations = (): string[] => world.received.map(({ operation }) => operation);
const at = (inMs = 0): string => new Date(world.clock.now + inMs).toISOString();

async function say(raw: Record<string, JsonValue>, connectionId = 'crm'): Promise<void> {
  await world.track([{ id: `m${Math.random()}`, at: at(), ...raw }], { connectionId, isVerified: true });
  await world.settle();
}
const tell = (more: Record<string, JsonValue> = {}, connectionId?: string): Promise<void> => say({ type: 'delete', crmId, reason: 'privacy-request', ...more }, connectionId);

async function seen(): Promise<void> {
  world.clock.now += 1_000;
  await world.track([event(world, `seen ${userId} ${world.clock.now}`, { userId })], { isVerified: true });
  await world.settle();
}

/** Somebody who is in the system with their consent, and takes it back. */
async function withdraw(...erase: (Error | undefined)[]): Promise<void> {
  await decide(world, 'granted', userId);
  await say({ type: 'identify', crmId, email });
  await world.track([identify(world, `know ${userId}`, userId, { email })], { isVerified: true });
  await world.settle();
  await seen();
  expect(world.received.at(-1)).toMatchObject({ operation: 'contact', payload: { contactId: crmId, email } });
  world.script.next = () => erase.shift();
  world.clock.now += 1_000;
  await decide(world, 'withdrawn', userId);
  await world.settle();
  expect(world.received.at(-1)).toMatchObject({ operation: 'erase', payload: { contactId: crmId, email } });
}

it('is no request; the event says what it is', async () => {
  await withdraw();
  await tell();
  await tell({ reason: 'deleted-in-crm' });
  expect(await requests()).toBe(0);
  const events = await world.store.collections.events.find({ 'record.type': 'delete' }).toArray();
  expect(events.map(({ record }) => record.flags)).toEqual([['echo'], ['echo']]);
});

it.each<[string, () => Promise<void>]>([
  ['told while the answer has not come yet, or never will', async () => { await withdraw(new RetryableError('reset')); await tell(); }],
  ['told of the newest id of a contact that was merged', async () => { await withdraw(); await say({ type: 'identify', crmId: `${crmId}0`, email }); await tell({ crmId: `${crmId}0` }); }],
  ['told by a connection that nobody has named the system of, with an id of the account', async () => { await withdraw(); await tell({}, 'crm-hooks'); }],
  ['told months later, where the system takes so long, by the id or by the address', async () => { await withdraw(); world.clock.now += 190 * DAY_MS; await tell(); await tell({ crmId: null, email }); }],
])('nor is one that is %s', async (_, act) => {
  await act();
  expect(await requests()).toBe(0);
});

it.each<[string, () => Promise<void>]>([
  ['of before the erase', async () => { await withdraw(); await tell({ at: at(-MINUTE_MS) }); }],
  ['where the system has refused the erase', async () => { await withdraw(new InvalidCredentials('no scope')); await tell(); }],
  ['where the system was given something of them again', async () => {
    await withdraw();
    world.clock.now += 1_000;
    await decide(world, 'granted', userId);
    await seen();
    expect(operations().at(-1)).toBe('contact');
    await tell();
  }],
  ['of another system', async () => { await withdraw(); await tell({ crmId: null, email }, 'other'); }],
  ['of another of their records, later on', async () => { await withdraw(); await say({ type: 'identify', crmId: `${crmId}1`, email }); world.clock.now += DAY_MS; await tell({ crmId: `${crmId}1`, email }); }],
  ['of long after', async () => { await withdraw(); world.clock.now += 201 * DAY_MS; await tell(); }],
  ['of somebody whom nobody was told to erase', async () => { await say({ type: 'identify', crmId, email }); await tell(); }],
])('the person’s own wish still is: %s', async (_, act) => {
  await act();
  expect(await requests()).toBe(1);
  expect(await world.store.collections.privacyRequests.findOne({ workspaceId: WORKSPACE }, { sort: { 'content.receivedAt': -1 } })).toMatchObject({ content: { kind: 'erasure', verification: 'source' } });
});
