import { createEraser, createRemovalAlerts, exportPeople, readBlock, recordConsents, REMOVAL_ALERTS, startErasure, type ConsentSubmission, type DestinationConnection, type UntoldRemovals } from '@firsthand/pipeline';
import { createErasureStore, createRemovalStore } from '@firsthand/persistence';
import { RetryableError, type DestinationDefinition } from '@firsthand/plugin-sdk';
import type { AdminContext } from '../../apps/host/src/admin/admin-context.js';
import { getErasure, getListed, listErasures } from '../../apps/host/src/admin/erasures/erasures.js';
import type { Caller } from '../../apps/host/src/admin/http/caller.js';
import { findPerson } from '../../apps/host/src/admin/profiles/find-person.js';
import { confirmRecipient, confirmRemoval } from '../../apps/host/src/admin/removals/confirm-by-hand.js';
import { readRemovals } from '../../apps/host/src/admin/removals/read-removals.js';
import { event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

/** What happens at recipients when somebody takes a consent back. */
const HOUR_MS = 3_600_000;
const PARTNER = 'partner';

let world: World;
afterEach(() => world.close());

type Decision = ConsentSubmission['decisions'][number];

async function decide(decisions: Decision[], userId = 'u1'): Promise<void> {
  const { store, configuration, clock } = world;
  world.clock.now += 10;
  await recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value: userId }, decisions, agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
  }, { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => crypto.randomUUID() });
}
const marketing = (decision: Decision['decision'], ...recipients: string[]): Decision => ({ purpose: 'marketing', decision, ...(recipients.length === 0 ? {} : { recipients }) });

/** A world with a second destination, a third party, that gets every event too. Further changes to the destinations last until the world is rebuilt. */
async function start(adjust: (parts: WorldParts) => void = () => undefined): Promise<void> {
  world = await createWorld((parts) => {
    parts.flows = [{ ...parts.flows[0]!, steps: [SINK, PARTNER].map((connectionId) => ({ id: `to-${connectionId}`, type: 'deliver', connectionId, action: 'send-event' })) }];
    adjust(parts);
  });
  change(PARTNER, { ...connectionOf(SINK), connectionId: PARTNER, name: 'Partner', recipient: 'third-party' });
}
const connectionOf = (id: string): DestinationConnection => world.configuration.current.destinations.get(id)!;
function change(id: string, given: Partial<DestinationConnection>): void {
  const { current } = world.configuration;
  world.configuration.current = { ...current, destinations: new Map([...current.destinations, [id, { ...connectionOf(id), ...given }]]) };
}
function changeAction(id: string, given: Partial<DestinationDefinition>): void {
  const { destinations } = connectionOf(id);
  change(id, { destinations: { ...destinations, 'send-event': { ...destinations['send-event'], ...given } as DestinationDefinition } });
}

/** Says who somebody is, and lets everything go out that may. */
async function know(userId = 'u1'): Promise<void> {
  world.clock.now += 10;
  await world.track([identify(world, `know ${userId} ${world.clock.now}`, userId, { email: `${userId}@example.com` }), event(world, `seen ${userId} ${world.clock.now}`, { userId })], { isVerified: true });
  await world.settle();
}
/** How each recipient of a person stands. */
async function standings(userId = 'u1') {
  const { configuration, clock, store: { collections } } = world;
  const admin = { collections, clock: () => clock.now, configuration: { workspace: () => configuration.current } } as unknown as AdminContext;
  const owner = await collections.identities.findOne({ _id: `${WORKSPACE}|userId|${userId}` });
  return readRemovals(admin, WORKSPACE, (await findPerson(admin, WORKSPACE, owner!.profileId))!);
}
const statuses = async (userId = 'u1') => Object.fromEntries((await standings(userId)).map(({ connectionId, status }) => [connectionId, status]));
const operations = (): string[] => world.received.map(({ operation }) => operation);
async function pass(hours: number): Promise<void> {
  for (let hour = 0; hour < hours; hour += 1) {
    world.clock.now += HOUR_MS;
    await world.settle();
  }
}

it('is for those whom it concerns: third parties alone, or everybody; and a yes to it again leaves with the recipient what waits to be taken back', async () => {
  await start();
  await decide([marketing('granted', 'own', 'processor', 'third-party')]);
  await know();
  expect(operations()).toEqual(['send', 'send']);
  await decide([marketing('withdrawn', 'third-party')]);
  expect(await statuses()).toEqual({ [PARTNER]: 'queued' });
  await world.settle();
  expect(await statuses()).toEqual({ [PARTNER]: 'confirmed' });
  expect((await standings())[0]).toMatchObject({ recipient: { name: 'Partner', kind: 'third-party' }, operation: 'removeMembers', isLate: false, attempts: 0, confirmedAt: new Date(world.clock.now).toISOString() });

  world.received.length = 0;
  world.script.next = () => new RetryableError('down');
  await decide([marketing('withdrawn')]);
  await world.settle();
  // It has been told, does not answer, and would be told again after a while.
  expect(await statuses()).toMatchObject({ [SINK]: 'queued' });
  world.clock.now += 5 * HOUR_MS;
  await world.settle();
  world.script.next = () => undefined;
  world.received.length = 0;
  await decide([marketing('granted', 'own', 'processor')]);
  await world.settle();
  // The partner's: nobody has agreed to that again.
  expect(operations()).toEqual(['removeMembers']);
  expect(await statuses()).toEqual({ [SINK]: 'not-needed', [PARTNER]: 'confirmed' });
  expect(await ledgerTotals(world)).toMatchObject({ 'cancelled.no-longer-refused': 1 });
  await know();
  expect(operations()).toEqual(['removeMembers', 'send']);
});

it('goes ahead of what waits at a lane, and out of a connection that is paused', async () => {
  await start((parts) => { parts.destination = { concurrency: 1 }; });
  const others = Array.from({ length: 20 }, (_, index) => `o${index}`);
  for (const userId of ['u1', ...others]) await decide([marketing('granted', 'own', 'processor')], userId);
  await know();
  change(SINK, { status: 'paused' });
  world.clock.now += 1_000;
  await world.track(others.map((userId) => event(world, `m ${userId}`, { userId })), { isVerified: true });
  await world.settle();
  expect(operations()).toEqual(['send']);
  await decide([marketing('withdrawn')]);
  await world.settle();
  expect(operations()).toEqual(['send', 'removeMembers']);
  expect(await statuses()).toMatchObject({ [SINK]: 'confirmed' });

  await decide([marketing('granted', 'own', 'processor')]);
  change(SINK, { status: 'enabled' });
  await world.apply.drain();
  await decide([marketing('withdrawn')]);
  await world.settle();
  // Behind twenty events that were there first.
  expect(operations().slice(2)).toEqual(['removeMembers', ...others.map(() => 'send')]);
});

it('is never dropped in silence: what a recipient cannot do, or may not do, and what no connection is left for, is told', async () => {
  await start();
  const erased: string[] = [];
  changeAction(SINK, { removeMembers: undefined, erase: (({ items }: { items: unknown[] }) => { erased.push(JSON.stringify(items)); return Promise.resolve(items.map(() => ({ ok: true }))); }) as never });
  changeAction(PARTNER, { removeMembers: undefined, erase: undefined });
  for (const userId of ['u1', 'u2']) await decide([marketing('granted', 'own', 'processor', 'third-party')], userId);
  await know();
  await know('u2');
  // Who has a contract is known to the recipient for that, too.
  await world.store.collections.disclosures.updateMany({ connectionId: SINK, 'identifiers.email': 'u2@example.com' }, { $addToSet: { purposes: 'service' } });
  for (const userId of ['u1', 'u2']) await decide([marketing('withdrawn')], userId);
  await world.settle();
  expect(await statuses()).toEqual({ [SINK]: 'confirmed', [PARTNER]: 'cannot-remove' });
  expect(await statuses('u2')).toEqual({ [SINK]: 'cannot-remove', [PARTNER]: 'cannot-remove' });
  expect(erased.map((items) => items.includes('u1@example.com'))).toEqual([true]);
  expect((await standings('u2')).map(({ operation, reason }) => [operation, reason])).toEqual(expect.arrayContaining([['removeMembers', 'destination-cannot-remove:needed-for-another-purpose'], ['removeMembers', 'destination-cannot-remove']]));
  expect(await ledgerTotals(world)).toMatchObject({ 'dead.destination-cannot-remove': 2, 'dead.destination-cannot-remove:needed-for-another-purpose': 1 });

  // A connection whose secrets are lost is left out of the configuration: what it has to be told waits for it.
  changeAction(PARTNER, { removeMembers: ({ items }) => Promise.resolve(items.map(() => ({ ok: true as const }))) });
  const partner = connectionOf(PARTNER);
  await decide([marketing('granted', 'third-party')]);
  await know();
  world.configuration.current = { ...world.configuration.current, destinations: new Map([[SINK, connectionOf(SINK)]]) };
  await decide([marketing('withdrawn', 'third-party')]);
  await pass(100);
  expect((await standings()).find(({ connectionId }) => connectionId === PARTNER)).toMatchObject({ status: 'queued', connectionStatus: null, isLate: true, recipient: { name: 'Partner', kind: 'third-party' } });
  world.configuration.current = { ...world.configuration.current, destinations: new Map([[SINK, connectionOf(SINK)], [PARTNER, partner]]) };
  await world.settle();
  expect(await statuses()).toMatchObject({ [PARTNER]: 'confirmed' });
});

it('raises an alert once after a day of a recipient that is down, once more when its tries end, and none before', async () => {
  await start();
  await decide([marketing('granted', 'own', 'processor')]);
  await know();
  world.script.next = () => new RetryableError('down');
  await decide([marketing('withdrawn')]);
  const told: UntoldRemovals[][] = [];
  let canTell = true;
  const { store, clock } = world;
  const alerts = ['one', 'other'].map((holder) => createRemovalAlerts({
    store: store.store, removals: createRemovalStore(store.collections), clock: () => clock.now, log: { warn: () => undefined }, holder,
    tell: (_, untold) => { if (!canTell) return Promise.reject(new TypeError('no mail')); told.push([...untold]); return Promise.resolve(); },
  }));
  const each = async (hours: number): Promise<void> => {
    for (let hour = 0; hour < hours; hour += 2) {
      await pass(2);
      for (const alert of alerts) await alert.tick([WORKSPACE]).catch(() => undefined);
    }
  };
  await each(22);
  expect(told).toEqual([]);
  canTell = false;
  await each(2);
  canTell = true;
  await each(6);
  expect(told).toMatchObject([[{ connectionId: SINK, as: 'late', deliveryIds: [expect.any(String)] }]]);
  await each(50);
  expect(told.slice(1)).toMatchObject([[{ connectionId: SINK, as: 'ended', deliveryIds: [expect.any(String)] }]]);
  expect((await standings())[0]).toMatchObject({ status: 'failed', isLate: true, reason: 'retries-exhausted:destination-failed' });
  expect(await store.collections.lanes.findOne({ _id: `${WORKSPACE}|${REMOVAL_ALERTS}` })).toMatchObject({ holder: null });
});

describe('a list that left as a file', () => {
  const OFFICER = { workspaceId: WORKSPACE, principal: { id: 'officer-1' } } as Caller;
  const NOTE = { note: 'Their support has confirmed it, ticket 4711.' };
  const admin = (): AdminContext => {
    const { configuration, clock, store: { collections, connection } } = world;
    return { collections, connection, clock: () => clock.now, configuration: { workspace: () => configuration.current } } as unknown as AdminContext;
  };
  const owned = async (userId: string) => (await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|${userId}` }))?.profileId ?? '';
  const told: UntoldRemovals[] = [];
  const counted: string[] = [];
  async function alert(): Promise<unknown[]> {
    const { store, clock } = world;
    told.length = counted.length = 0;
    await createRemovalAlerts({
      store: store.store, removals: createRemovalStore(store.collections), clock: () => clock.now, log: { warn: () => undefined }, holder: 'one', tell: (_, untold) => Promise.resolve(void told.push(...untold)),
      observe: (_, counts) => void counted.push(...counts.map(({ connectionId, as, count }) => `${connectionId} ${as} ${count}`)),
    }).tick([WORKSPACE]);
    return told.map(({ connectionId, as, deliveryIds, erasureIds }) => [connectionId, as, deliveryIds.length, erasureIds.length]);
  }
  /** Somebody who consents, and is in a list that a recipient got. */
  async function leave(userId: string): Promise<string> {
    await decide([marketing('granted', 'own', 'processor')], userId);
    await know(userId);
    const profileId = await owned(userId);
    const { store, configuration, clock } = world;
    await exportPeople({ workspaceId: WORKSPACE, purpose: 'marketing', connectionId: SINK, fields: ['profile.email'] }, [profileId], { store: store.store, configuration: { workspace: () => configuration.current }, clock: () => clock.now });
    return profileId;
  }
  const ofList = async (userId?: string) => (await standings(userId)).find(({ action }) => action === 'list-export');

  it('is asked for by somebody after a withdrawal, who is told at once and after a day, until they have confirmed it', async () => {
    await start();
    await leave('u1');
    await decide([marketing('withdrawn')]);
    await world.settle();
    expect(await ofList()).toMatchObject({ status: 'manual', reason: 'told-by-hand', recipient: { name: 'Sink', kind: 'processor' }, byHand: null });
    expect([await alert(), counted, await alert()]).toEqual([[[SINK, 'manual', 1, 0]], [`${SINK} manual 1`], []]);
    await pass(24);
    expect([await alert(), counted, await alert()]).toEqual([[[SINK, 'late', 1, 0]], [`${SINK} late 1`], []]);
    const id = (await ofList())?.deliveryId ?? '';
    for (const note of ['Told them about ana@example.com.', 'Asked for +86 138 0013-8000 by phone.']) await expect(confirmRemoval(admin(), OFFICER, id, { note })).rejects.toMatchObject({ code: 'INVALID_REQUEST', places: [{ path: '/note' }] });
    await expect(confirmRemoval(admin(), { ...OFFICER, workspaceId: 'other' }, id, NOTE)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const byHand = { by: 'officer-1', at: new Date(world.clock.now).toISOString(), ...NOTE };
    expect(await confirmRemoval(admin(), OFFICER, id, NOTE)).toMatchObject({ status: 'confirmed', isLate: false, confirmedAt: byHand.at, byHand });
    expect(await ofList()).toMatchObject({ status: 'confirmed', byHand });
    await expect(confirmRemoval(admin(), OFFICER, id, NOTE)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect([await alert(), counted]).toEqual([[], []]);
    expect(await ledgerTotals(world)).toMatchObject({ 'dead.told-by-hand': 0, 'cancelled.confirmed-by-hand': 1 });
  });

  it('needs nobody once the person agrees again', async () => {
    await start();
    await leave('u1');
    await decide([marketing('withdrawn')]);
    await decide([marketing('granted', 'own', 'processor')]);
    await world.settle();
    expect(await ofList()).toMatchObject({ status: 'not-needed', reason: 'no-longer-refused' });
    expect(await alert()).toEqual([]);
  });

  it('is asked for by somebody after an erasure, by what the list calls the person, until they have confirmed it', async () => {
    await start();
    const profileId = await leave('u1');
    const { store, configuration, clock } = world;
    const options = { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => 'erasure-1', tombstones: TOMBSTONES };
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u1' }], profileId: null }, options);
    const eraser = createEraser({ erasures: createErasureStore(store.connection), clock: () => clock.now, holder: 'eraser' });
    for (let turn = 0; turn < 10; turn += 1) {
      await eraser.tick();
      await world.settle();
      clock.now += 60_000;
    }
    const erasure = () => getErasure(admin(), OFFICER, 'erasure-1');
    const recipient = async () => (await erasure()).recipients.find(({ action }) => action === 'list-export');
    expect([(await erasure()).finishedAt, await recipient()]).toMatchObject([expect.any(String), { connectionId: SINK, status: 'manual', byHand: null }]);
    expect(JSON.stringify(await erasure())).not.toContain(profileId);
    expect(await getListed(admin(), OFFICER, 'erasure-1')).toEqual({ id: 'erasure-1', recipients: [{ connectionId: SINK, action: 'list-export', name: 'Sink', profileIds: [profileId] }] });
    const open = async () => (await listErasures(admin(), OFFICER, { limit: 10, manual: 'true' })).items.map(({ id }) => id);
    expect([await open(), await alert(), counted, await alert()]).toEqual([['erasure-1'], [[SINK, 'manual', 0, 1]], [`${SINK} manual 1`], []]);
    clock.now += 24 * HOUR_MS;
    expect([await alert(), await alert()]).toEqual([[[SINK, 'late', 0, 1]], []]);
    const place = { connectionId: SINK, action: 'list-export' };
    await expect(confirmRecipient(admin(), OFFICER, 'erasure-1', { ...place, action: 'send-event', ...NOTE })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await confirmRecipient(admin(), OFFICER, 'erasure-1', { ...place, ...NOTE });
    expect(await recipient()).toMatchObject({ status: 'confirmed', byHand: { by: 'officer-1', ...NOTE } });
    expect([await open(), await alert(), counted, (await getListed(admin(), OFFICER, 'erasure-1')).recipients]).toEqual([[], [], [], []]);
    // The last that could lead to the person in the list is gone.
    expect(JSON.stringify(await store.collections.erasures.find().toArray())).not.toContain(profileId);
    await expect(confirmRecipient(admin(), OFFICER, 'erasure-1', { ...place, ...NOTE })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('blocks what was cleared and waits for a slot: a decision of more than a second ago is made anew', async () => {
  await start((parts) => { parts.destination = { concurrency: 1 }; });
  const sent: string[] = [];
  changeAction(SINK, {
    async send({ payload }) {
      sent.push((payload as { event: { messageId: string } }).event.messageId);
      // The first one is slow; the other person, whose delivery was cleared together with it, withdraws meanwhile.
      if (sent.length > 1) return;
      await decide([marketing('withdrawn')], sent[0] === 'm u1' ? 'u2' : 'u1');
      world.clock.now += 1_001;
    },
  } as Partial<DestinationDefinition>);
  for (const userId of ['u1', 'u2']) await decide([marketing('granted', 'own', 'processor')], userId);
  await world.track(['u1', 'u2'].map((userId) => event(world, `m ${userId}`, { userId })), { isVerified: true });
  await world.settle();
  expect(sent).toHaveLength(1);
  const rows = await world.store.collections.deliveries.find({ connectionId: SINK, class: 'data' }).toArray();
  expect(rows.map(({ state, reason }) => reason ?? state).sort()).toEqual(['consent-withdrawn', 'delivered']);
  // Both had been cleared: the row was not merely late.
  const blocks = await world.store.collections.evidence.find({ connectionId: SINK }).toArray();
  expect(blocks.flatMap((block) => readBlock(block).evidence).filter(({ isAllowed }) => isAllowed)).toHaveLength(2);
});

it('is recorded together with what it queues, or not at all', async () => {
  await start();
  await decide([marketing('granted', 'own', 'processor')]);
  await know();
  const { store, collections } = world.store;
  const { transaction } = store;
  store.transaction = (work) => transaction.call(store, (tx) => work({ ...tx, insertDeliveries: () => Promise.reject(new TypeError('The process dies here.')) })) as never;
  await expect(decide([marketing('withdrawn')])).rejects.toThrow(TypeError);
  store.transaction = transaction;
  expect([await collections.consents.countDocuments({ decision: 'withdrawn' }), await collections.deliveries.countDocuments({ class: 'suppression' })]).toEqual([0, 0]);
  await decide([marketing('withdrawn')]);
  expect([await collections.consents.countDocuments({ decision: 'withdrawn' }), await collections.deliveries.countDocuments({ class: 'suppression' })]).toEqual([1, 1]);
});

it('takes back what somebody got who turns out to be the person, on an interest of the brand that only the other had objected to', async () => {
  await start((parts) => { parts.purposes = parts.purposes.map((purpose) => (purpose.key === 'marketing' ? { ...purpose, lawfulBasis: 'legitimate' } : purpose)); });
  await decide([marketing('objected')], 'u2');
  world.clock.now += 10;
  await world.track([identify(world, 'i1', 'u1', { email: 'u1@example.com' }, { anonymousId: 'd1' }), event(world, 'm1', { anonymousId: 'd1' })], { isVerified: true });
  await world.settle();
  expect(operations()).toEqual(['send']);
  await world.track([{ type: 'alias', messageId: 'a1', userId: 'u2', previousId: 'u1', timestamp: new Date(world.clock.now).toISOString() }], { isVerified: true });
  await world.settle();
  expect(operations()).toEqual(['send', 'removeMembers']);
  expect(world.received[1]?.payload).toEqual({ email: 'u1@example.com' });
});
