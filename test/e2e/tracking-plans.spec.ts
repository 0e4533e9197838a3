import { compileTrackingPlan, missingTrackingPlan, type CompiledTrackingPlan, type JsonValue, type PlanActions } from '@firsthand/domain';
import { decide, event, ledgerTotals } from '../support/pipeline-story.js';
import { createWorld, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const ACTIONS: PlanActions = { unplannedEvent: 'refuse', missingRequired: 'quarantine', wrongType: 'coerce', valueNotAllowed: 'quarantine', unplannedProperty: 'strip', badName: 'coerce' };
const PLAN = compileTrackingPlan({
  actions: ACTIONS,
  events: [{ name: 'Product Viewed', fields: [{ path: 'properties.sku', type: 'string', required: true }, { path: 'properties.position', type: 'integer' }, { path: 'properties.brand', type: 'string', values: ['Acme'] }] }],
}, { planId: 'shop', version: 7 });

async function start(trackingPlan: CompiledTrackingPlan, more: Partial<WorldParts['sources'][number]> = {}): Promise<void> {
  world = await createWorld((parts) => { parts.sources = [{ connectionId: 'web', trackingPlan, consentCategories: { ads: 'marketing' }, ...more }]; });
}
const viewed = (messageId: string, properties: Record<string, JsonValue>, more: Record<string, JsonValue> = {}) => event(world, messageId, { properties, ...more });
const says = (decision: boolean): Record<string, JsonValue> => ({ context: { consent: { categoryPreferences: { ads: decision } } } });
const stands = async (): Promise<string | undefined> => (await world.store.collections.consentStates.find({}).toArray())[0]?.state.marketing?.own?.decision;

describe('an event and its tracking plan', () => {
  it('is repaired where that loses nothing, and says so', async () => {
    await start(PLAN);
    const told = await world.track([viewed('m1', { SKU: 'S-1', position: '3', mood: 'fine' }, { event: 'product_viewed' })]);
    await world.settle();
    expect(told).toMatchObject({ accepted: 1, refused: 0, problems: [] });
    const [stored] = await world.store.collections.events.find({}).toArray();
    expect(stored?.record).toMatchObject({ name: 'Product Viewed', properties: { sku: 'S-1', position: 3 } });
    expect(stored?.record.flags).toEqual(expect.arrayContaining(['plan-renamed:name', 'plan-coerced:properties.position:string-number', 'plan-stripped:properties.mood']));
    expect(await ledgerTotals(world)).toMatchObject({ received: 1, applied: 1, 'plan.wrongType.coerce': 1, 'plan.unplannedProperty.strip': 1, 'plan.badName.coerce': 1 });
  });

  it('is put aside with rule, place and version of the plan, as it came', async () => {
    await start(PLAN);
    const raw = viewed('m1', { brand: 'Ours' });
    const told = await world.track([raw, viewed('m2', { sku: 'S-2' })]);
    await world.settle();
    expect(told.problems).toEqual([{ index: 0, isRefused: false, reason: expect.stringMatching(/^TRACKING_PLAN_VIOLATED: /) as string }]);
    const [row, ...others] = await world.store.collections.quarantine.find({}).toArray();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ code: 'TRACKING_PLAN_VIOLATED', rule: 'shop:missingRequired', planVersion: 7, raw: JSON.stringify(raw), places: expect.arrayContaining([{ path: '/properties/sku', message: 'missingRequired: is missing' }, expect.objectContaining({ path: '/properties/brand' })]) as unknown });
    expect(JSON.stringify(row?.places)).not.toContain('Ours');
    expect(await world.store.collections.events.countDocuments({})).toBe(1);
    expect(await ledgerTotals(world)).toMatchObject({ received: 2, applied: 1, quarantined: 1 });
  });

  it('is refused, counted under the plan and not kept', async () => {
    await start(PLAN);
    const told = await world.track([viewed('m1', {}, { event: 'Spam Sent' }), viewed('m2', { sku: 'S-2' })]);
    await world.settle();
    expect(told).toMatchObject({ accepted: 1, refused: 1, problems: [{ index: 0, isRefused: true, reason: 'tracking-plan' }] });
    expect(await ledgerTotals(world)).toMatchObject({ received: 2, applied: 1, 'refused.tracking-plan': 1, 'plan.unplannedEvent.refuse': 1 });
    for (const name of ['inbox', 'quarantine', 'events'] as const) expect(JSON.stringify(await world.store.collections[name].find({}).toArray())).not.toContain('Spam');
  });

  it.each<[string, CompiledTrackingPlan]>([
    ['is not there', missingTrackingPlan('gone')],
    ['breaks on it', { ...PLAN, judge: () => { throw new TypeError('quotes ana@example.com'); } }],
  ])('is put aside when its plan %s', async (_what, plan) => {
    await start(plan);
    await world.track([viewed('m1', { sku: 'S-1' })]);
    await world.settle();
    expect(await world.store.collections.quarantine.find({}).toArray()).toEqual([expect.objectContaining({ code: 'TRACKING_PLAN_FAILED', places: [{ path: '', message: 'the tracking plan could not judge this record' }] })]);
    expect(await world.store.collections.events.countDocuments({})).toBe(0);
    expect(await ledgerTotals(world)).toMatchObject({ received: 1, quarantined: 1, 'plan.failed': 1 });
  });

  it('takes the place of the connection\'s rule for unknown names', async () => {
    await start(compileTrackingPlan({ actions: { ...ACTIONS, unplannedEvent: 'allow' }, events: [] }, { planId: 'open', version: 1 }), { unknownEvents: 'quarantine' });
    await world.track([event(world, 'm1', { event: 'Totally Changed' })]);
    await world.settle();
    expect(await ledgerTotals(world)).toMatchObject({ received: 1, applied: 1, 'plan.unplannedEvent.allow': 1 });
  });
});

describe('a refusal in an event that its plan does not let through', () => {
  it.each([['put aside', { brand: 'Ours' }, {}, 'quarantined'], ['refused', {}, { event: 'Spam Sent' }, 'refused.tracking-plan']])('counts at once, and nothing else of it does: %s', async (_what, properties, more, count) => {
    await start(PLAN);
    await decide(world, 'granted');
    await world.track([viewed('m1', properties, { ...more, ...says(false) })], { isVerified: true });
    await world.settle();
    expect(await stands()).toBe('denied');
    expect(await world.store.collections.events.countDocuments({})).toBe(0);
    expect(await ledgerTotals(world)).toMatchObject({ received: 1, [count]: 1 });
    expect((await ledgerTotals(world)).applied).toBeUndefined();
    expect((await ledgerTotals(world)).duplicate).toBeUndefined();
  });

  it('while a consent in it waits', async () => {
    await start(PLAN);
    await world.track([viewed('m1', { brand: 'Ours' }, says(true)), viewed('m2', {}, { event: 'Spam Sent', ...says(true) })], { isVerified: true });
    await world.settle();
    expect(await stands()).toBeUndefined();
    expect(await world.store.collections.profiles.countDocuments({})).toBe(0);
  });

  it('to being collected keeps nothing of it, whatever other purposes cover', async () => {
    await start(PLAN, { collectionPurpose: 'marketing', withoutBasis: 'strip' });
    world.rebuild((parts) => {
      const [marketing] = parts.purposes;
      parts.purposes.push({ ...(marketing as WorldParts['purposes'][number]), key: 'service', lawfulBasis: 'contract' });
      parts.agreements = parts.agreements.map((version) => ({ ...version, purposes: ['marketing', 'service'] }));
    });
    await world.track([viewed('m1', { brand: 'Ours' }, says(false)), viewed('m2', { sku: 'S-2' }, says(false))], { isVerified: true });
    await world.settle();
    expect(await ledgerTotals(world)).toMatchObject({ received: 2, applied: 1, 'refused.tracking-plan': 1 });
    expect(await world.store.collections.quarantine.countDocuments({})).toBe(0);
    expect(await stands()).toBe('denied');
  });
});
