import { BUILT_IN_PERMISSIONS, createAbility } from '@firsthand/access';
import { createFreshnessStore } from '@firsthand/persistence';
import type { FreshnessQuery } from '@firsthand/pipeline';
import { defineDestination, InvalidPayload, object, RateLimited, RetryableError, text, type DestinationDefinition, type HttpClient } from '@firsthand/plugin-sdk';
import type { AdminContext } from '../../apps/host/src/admin/admin-context.js';
import { explainDelivery } from '../../apps/host/src/admin/deliveries/explain-delivery.js';
import { replayDeliveries } from '../../apps/host/src/admin/deliveries/replay-deliveries.js';
import type { Caller } from '../../apps/host/src/admin/http/caller.js';
import { listDisclosures } from '../../apps/host/src/admin/profiles/disclosures.js';
import { correctPerson, createDeliver, setRestriction, startErasure } from '@firsthand/pipeline';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SERVICE, SINK, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';
import { until } from '../support/until.js';
import { untilStill } from '../support/until-still.js';

const HOUR_MS = 3_600_000;
const QUIET = { info: () => undefined, warn: () => undefined };

let world: World;
afterEach(() => world.close());

async function start(adjust?: (parts: WorldParts) => void): Promise<void> {
  world = await createWorld(adjust);
}

const sentIds = (): string[] => world.received.map(({ payload }) => (payload.event as { messageId: string }).messageId);

describe('an explanation', () => {
  /** In a state, and what it tells of it to somebody who may see people or not. */
  async function explain(state: string, isShown: boolean) {
    const { clock, configuration, store: { collections } } = world;
    const row = await collections.deliveries.findOne({ state: state as 'dead' });
    const admin = { collections, clock: () => clock.now, configuration: { workspace: () => configuration.current } } as unknown as AdminContext;
    const caller = { workspaceId: WORKSPACE, ability: createAbility(BUILT_IN_PERMISSIONS[isShown ? 'owner' : 'marketer']) } as unknown as Caller;
    return explainDelivery(admin, caller, row!._id.slice(WORKSPACE.length + 1));
  }

  it('tells of a delivery from its event to its evidence, in every state', async () => {
    await start();
    await decide(world, 'granted');
    await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com' }), event(world, 'm1')], { isVerified: true });
    await world.settle();
    const delivered = await explain('delivered', true);
    expect(delivered).toMatchObject({
      words: 'It was delivered.', event: { connectionId: 'web', name: 'Product Viewed', messageId: 'm1', raw: { messageId: 'm1' } }, quality: { verdict: 'accepted', flags: [] },
      mapping: { version: 1, isCurrent: true, fields: expect.arrayContaining([{ target: 'identities.userId', reads: expect.arrayContaining(['userId']), value: 'u1' }]) },
      identity: { foundBy: [{ namespace: 'userId', value: 'u1', isVerified: true }] }, segment: null, flow: { id: 'forward', version: 1, name: 'Forward', stepId: 'send', trigger: { type: 'event' } },
      consents: [{ isAllowed: true, reason: 'consent-granted', decision: 'granted', method: 'toggle', agreementId: 'terms', agreementVersion: 1, recordHash: expect.any(String) }], consentNow: { isAllowed: true },
    });
    expect(delivered.delivery.evidence[0]).toMatchObject({ blockSeq: expect.any(Number), blockHash: expect.any(String) });
    const masked = await explain('delivered', false);
    expect([masked.event?.raw, masked.identity?.foundBy[0]?.value, masked.mapping?.fields.find(({ target }) => target === 'identities.userId')?.value]).toEqual([null, '***', '***']);
    expect(JSON.stringify(masked)).not.toContain('ana@example.com');

    await decide(world, 'withdrawn');
    await world.track([event(world, 'm2')], { isVerified: true });
    await world.settle();
    expect(await explain('blocked', true)).toMatchObject({
      words: 'It was not sent: consent did not allow it. The person has withdrawn their consent.', consents: [{ isAllowed: false, decision: 'withdrawn', words: 'The person has withdrawn their consent.' }], consentNow: { isAllowed: false, reason: 'consent-withdrawn' },
    });

    world.clock.now += 1_000;
    await decide(world, 'granted');
    world.script.next = () => new InvalidPayload('no');
    await world.track([event(world, 'm3')], { isVerified: true });
    await world.settle();
    expect(await explain('dead', true)).toMatchObject({ words: 'It could not be delivered, and is not tried any more. The destination refused what was sent as wrong.', delivery: { outcomes: [{ outcome: 'dead' }] } });

    world.script.next = () => new RetryableError('busy');
    await world.track([event(world, 'm4')], { isVerified: true });
    await world.settle();
    expect(await explain('pending', true)).toMatchObject({ words: 'It has not been sent, or its answer is not written down yet. The destination failed or did not answer.' });
    await world.store.collections.events.deleteOne({ 'record.messageId': 'm4' });
    world.clock.now += 3_600_000;
    await world.settle();
    expect(await explain('cancelled', true)).toMatchObject({ words: expect.stringContaining('The event that caused it is not here any more.'), event: null, mapping: null, quality: null, consents: [{ attempt: 0 }] });
  });
});

describe('delivery', () => {
  it('retries with the same key, keeps a person in order behind the head of line, and others pass', async () => {
    await start();
    await decide(world, 'granted');
    await decide(world, 'granted', 'u2');
    let failures = 2;
    world.script.next = (item) => (JSON.stringify(item.payload).includes('"m1"') && failures-- > 0 ? new RetryableError('busy') : undefined);
    await world.track([event(world, 'm1'), event(world, 'm2'), event(world, 'm3', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    expect(sentIds().sort()).toEqual(['m1', 'm3']);
    for (let round = 0; round < 3; round += 1) {
      world.clock.now += 10_000;
      await world.settle();
    }
    expect(sentIds().filter((id) => id !== 'm3')).toEqual(['m1', 'm1', 'm1', 'm2']);
    const keys = world.received.filter(({ payload }) => (payload.event as { messageId: string }).messageId === 'm1').map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys).size).toBe(1);
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 3, delivered: 3 });
  });

  it('waits as long as the destination asks, and gives up after 72 hours', async () => {
    await start();
    await decide(world, 'granted');
    world.script.next = () => new RateLimited(6 * HOUR_MS);
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    world.clock.now += 6 * HOUR_MS - 1_000;
    await world.settle();
    expect(world.received).toHaveLength(1);
    for (let hour = 0; hour < 78; hour += 6) {
      world.clock.now += 6 * HOUR_MS + 1;
      await world.settle();
    }
    expect(world.received).toHaveLength(12);
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 1, 'dead.retries-exhausted:rate-limited': 1 });
  });

  it.each([0, -1])('is not tried again and again by a destination that asks to wait %p ms', async (asked) => {
    await start();
    await decide(world, 'granted');
    world.script.next = () => (world.received.length < 50 ? new RateLimited(asked) : undefined);
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    // One draw of the back-off in a thousand is 0.
    expect(world.received.length).toBeLessThan(5);
    expect((await world.store.collections.deliveries.findOne({}))?.dueAt).toBeGreaterThan(world.clock.now);
  });

  it('is retried for 72 hours again from its replay on', async () => {
    await start();
    await decide(world, 'granted');
    world.script.next = () => new InvalidPayload('no');
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    world.clock.now += 100 * HOUR_MS;
    const { clock, store: { collections, connection } } = world;
    const admin = { collections, connection, clock: () => clock.now, doorbell: { ringLane: () => undefined }, isDryRun: false } as unknown as AdminContext;
    const caller = { workspaceId: WORKSPACE, ability: createAbility(BUILT_IN_PERMISSIONS.owner) } as unknown as Caller;
    expect(await replayDeliveries(admin, caller, { filter: { connectionId: SINK, state: 'dead' } })).toMatchObject({ replayed: 1, hasMore: false });
    world.script.next = () => new RateLimited(6 * HOUR_MS);
    await world.settle();
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 1, 'dead.invalid-payload': 0 });
    for (let hour = 0; hour < 66; hour += 6) {
      world.clock.now += 6 * HOUR_MS;
      await world.settle();
    }
    expect(await collections.deliveries.findOne({})).toMatchObject({ state: 'pending' });
    world.clock.now += 6 * HOUR_MS;
    await world.settle();
    expect(await collections.deliveries.findOne({})).toMatchObject({ state: 'dead', reason: 'retries-exhausted:rate-limited' });
    expect(world.received).toHaveLength(1 + 13);
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 1, 'dead.retries-exhausted:rate-limited': 1 });
  });

  it('stops at a payload that the destination refuses', async () => {
    await start();
    await decide(world, 'granted');
    world.script.next = () => new InvalidPayload('no');
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    expect(await ledgerTotals(world)).toMatchObject({ 'dead.invalid-payload': 1 });
  });

  it('is decided at the send: a withdrawal blocks what is queued and takes back what was given', async () => {
    await start();
    await decide(world, 'granted');
    await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com' }), event(world, 'm1')], { isVerified: true });
    await world.settle();
    world.script.next = () => new RetryableError('down');
    await world.track([event(world, 'm2')], { isVerified: true });
    await world.settle();
    world.script.next = () => undefined;
    await decide(world, 'withdrawn');
    world.clock.now += 10_000;
    await world.settle();
    expect(world.received.map(({ operation }) => operation)).toEqual(['send', 'send', 'removeMembers']);
    expect(world.received[2]?.payload).toEqual({ email: 'ana@example.com' });
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 3, delivered: 2, 'blocked.consent-withdrawn': 1 });
  });

  describe('of several requests in one call', () => {
    /** The paths that were asked for. The first is answered after so long. */
    let asked: string[];
    let http: HttpClient;
    const twice = defineDestination({}, {
      label: 'Twice', description: 'Looks for somebody, then writes.', accepts: 'event', suggests: { purpose: 'marketing', recipient: 'processor' }, idempotency: 'natural', identifiers: ['email'], fields: { event: object('Event'), profile: object('Profile'), email: text('Email') },
      async send({ http }) {
        for (const path of ['/find', '/write']) await http.request({ method: 'POST', url: `https://vendor.example.com${path}` });
      },
    }) as unknown as DestinationDefinition;

    const actOptions = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES });

    async function sendTwice(answersAfterMs: number, meanwhile: () => Promise<unknown> = () => Promise.resolve(), destination = twice): Promise<void> {
      asked = [];
      http = {
        async request({ url }, { startWithinMs = Infinity } = {}) {
          if (startWithinMs < 0) throw new RetryableError('No socket in time.');
          asked.push(new URL(url).pathname);
          if (asked.length === 1) {
            world.clock.now += answersAfterMs;
            await meanwhile();
          }
          return { status: 200, headers: {}, text: '{}', json: () => ({}) };
        },
      };
      world = await createWorld((parts) => { parts.destination = { destinations: { 'send-event': destination } }; }, { http });
      await decide(world, 'granted');
      await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com' }), event(world, 'm1')], { isVerified: true });
      await world.settle();
    }

    it('is asked for again where a later one is due more than a second after the decision, and goes on where it is the same', async () => {
      await sendTwice(5_000);
      expect(asked).toEqual(['/find', '/write']);
      expect(await ledgerTotals(world)).toMatchObject({ delivered: 1 });
    });

    it('ends where consent is taken back meanwhile: nothing more is sent, and the next try is blocked', async () => {
      await sendTwice(5_000, () => decide(world, 'withdrawn'));
      expect(asked).toEqual(['/find']);
      expect(await world.store.collections.deliveries.findOne({ class: 'data' })).toMatchObject({ state: 'pending', reason: 'decision-outdated', attempt: 1 });
      world.clock.now += HOUR_MS;
      await world.settle();
      expect(asked).toEqual(['/find']);
      expect(await ledgerTotals(world)).toMatchObject({ 'blocked.consent-withdrawn': 1 });
    });

    it('goes on where it takes something back, out of a connection that is paused too', async () => {
      await sendTwice(5_000, undefined, { ...twice, async removeMembers({ items, http }) {
        for (const path of ['/look', '/remove']) await http.request({ method: 'POST', url: `https://vendor.example.com${path}` });
        return items.map(() => ({ ok: true as const }));
      } });
      asked = [];
      world.configuration.current = { ...world.configuration.current, destinations: new Map([...world.configuration.current.destinations].map(([id, one]) => [id, { ...one, status: 'paused' as const }])) };
      await decide(world, 'withdrawn');
      await world.settle();
      expect(asked).toEqual(['/look', '/remove']);
      expect(await world.store.collections.deliveries.findOne({ class: 'suppression' })).toMatchObject({ state: 'delivered' });
    });

    it('ends where it cannot be asked for, or the connection is paused', async () => {
      await sendTwice(5_000, () => {
        world.configuration.current = { ...world.configuration.current, destinations: new Map([...world.configuration.current.destinations].map(([id, one]) => [id, { ...one, status: 'paused' as const }])) };
        return Promise.resolve();
      });
      expect(asked).toEqual(['/find']);
      await world.close();
      await sendTwice(5_000, () => {
        const { store } = world.store;
        const { snapshot } = store;
        store.snapshot = () => {
          store.snapshot = snapshot;
          return Promise.reject(new Error('The store is away.'));
        };
        return Promise.resolve();
      });
      expect(asked).toEqual(['/find']);
      expect(await world.store.collections.deliveries.findOne({ class: 'data' })).toMatchObject({ state: 'pending', reason: 'decision-unavailable', attempt: 1 });
      world.clock.now += HOUR_MS;
      await world.settle();
      expect(asked).toEqual(['/find', '/find', '/write']);
    });

    it('ends where the process stood still meanwhile and another has taken over: nothing is sent of what that one has done', async () => {
      await sendTwice(10_500, async () => {
        const { configuration, clock, store: { store } } = world;
        const other = createDeliver({ store, configuration: { workspace: () => configuration.current }, clock: () => clock.now, http, pluginLog: () => QUIET, log: QUIET, holder: 'other' });
        await other.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
      });
      expect(asked).toEqual(['/find', '/find', '/write']);
      expect(await ledgerTotals(world)).toMatchObject({ deliveries: 1, delivered: 1 });
    });

    it.each<[string, (options: ReturnType<typeof actOptions>) => Promise<unknown>]>([
      ['restricts the use of their data', (options) => setRestriction({ workspaceId: WORKSPACE, identity: { namespace: 'userId', value: 'u1' }, method: 'toggle', actor: { kind: 'admin', id: 'u' } }, true, options)],
      ['is erased', (options) => startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: 'u1' }], profileId: null }, options)],
      ['turns out not to have the address', async (options) => {
        const { profileId } = await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|u1` }) as { profileId: string };
        await correctPerson({ workspaceId: WORKSPACE, profileId, correctionId: 'c', fields: {}, identities: [{ namespace: 'email', from: 'ana@example.com', to: null }], reason: 'inaccurate', by: 'user', actorId: 'u' }, options);
      }],
    ])('ends where the person meanwhile %s', async (_, act) => {
      await sendTwice(5_000, () => act(actOptions()));
      expect(asked).toEqual(['/find']);
    });
  });

  it('that is decided while a withdrawal is recorded is taken back', async () => {
    await start();
    await decide(world, 'granted');
    await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com' }), event(world, 'm1')], { isVerified: true });
    await world.apply.drain();
    const { store } = world.store;
    const { transaction } = store;
    let hasWithdrawn = false;
    // The lane has decided on the consent of before and not committed; the withdrawal cannot see what it writes.
    store.transaction = (work) => transaction.call(store, async (tx) => {
      let hasDecided = false;
      const result = await work({ ...tx, insertEvidence: (block) => { hasDecided = true; return tx.insertEvidence(block); } });
      if (hasDecided && !hasWithdrawn) {
        hasWithdrawn = true;
        await decide(world, 'withdrawn');
      }
      return result;
    }) as never;
    await world.settle();
    await world.settle();
    expect(world.received.map(({ operation, payload }) => [operation, payload.email])).toEqual([['send', 'ana@example.com'], ['removeMembers', 'ana@example.com']]);
  });

  it('that waits for its next try holds up no removal after a refusal that an event brings, also where the stages hand over in memory', async () => {
    world = await createWorld(undefined, { isJoined: true });
    await decide(world, 'granted');
    await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com' }), event(world, 'm1')], { isVerified: true });
    await untilStill(world);
    world.script.next = () => new RateLimited(20 * HOUR_MS);
    await world.track([event(world, 'm2')], { isVerified: true });
    await untilStill(world);
    world.script.next = () => undefined;
    world.clock.now += 1_000;
    await world.track([event(world, 'm3', { context: { consent: { categoryPreferences: { marketing: false } } } })], { isVerified: true });
    await until(async () => { await world.settle(); return world.received.length; }, (count) => count === 3);
    expect(world.received.map(({ operation }) => operation)).toEqual(['send', 'send', 'removeMembers']);
  });

  it('leaves out what the purpose does not cover', async () => {
    await start((parts) => { parts.purposes = [{ ...MARKETING, fields: ['profile.email', 'event.name'] }, SERVICE]; });
    await decide(world, 'granted');
    await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com', firstName: 'Ana' }), event(world, 'm1')], { isVerified: true });
    await world.settle();
    expect(world.received[0]?.payload).toEqual({ email: 'ana@example.com', profile: { email: 'ana@example.com' }, event: { name: 'Product Viewed' } });
  });

  it('can say when the consent was given that permits it, whatever of the person the purpose covers', async () => {
    await start((parts) => {
      parts.purposes = [{ ...MARKETING, fields: ['event.name'] }, SERVICE];
      parts.flows = parts.flows.map((flow) => ({ ...flow, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event', mapping: { event: '{{event}}', email: '{{consent.decidedAt}}' } }] }));
    });
    await decide(world, 'granted');
    const decidedAt = new Date(world.clock.now).toISOString();
    world.clock.now += HOUR_MS;
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    expect(world.received[0]?.payload).toEqual({ event: { name: 'Product Viewed' }, email: decidedAt });
  });

  it('to a third party needs its own consent', async () => {
    await start((parts) => { parts.destination = { recipient: 'third-party' }; });
    await decide(world, 'granted');
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    expect(await ledgerTotals(world)).toMatchObject({ 'blocked.no-consent': 1 });
  });
});

describe('what a recipient got of a person', () => {
  /** As an admin is told, by whatever id the person has had. */
  function tell(profileId: string) {
    const { configuration, clock, store: { collections } } = world;
    return listDisclosures({ collections, clock: () => clock.now, configuration: { workspace: () => configuration.current } } as unknown as AdminContext, { workspaceId: WORKSPACE } as Caller, profileId);
  }
  const at = (afterMs: number) => new Date(Date.parse('2026-03-01T12:00:00Z') + afterMs).toISOString();

  it('is told by ground, field and time, over everybody merged into them, and also what was noted before there were grounds', async () => {
    await start((parts) => {
      parts.destination = { name: 'CRM', country: 'DE' };
      parts.purposes = [{ ...MARKETING, fields: ['profile.email', 'profile.city', 'event.*'] }, SERVICE];
      parts.agreements = [...parts.agreements, { ...parts.agreements[0]!, version: 2, isMaterial: false }];
    });
    const send = async (messages: Parameters<World['track']>[0], afterMs: number): Promise<void> => {
      world.clock.now = Date.parse(at(afterMs));
      await world.track(messages, { isVerified: true });
      await world.settle();
    };
    await decide(world, 'granted');
    await decide(world, 'granted', 'u2');
    await send([identify(world, 'm0', 'u1', { email: 'ana@example.com', firstName: 'Ana' }), event(world, 'm1')], 0);
    await send([event(world, 'm2')], 1_000);
    await send([event(world, 'm3')], HOUR_MS);
    await send([identify(world, 'm4', 'u2', { email: 'other@example.com' }), event(world, 'm5', { userId: 'u2' })], 2 * HOUR_MS);
    const [one, other] = (await world.store.collections.disclosures.find({}).sort({ firstAt: 1 }).toArray()).map(({ profileId }) => profileId);
    const recipient = { name: 'CRM', kind: 'processor', country: 'DE' };
    const v1 = { purpose: 'marketing', reason: 'consent-granted', agreementId: 'terms', agreementVersion: 1, recipient };
    // The send a second later is not noted, the one an hour later is.
    expect(await tell(one!)).toEqual({ id: one, mergedFrom: [], disclosures: [{
      connectionId: SINK, action: 'send-event', recipient, purposes: ['marketing'], fields: ['event', 'profile.email'], firstAt: at(0), lastAt: at(HOUR_MS), grounds: [{ ...v1, fields: ['event', 'profile.email'], firstAt: at(0), lastAt: at(HOUR_MS) }],
    }] });
    await send([identify(world, 'm6', 'u1', { email: 'other@example.com', city: 'Lyon' }), event(world, 'm7')], 3 * HOUR_MS);
    await decide(world, 'granted', 'u1', 2);
    await send([event(world, 'm8')], 4 * HOUR_MS);
    const merged = await tell(other!);
    expect([await tell(one!), [merged.id, ...merged.mergedFrom].sort()]).toEqual([merged, [one, other].sort()]);
    const fields = ['event', 'profile.city', 'profile.email'];
    expect(merged.disclosures).toEqual([{ connectionId: SINK, action: 'send-event', recipient, purposes: ['marketing'], fields, firstAt: at(0), lastAt: at(4 * HOUR_MS), grounds: [
      { ...v1, fields, firstAt: at(0), lastAt: at(3 * HOUR_MS) }, { ...v1, agreementVersion: 2, fields, firstAt: at(4 * HOUR_MS), lastAt: at(4 * HOUR_MS) },
    ] }]);
    await world.store.collections.disclosures.updateMany({}, { $unset: { grounds: '' } });
    expect((await tell(one!)).disclosures).toEqual([{ connectionId: SINK, action: 'send-event', recipient, purposes: ['marketing'], fields, firstAt: at(0), lastAt: null, grounds: [] }]);
    await expect(tell('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('names who got it as they were then, when the connection is another one now', async () => {
    await start((parts) => { parts.destination = { name: 'CRM', recipient: 'own' }; });
    await decide(world, 'granted');
    await world.track([event(world, 'm1')], { isVerified: true });
    await world.settle();
    world.rebuild((parts) => { parts.destination = { name: 'Ads', recipient: 'third-party', country: 'US' }; });
    const [row] = await world.store.collections.disclosures.find({}).toArray();
    expect((await tell(row!.profileId)).disclosures).toMatchObject([{ recipient: { name: 'CRM', kind: 'own', country: null }, fields: ['event'] }]);
  });
});

describe('freshness', () => {
  const MINUTE_MS = 60_000;
  /** Pair and how long it took in ms, exactly, of all that was confirmed. */
  async function measured(query: Partial<FreshnessQuery> = {}): Promise<[string, number, number, number][]> {
    const store = createFreshnessStore(world.store.connection);
    await Promise.all([1, 2, 3].map(async () => { while ((await store.compact(WORKSPACE)) > 0); }));
    const sums = await store.read(WORKSPACE, { every: 'minute', from: 0, to: world.clock.now + 2 * 24 * HOUR_MS, ...query });
    return sums.map(({ source, destination, at, latency }): [string, number, number, number] => [`${source} → ${destination}`, at, latency.count, latency.maxMs]).sort(([, one], [, other]) => one - other);
  }

  it.each([false, true])('counts from the event to the confirmation, over retries too, and clocks that are ahead as nothing (stages joined: %s)', async (isJoined) => {
    world = await createWorld(undefined, { isJoined });
    await decide(world, 'granted');
    const begin = world.clock.now;
    const timestamp = (agoMs: number): { timestamp: string } => ({ timestamp: new Date(world.clock.now - agoMs).toISOString() });
    await world.track([event(world, 'm1', timestamp(40_000))], { isVerified: true });
    await untilStill(world);
    world.script.next = () => (world.received.length === 2 ? new RetryableError('busy') : undefined);
    await world.track([event(world, 'm2', timestamp(1_000))], { isVerified: true });
    await untilStill(world);
    world.clock.now += 5 * MINUTE_MS;
    await untilStill(world);
    await world.track([event(world, 'm3', timestamp(-3_000))], { isVerified: true });
    await untilStill(world);
    await world.deliver.stop();
    expect(await measured()).toEqual([['web → sink', begin, 1, 40_000], ['web → sink', begin + 5 * MINUTE_MS, 2, 301_000]]);
    const [, later] = await createFreshnessStore(world.store.connection).read(WORKSPACE, { every: 'minute', from: begin, to: world.clock.now + 1 });
    expect(later?.latency.negative).toBe(1);
    expect([await measured({ every: 'hour' }), await measured({ every: 'day' })]).toEqual([[['web → sink', begin, 3, 301_000]], [['web → sink', begin - 12 * HOUR_MS, 3, 301_000]]]);
    expect([await measured({ source: 'shop' }), await measured({ from: begin + MINUTE_MS, to: begin + 5 * MINUTE_MS })]).toEqual([[], []]);
    expect(await world.store.collections.freshnessCounts.countDocuments({})).toBe(0);
  });

  it('leaves out what tells of the past, and counts from when it was made what has waited on purpose or no event has caused', async () => {
    await start((parts) => {
      const send = { id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' } as const;
      parts.flows = [
        { flowId: 'now', version: 1, name: 'Now', purpose: 'marketing', trigger: { type: 'event', name: '*' }, acceptsHistorical: true, steps: [send] },
        { flowId: 'later', version: 1, name: 'Later', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false, steps: [{ id: 'wait', type: 'delay', span: { hours: 2 } }, send] },
      ];
    });
    await decide(world, 'granted');
    await world.track([event(world, 'old', { timestamp: new Date(world.clock.now - 30 * HOUR_MS).toISOString() })], { isVerified: true });
    await world.track([event(world, 'file')], { isVerified: true, isImport: true });
    await world.settle();
    expect([sentIds().sort(), await measured()]).toEqual([['file', 'old'], []]);
    const begin = world.clock.now;
    await world.track([identify(world, 'm0', 'u1', { email: 'ana@example.com' }), event(world, 'm1', { timestamp: new Date(begin - 7_000).toISOString() })], { isVerified: true });
    await world.settle();
    world.clock.now += 2 * HOUR_MS + 5_000;
    await untilStill(world);
    world.clock.now += HOUR_MS;
    await decide(world, 'withdrawn');
    world.clock.now += 9_000;
    await untilStill(world);
    const minute = (at: number): number => at - (at % MINUTE_MS);
    expect(await measured()).toEqual([['web → sink', begin, 1, 7_000], ['web → sink', minute(begin + 2 * HOUR_MS), 1, 0], ['firsthand → sink', minute(begin + 3 * HOUR_MS), 1, 9_000]]);
  });
});
