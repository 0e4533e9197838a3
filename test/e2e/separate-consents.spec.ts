import { recordConsents, type ConsentSubmission } from '@firsthand/pipeline';
import { event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

/** What needs more than a yes to the purpose, and what a person can close: at the moment of each send. */
let world: World;
afterEach(() => world.close());

type Decision = ConsentSubmission['decisions'][number];

async function decide(...decisions: Decision[]): Promise<void> {
  const { store, configuration, clock } = world;
  world.clock.now += 1_000;
  await recordConsents({
    workspaceId: WORKSPACE, identity: { namespace: 'userId', value: 'u1' }, decisions, agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '',
  }, { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => crypto.randomUUID() });
}
const marketing = (decision: Decision['decision'], ...recipients: string[]): Decision => ({ purpose: 'marketing', decision, ...(recipients.length === 0 ? {} : { recipients }) });

async function start(adjust: (parts: WorldParts) => void = () => undefined, granted = 'marketing'): Promise<void> {
  world = await createWorld((parts) => {
    parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, separateConsent: ['sensitive', 'cross-border', 'minor'] }));
    parts.destination = { country: 'CN' };
    adjust(parts);
  });
  world.configuration.current = { ...world.configuration.current, sensitivePaths: ['profile.city', 'profile.custom.allergies'] };
  await decide({ ...marketing('granted'), purpose: granted });
}

async function know(traits: Record<string, string | number>): Promise<void> {
  world.clock.now += 1_000;
  await world.track([identify(world, `known at ${world.clock.now}`, 'u1', traits)], { isVerified: true });
  await world.settle();
  world.received.length = 0;
}

/** One more event, and what became of its delivery. */
async function outcome(): Promise<string> {
  world.clock.now += 1_000;
  await world.track([event(world, `seen at ${world.clock.now}`)], { isVerified: true });
  await world.settle();
  const [row] = await world.store.collections.deliveries.find({ class: 'data' }).sort({ createdAt: -1, seq: -1 }).limit(1).toArray();
  return row?.reason ?? row?.state ?? 'none';
}

it('sends sensitive fields only with a consent of their own, and the rest without', async () => {
  await start();
  await know({ country: 'CN', city: 'Shanghai', firstName: 'Ana' });
  expect(await outcome()).toBe('delivered');
  expect(world.received.at(-1)?.payload.profile).toEqual({ country: 'CN', firstName: 'Ana' });
  await decide(marketing('granted', 'sensitive'));
  expect(await outcome()).toBe('delivered');
  expect(world.received.at(-1)?.payload.profile).toEqual({ country: 'CN', firstName: 'Ana', city: 'Shanghai' });
  await decide(marketing('withdrawn', 'sensitive'));
  expect(await outcome()).toBe('delivered');
  expect(world.received.at(-1)?.payload.profile).toEqual({ country: 'CN', firstName: 'Ana' });
  // Who got them is told to forget them.
  expect(await world.store.collections.deliveries.countDocuments({ class: 'suppression', cause: 'consent-withdrawn' })).toBe(1);
});

it('sends nothing out of the person\'s country, and nothing where nobody knows the country, without a consent for it', async () => {
  await start();
  expect(await outcome()).toBe('no-consent-cross-border');
  await know({ country: 'DE' });
  expect(await outcome()).toBe('no-consent-cross-border');
  await decide(marketing('granted', 'cross-border'));
  expect(await outcome()).toBe('delivered');
});

it('sends nothing of a child before a parent has agreed', async () => {
  await start();
  await know({ country: 'CN', birthday: '2015-05-17' });
  expect(await outcome()).toBe('no-consent-minor');
  await decide(marketing('granted', 'minor'));
  expect(await outcome()).toBe('delivered');
});

it('keeps a channel closed until it is opened again, and other channels open', async () => {
  await start((parts) => {
    parts.flows = parts.flows.map((flow) => ({ ...flow, steps: flow.steps.map((step) => (step.type === 'deliver' ? { ...step, channel: 'email' } : step)) }));
  });
  await know({ country: 'CN' });
  await decide({ purpose: '*', decision: 'denied', recipients: ['sms'] });
  expect(await outcome()).toBe('delivered');
  await decide({ purpose: '*', decision: 'denied', recipients: ['email'] });
  expect(await outcome()).toBe('channel-refused');
  await decide({ purpose: '*', decision: 'granted', recipients: ['email'] });
  expect(await outcome()).toBe('delivered');
});

it('stops everything at a restriction, takes back what was given, and goes on when it is lifted', async () => {
  await start();
  await know({ country: 'CN', email: 'ana@example.com' });
  expect(await outcome()).toBe('delivered');
  await decide({ purpose: '*', decision: 'denied' });
  expect(await outcome()).toBe('processing-restricted');
  expect(world.received.map(({ operation }) => operation)).toEqual(['send', 'removeMembers']);
  await decide({ purpose: '*', decision: 'granted' });
  expect(await outcome()).toBe('delivered');
});

it('sends only to the recipients that a purpose lists', async () => {
  await start((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, recipients: ['esp'] })); });
  await know({ country: 'CN' });
  expect(await outcome()).toBe('recipient-not-listed');
  world.rebuild((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, recipients: ['esp', SINK] })); });
  expect(await outcome()).toBe('delivered');
});

it('uses nothing of a restricted person but what the law demands: no flow, no segment, on no other ground', async () => {
  const grounds = ['consent', 'legitimate', 'contract', 'public', 'legal', 'vital'] as const;
  await start((parts) => {
    parts.purposes = grounds.map((lawfulBasis) => ({ ...MARKETING, key: lawfulBasis, separateConsent: [], lawfulBasis }));
    parts.agreements = parts.agreements.map((version) => ({ ...version, purposes: [...grounds] }));
    parts.segments = grounds.map((purpose) => ({ segmentId: `of-${purpose}`, version: 1, name: purpose, purpose, condition: { event: 'Product Viewed' } }));
    parts.flows = grounds.map((purpose) => ({ flowId: purpose, version: 1, name: purpose, purpose, trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false, steps: [{ id: 'send', type: 'deliver', connectionId: SINK, action: 'send-event' }] }));
  }, 'consent');
  const sent = async (): Promise<string[]> => {
    world.received.length = 0;
    const id = crypto.randomUUID();
    await world.track([event(world, id)], { isVerified: true });
    await world.settle();
    return (await world.store.collections.deliveries.find({ class: 'data', state: 'delivered', createdAt: world.clock.now }).toArray()).map(({ purpose }) => purpose).sort();
  };
  const members = async () => Object.entries((await world.store.collections.profiles.findOne({}))?.memberships ?? {}).flatMap(([id, { isMember }]) => (isMember ? [id] : [])).sort();
  expect([await sent(), await members()]).toEqual([[...grounds].sort(), grounds.map((one) => `of-${one}`).sort()]);
  await decide({ purpose: '*', decision: 'denied' });
  world.clock.now += 1_000;
  expect([await sent(), await members()]).toEqual([['legal', 'vital'], ['of-legal', 'of-vital']]);
  // Who had not agreed has not agreed by lifting it.
  await decide({ purpose: 'consent', decision: 'withdrawn' });
  await decide({ purpose: '*', decision: 'granted' });
  world.clock.now += 1_000;
  expect([await sent(), await members()]).toEqual([grounds.filter((one) => one !== 'consent').sort(), grounds.filter((one) => one !== 'consent').map((one) => `of-${one}`).sort()]);
});
