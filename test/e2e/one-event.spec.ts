import { createDictionary, FirsthandError } from '@firsthand/domain';
import { blockHash, readBlock, type EvidenceBlock } from '@firsthand/pipeline';
import { decide, event, identify, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

async function start(adjust?: (parts: WorldParts) => void): Promise<void> {
  world = await createWorld(adjust);
}

describe('one event', () => {
  it('goes from the inbox to the profile, and with consent to the destination with its evidence written ahead', async () => {
    await start();
    await decide(world, 'granted');
    await world.track([identify(world, 'm1', 'u1', { email: 'Ana@Example.com' }), event(world, 'm2')], { isVerified: true });
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
    expect(await ledgerTotals(world)).toEqual({ received: 2, applied: 2, deliveries: 1, delivered: 1 });
  });

  it('is stored once however often it comes, also within one batch', async () => {
    await start();
    await world.track([event(world, 'm1'), event(world, 'm1')]);
    await world.track([event(world, 'm1')]);
    await world.settle();
    await world.track([event(world, 'm1')]);
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(1);
    expect(await ledgerTotals(world)).toMatchObject({ received: 4, applied: 1, duplicate: 3 });
  });

  it('without consent is blocked, with the reason and a proof of it', async () => {
    await start();
    await world.track([event(world, 'm1')]);
    await world.settle();
    expect(world.received).toEqual([]);
    expect(await ledgerTotals(world)).toMatchObject({ deliveries: 1, 'blocked.no-consent': 1 });
    const [block] = await world.store.collections.evidence.find({}).toArray();
    expect(readBlock(block as EvidenceBlock).evidence).toEqual([expect.objectContaining({ isAllowed: false, reason: 'no-consent', fields: [] })]);
  });

  it('that cannot be used is quarantined with its place, and blocks nobody', async () => {
    await start();
    await world.track([{ type: 'track', event: 'No One', messageId: 'x' }, event(world, 'm1')]);
    await world.settle();
    const rows = await world.store.collections.quarantine.find({}).toArray();
    expect(rows).toEqual([expect.objectContaining({ code: 'MISSING_IDENTITY' })]);
    expect(await ledgerTotals(world)).toMatchObject({ received: 2, quarantined: 1, applied: 1 });
  });

  it('of an unknown name is quarantined where the connection asks for it', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', unknownEvents: 'quarantine' }]; });
    await world.track([event(world, 'm1', { event: 'Totally New' })]);
    await world.settle();
    expect(await world.store.collections.quarantine.findOne({})).toMatchObject({ code: 'UNKNOWN_EVENT_NAME' });
    // Unless the workspace has it in its dictionary.
    world.configuration.current = { ...world.configuration.current, dictionary: createDictionary({ customEvents: [{ name: 'Points Redeemed', description: 'Spent.' }] }) };
    await world.track([event(world, 'm2', { event: 'Points Redeemed' })]);
    await world.settle();
    expect([await world.store.collections.quarantine.countDocuments({}), await world.store.collections.events.countDocuments({ 'record.name': 'Points Redeemed' })]).toEqual([1, 1]);
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
    const refused = await world.track([event(world, 'm1')]).catch((error: unknown) => error);
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
    await world.track([event(world, 'm1')]);
    await world.settle();
    expect(await world.store.collections.events.findOne({})).toMatchObject({ record: { properties: { category: 'CN' } } });
    expect(JSON.stringify(await world.store.collections.events.findOne({}))).not.toContain('top-secret');
  });

  it('keeps nothing of a record that says no itself, but counts it and remembers the no', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', collectionPurpose: 'marketing' }]; });
    await world.track([event(world, 'm1', { context: { consent: { categoryPreferences: { marketing: false } } } })]);
    expect(JSON.stringify(await world.store.collections.inbox.find({}).toArray())).not.toContain('S-1');
    await world.settle();
    expect(await world.store.collections.events.countDocuments({})).toBe(0);
    expect(await ledgerTotals(world)).toEqual({ received: 1, 'refused.consent-denied': 1 });
    expect(await world.store.collections.consents.findOne({})).toMatchObject({ purpose: 'marketing', decision: 'denied' });
  });

  it('takes nothing without a consent where collection stands on one', async () => {
    await start((parts) => { parts.sources = [{ connectionId: 'web', collectionPurpose: 'marketing' }]; });
    await world.track([event(world, 'm1')]);
    await world.settle();
    expect(await ledgerTotals(world)).toEqual({ received: 1, 'refused.no-consent': 1 });
    await world.track([event(world, 'm2', { context: { consent: { categoryPreferences: { marketing: true } } } })]);
    await world.settle();
    expect(await ledgerTotals(world)).toMatchObject({ received: 2, applied: 1 });
  });
});
