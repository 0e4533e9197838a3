import { FirsthandError, type JsonValue } from '@firsthand/domain';
import { blockHash, readBlock, recordConsents, type EvidenceBlock } from '@firsthand/pipeline';
import { InvalidPayload, RateLimited, RetryableError } from '@firsthand/plugin-sdk';
import { createWorld, MARKETING, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;

async function start(adjust?: (parts: WorldParts) => void): Promise<World> {
  world = await createWorld(adjust);
  return world;
}

afterEach(() => world.close());

const event = (messageId: string, more: Record<string, JsonValue> = {}): JsonValue => ({
  type: 'track', event: 'Product Viewed', messageId, userId: 'u1', timestamp: new Date(world.clock.now).toISOString(), properties: { sku: 'S-1' }, ...more,
});
const identify = (messageId: string, userId: string, traits: Record<string, JsonValue>, more: Record<string, JsonValue> = {}): JsonValue => ({
  type: 'identify', messageId, userId, traits, timestamp: new Date(world.clock.now).toISOString(), ...more,
});

function consent(decision: 'granted' | 'withdrawn', value = 'u1'): Promise<unknown> {
  return recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value }, decisions: [{ purpose: 'marketing', decision, recipients: ['own', 'processor'] }],
    agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
  }, {
    store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current },
    clock: () => world.clock.now, newId: () => crypto.randomUUID(),
  });
}

async function ledgerTotals(): Promise<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const { counts } of await world.store.collections.ledger.find({}).toArray()) {
    for (const [key, count] of Object.entries(counts)) totals[key] = (totals[key] ?? 0) + count;
  }
  return totals;
}

const sentIds = (): string[] => world.received.map(({ payload }) => (payload.event as { messageId: string }).messageId);

describe('one event', () => {
  it('goes from the inbox to the profile, and with consent to the destination with its evidence written ahead', async () => {
    await start();
    await consent('granted');
    await world.track([identify('m1', 'u1', { email: 'Ana@Example.com' }), event('m2')], { isVerified: true });
    expect(await world.store.collections.inbox.countDocuments({})).toBeGreaterThan(0);
    await world.settle();

    expect(await world.store.collections.inbox.countDocuments({})).toBe(0);
    expect(world.received).toHaveLength(1);
    expect(world.received[0]?.payload).toMatchObject({ email: 'ana@example.com', event: { name: 'Product Viewed', messageId: 'm2' } });
    const blocks = await world.store.collections.evidence.find({}).sort({ seq: 1 }).toArray();
    const [ahead] = blocks.flatMap((block) => readBlock(block).evidence);
    expect(ahead).toMatchObject({ isAllowed: true, reason: 'consent-granted', agreementId: 'terms', agreementVersion: 1 });
    expect(ahead?.fields).toContain('profile.email');
    expect(JSON.stringify(blocks)).not.toContain('ana@example.com');
    expect(blocks.flatMap((block) => readBlock(block).outcomes)).toEqual([expect.objectContaining({ outcome: 'delivered', deliveryId: ahead?.deliveryId })]);
    for (const [index, block] of blocks.entries()) {
      expect(block.hash).toBe(blockHash(block));
      expect(block.previousHash).toBe(blocks[index - 1]?.hash ?? '0'.repeat(64));
    }
    expect(await ledgerTotals()).toEqual({ received: 2, applied: 2, deliveries: 1, delivered: 1 });
  });

  it('is stored once however often it comes, also within one batch', async () => {
    await start();
    await world.track([event('m1'), event('m1')]);
    await world.track([event('m1')]);
    await world.settle();
    await world.track([event('m1')]);
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(1);
    expect(await ledgerTotals()).toMatchObject({ received: 4, applied: 1, duplicate: 3 });
  });

  it('without consent is blocked, with the reason and a proof of it', async () => {
    await start();
    await world.track([event('m1')]);
    await world.settle();
    expect(world.received).toEqual([]);
    expect(await ledgerTotals()).toMatchObject({ deliveries: 1, 'blocked.no-consent': 1 });
    const [block] = await world.store.collections.evidence.find({}).toArray();
    expect(readBlock(block as EvidenceBlock).evidence).toEqual([expect.objectContaining({ isAllowed: false, reason: 'no-consent', fields: [] })]);
  });

  it('that cannot be used is quarantined with its place, and blocks nobody', async () => {
    await start();
    await world.track([{ type: 'track', event: 'No One', messageId: 'x' }, event('m1')]);
    await world.settle();
    const rows = await world.store.collections.quarantine.find({}).toArray();
    expect(rows).toEqual([expect.objectContaining({ code: 'MISSING_IDENTITY' })]);
    expect(await ledgerTotals()).toMatchObject({ received: 2, quarantined: 1, applied: 1 });
  });

  it('of an unknown name is quarantined where the connection asks for it', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', unknownEvents: 'quarantine' }]; });
    await world.track([event('m1', { event: 'Totally New' })]);
    await world.settle();
    expect(await world.store.collections.quarantine.findOne({})).toMatchObject({ code: 'UNKNOWN_EVENT_NAME' });
  });
});

describe('the door', () => {
  it.each([
    ['third-party data', { provenance: { collection: 'third-party' as const, statement: 'Bought.' } }, 'PROVENANCE_THIRD_PARTY'],
    ['no provenance', { provenance: null }, 'PROVENANCE_MISSING'],
    ['no agreement', { agreementId: null }, 'PROVENANCE_MISSING'],
    ['a draft', { status: 'draft' as const }, 'CONNECTION_DISABLED'],
  ])('refuses %s', async (_name, change, code) => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', ...change }]; });
    const refused = await world.track([event('m1')]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(FirsthandError);
    expect((refused as FirsthandError).code).toBe(code);
    expect(await world.store.collections.inbox.countDocuments({})).toBe(0);
  });

  it('lets no mapping see a secret setting', async () => {
    const { compileMapping } = await import('@firsthand/domain');
    await start((parts) => {
      parts.sources = [{
        connectionId: 'web', settings: { country: 'CN', token: 'top-secret' }, publicSettings: { country: 'CN' },
        mapping: compileMapping({ type: 'track', name: 'Seen', 'identities.userId': '{{userId}}', 'properties.category': '{{@settings.country}}', 'properties.label': '{{@settings.token}}' }),
      }];
    });
    await world.track([event('m1')]);
    await world.settle();
    expect(await world.store.collections.events.findOne({})).toMatchObject({ record: { properties: { category: 'CN' } } });
    expect(JSON.stringify(await world.store.collections.events.findOne({}))).not.toContain('top-secret');
  });

  it('keeps nothing of a record that says no itself, but counts it and remembers the no', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', collectionPurpose: 'marketing' }]; });
    await world.track([event('m1', { context: { consent: { categoryPreferences: { marketing: false } } } })]);
    expect(JSON.stringify(await world.store.collections.inbox.find({}).toArray())).not.toContain('S-1');
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(0);
    expect(await ledgerTotals()).toEqual({ received: 1, 'refused.consent-denied': 1 });
    expect(await world.store.collections.consents.findOne({})).toMatchObject({ purpose: 'marketing', decision: 'denied' });
  });

  it('takes nothing without a consent where collection stands on one', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', collectionPurpose: 'marketing' }]; });
    await world.track([event('m1')]);
    await world.settle();
    expect(await ledgerTotals()).toEqual({ received: 1, 'refused.no-consent': 1 });
    await world.track([event('m2', { context: { consent: { categoryPreferences: { marketing: true } } } })]);
    await world.settle();
    expect(await ledgerTotals()).toMatchObject({ received: 2, applied: 1 });
  });
});

describe('delivery', () => {
  it('retries with the same key, keeps a person in order behind the head of line, and others pass', async () => {
    await start();
    await consent('granted');
    await consent('granted', 'u2');
    let failures = 2;
    world.script.next = (item) => (JSON.stringify(item.payload).includes('"m1"') && failures-- > 0 ? new RetryableError('busy') : undefined);
    await world.track([event('m1'), event('m2'), event('m3', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    expect(sentIds().sort()).toEqual(['m1', 'm3']);
    for (let round = 0; round < 3; round += 1) {
      world.clock.now += 10_000;
      await world.settle();
    }
    expect(sentIds().filter((id) => id !== 'm3')).toEqual(['m1', 'm1', 'm1', 'm2']);
    const keys = world.received.filter(({ payload }) => (payload.event as { messageId: string }).messageId === 'm1').map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys).size).toBe(1);
    expect(await ledgerTotals()).toMatchObject({ deliveries: 3, delivered: 3 });
  });

  it('waits as long as the destination asks, and gives up after 72 hours', async () => {
    await start();
    await consent('granted');
    world.script.next = () => new RateLimited(3_600_000);
    await world.track([event('m1')], { isVerified: true });
    await world.settle();
    world.clock.now += 3_599_000;
    await world.settle();
    expect(world.received).toHaveLength(1);
    for (let hour = 0; hour < 75; hour += 1) {
      world.clock.now += 3_600_001;
      await world.settle();
    }
    expect(await ledgerTotals()).toMatchObject({ deliveries: 1, 'dead.retries-exhausted:rate-limited': 1 });
  });

  it('stops at a payload that the destination refuses', async () => {
    await start();
    await consent('granted');
    world.script.next = () => new InvalidPayload('no');
    await world.track([event('m1')], { isVerified: true });
    await world.settle();
    expect(await ledgerTotals()).toMatchObject({ 'dead.invalid-payload': 1 });
  });

  it('is decided at the send: a withdrawal blocks what is queued and takes back what was given', async () => {
    await start();
    await consent('granted');
    await world.track([identify('m0', 'u1', { email: 'ana@example.com' }), event('m1')], { isVerified: true });
    await world.settle();
    world.script.next = () => new RetryableError('down');
    await world.track([event('m2')], { isVerified: true });
    await world.settle();
    world.script.next = () => undefined;
    await consent('withdrawn');
    world.clock.now += 10_000;
    await world.settle();
    expect(world.received.map(({ operation }) => operation)).toEqual(['send', 'send', 'removeMembers']);
    expect(world.received[2]?.payload).toEqual({ email: 'ana@example.com' });
    expect(await ledgerTotals()).toMatchObject({ deliveries: 3, delivered: 2, 'blocked.consent-withdrawn': 1 });
  });

  it('leaves out what the purpose does not cover', async () => {
    await start((parts) => { parts.purposes = [{ ...MARKETING, fields: ['profile.email', 'event.name'] }]; });
    await consent('granted');
    await world.track([identify('m0', 'u1', { email: 'ana@example.com', firstName: 'Ana' }), event('m1')], { isVerified: true });
    await world.settle();
    expect(world.received[0]?.payload).toEqual({ email: 'ana@example.com', profile: { email: 'ana@example.com' }, event: { name: 'Product Viewed' } });
  });

  it('to a third party needs its own consent', async () => {
    await start((parts) => { parts.destination = { recipient: 'third-party' }; });
    await consent('granted');
    await world.track([event('m1')], { isVerified: true });
    await world.settle();
    expect(await ledgerTotals()).toMatchObject({ 'blocked.no-consent': 1 });
  });
});

describe('people', () => {
  it('whom a verified record names together become one, by alias and journal; events stay as they were', async () => {
    await start();
    await world.track([event('m1', { userId: 'u1' })], { isVerified: true });
    await world.track([identify('m2', 'u2', { email: 'ana@example.com' })], { isVerified: true });
    await world.settle();
    const before = await world.store.collections.events.find({}).sort({ _id: 1 }).toArray();
    await world.track([identify('m3', 'u1', { email: 'ana@example.com' })], { isVerified: true });
    await world.settle();
    expect(await world.store.collections.profiles.countDocuments({})).toBe(1);
    expect(await world.store.collections.merges.countDocuments({})).toBe(1);
    const after = await world.store.collections.events.find({ _id: { $in: before.map(({ _id }) => _id) } }).sort({ _id: 1 }).toArray();
    expect(after).toEqual(before);
    await world.track([event('m4', { userId: 'u2' })], { isVerified: true });
    await world.settle();
    const [profile] = await world.store.collections.profiles.find({}).toArray();
    expect((profile as unknown as { activity: Record<string, { total: number }> }).activity['Product Viewed']?.total).toBe(2);
  });

  it('are never merged by a public key', async () => {
    await start();
    await world.track([identify('m1', 'u1', { email: 'one@example.com' }), identify('m2', 'u2', { email: 'two@example.com' })]);
    await world.settle();
    await world.track([identify('m3', 'u1', { email: 'two@example.com' })]);
    await world.settle();
    expect(await world.store.collections.profiles.countDocuments({})).toBe(2);
  });

  it('end the same in any order and batching', async () => {
    const messages = (): JsonValue[] => [
      identify('a', 'u1', { firstName: 'Ana' }, { timestamp: '2026-03-01T10:00:00Z' }), identify('b', 'u1', { firstName: 'Anna', lastName: 'Li' }, { timestamp: '2026-03-01T11:00:00Z' }),
      event('c', { timestamp: '2026-03-01T09:00:00Z' }), event('d', { timestamp: '2026-02-27T09:00:00Z' }),
    ];
    const outcome = async (batches: JsonValue[][]): Promise<unknown> => {
      for (const batch of batches) {
        await world.track(batch, { isVerified: true });
        await world.settle();
      }
      const [profile] = (await world.store.collections.profiles.find({}).toArray()) as unknown as { fields: Record<string, { value: JsonValue; at: number }>; activity: JsonValue; lastSeenAt: number }[];
      return { fields: Object.entries(profile?.fields ?? {}).map(([name, { value, at }]) => [name, value, at]).sort(), activity: profile?.activity, lastSeenAt: profile?.lastSeenAt };
    };
    await start();
    const forwards = await outcome([messages()]);
    await world.close();
    await start();
    const [a, b, c, d] = messages() as [JsonValue, JsonValue, JsonValue, JsonValue];
    expect(await outcome([[d], [b], [c, a]])).toEqual(forwards);
  });
});

describe('segments and flows', () => {
  const segments: WorldParts['segments'] = [{ segmentId: 'lapsed', version: 1, name: 'Lapsed', purpose: 'marketing', condition: { all: [{ event: 'Order Completed' }, { not: { event: '*', within: { seconds: 60 } } }] } }];
  const flows: WorldParts['flows'] = [{
    flowId: 'win-back', version: 1, name: 'Win back', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'lapsed', on: 'entered' }, acceptsHistorical: false,
    steps: [{ id: 'wait', type: 'delay', span: { seconds: 30 } }, { id: 'add', type: 'deliver', connectionId: 'sink', action: 'audience' }],
  }];

  it('are entered when only time has passed, wait as rows, deliver, and leaving takes out of the audience', async () => {
    await start((parts) => Object.assign(parts, { segments, flows }));
    await consent('granted');
    await world.track([identify('m0', 'u1', { email: 'ana@example.com' }), event('m1', { event: 'Order Completed', properties: { orderId: 'o1' } })], { isVerified: true });
    await world.settle();
    expect(await world.store.collections.events.countDocuments({ 'record.name': 'Segment Entered' })).toBe(0);
    world.clock.now += 60_000;
    await world.settle();
    expect(await world.store.collections.events.countDocuments({ 'record.name': 'Segment Entered' })).toBe(1);
    expect(world.received).toEqual([]);
    world.clock.now += 30_000;
    await world.settle();
    expect(world.received).toEqual([expect.objectContaining({ operation: 'addMembers', payload: expect.objectContaining({ email: 'ana@example.com' }) })]);
    await world.track([event('m2')], { isVerified: true });
    await world.settle();
    expect(world.received.at(-1)).toMatchObject({ operation: 'removeMembers', payload: { email: 'ana@example.com' } });
  });

  it('hold nobody without consent for their purpose', async () => {
    await start((parts) => Object.assign(parts, { segments, flows }));
    await world.track([event('m1', { event: 'Order Completed' })], { isVerified: true });
    await world.settle();
    world.clock.now += 61_000;
    await world.settle();
    const [profile] = (await world.store.collections.profiles.find({}).toArray()) as unknown as { memberships: JsonValue }[];
    expect(profile?.memberships).toEqual({});
  });

  it('of the past start nothing unless the flow says so', async () => {
    await start();
    await consent('granted');
    await world.track([event('m1', { timestamp: new Date(world.clock.now - 25 * 3_600_000).toISOString() })], { isVerified: true });
    await world.track([event('m2')], { isVerified: true, isImport: true });
    await world.settle();
    expect(await ledgerTotals()).toEqual({ received: 2, applied: 2 });
  });
});
