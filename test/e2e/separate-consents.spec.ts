import type { JsonObject } from '@firsthand/domain';
import { confirmConsents, createConfirmationSender, MOST_PER_CONTACT, readConfirmation, recordConsents, type ConfirmationRow, type ConsentSubmission } from '@firsthand/pipeline';
import { event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SERVICE, SINK, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

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
    // What a law demands is kept of children and of restricted people too.
    parts.purposes = [{ ...MARKETING, separateConsent: ['sensitive', 'cross-border', 'minor'] }, { ...SERVICE, lawfulBasis: 'legal' }];
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

describe('a grant over a public key that is to be confirmed at the address', () => {
  const EMAIL = 'email|ana@example.com';
  const DEVICE = { userId: null, anonymousId: 'device-of-ana' };
  let mails: ConfirmationRow[];
  let isAway: boolean;
  let count = 0;
  beforeEach(() => { [mails, isAway] = [[], false]; });
  const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID() });
  const place = ({ nonce }: ConfirmationRow) => ({ workspaceId: WORKSPACE, identityKey: EMAIL, nonce });
  const ids = ({ asks }: ConfirmationRow) => asks.map(({ recordId }) => recordId);
  const row = () => world.store.collections.confirmations.findOne({ identityKey: EMAIL });

  async function begin(doubleOptIn: readonly 'email'[] = ['email']): Promise<void> {
    world = await createWorld((parts) => { parts.purposes = parts.purposes.map((purpose) => ({ ...purpose, doubleOptIn })); });
  }

  /** The newsletter form of a site: an event with a public key. `shownAgo`: how long ago its notice was shown. */
  async function fill(marketingIs: boolean, { shownAgoMs, anonymousId = DEVICE.anonymousId }: { shownAgoMs?: number; anonymousId?: string } = {}): Promise<void> {
    world.clock.now += 1_000;
    const shown: JsonObject = shownAgoMs === undefined ? {} : { servedNotice: { agreementId: 'terms', version: 1, language: 'zh-CN', shownAt: new Date(world.clock.now - shownAgoMs).toISOString() } };
    const context = { traits: { email: 'ana@example.com' }, consent: { categoryPreferences: { marketing: marketingIs }, ...shown } };
    await world.track([event(world, `form ${count += 1}`, { ...DEVICE, anonymousId, context })]);
    await world.settle();
  }
  async function send(): Promise<void> {
    await createConfirmationSender({
      store: world.store.store, clock: () => world.clock.now, log: { warn: () => undefined }, isConfigured: true,
      send: (mail) => (isAway ? Promise.reject(new RangeError('away')) : Promise.resolve(void mails.push(mail))),
    }).tick();
  }
  /** What a send to the person whose address it is would say. */
  async function reached(): Promise<string> {
    world.clock.now += 1_000;
    await world.track([event(world, `seen ${count += 1}`, { ...DEVICE, context: { traits: { email: 'ana@example.com' } } })], { isVerified: true });
    await world.settle();
    const [last] = await world.store.collections.deliveries.find({ class: 'data' }).sort({ createdAt: -1, seq: -1 }).limit(1).toArray();
    return last?.reason ?? last?.state ?? 'none';
  }

  it('permits nothing until then, asks once, and counts from the confirmation on with what was shown at the first act', async () => {
    await begin();
    await fill(true, { shownAgoMs: 500 });
    await fill(true, { shownAgoMs: 1_500 });
    await send();
    await send();
    expect(mails).toMatchObject([{ identityKey: EMAIL, language: 'zh-CN', asks: [{ purpose: 'marketing', agreementVersion: 1, isOpen: true }] }]);
    // Whose device it was stands in the ledger alone, where an erasure finds it.
    expect(JSON.stringify(await row())).not.toContain('device-of-ana');
    const [mail] = mails as [ConfirmationRow];
    // Verified in every other way: the address itself has not said yes.
    expect(await reached()).toBe('consent-unconfirmed');
    expect(await readConfirmation(place(mail), options())).toMatchObject([{ purpose: 'marketing' }]);
    expect(await reached()).toBe('consent-unconfirmed');
    world.clock.now += 60_000;
    const [record] = await confirmConsents(place(mail), ids(mail), { ...options(), hashShown: ({ agreementVersion }) => `hash-${agreementVersion}` });
    expect(record).toMatchObject({ method: 'double-opt-in', decision: 'granted', identityKey: EMAIL, isVerified: true, effectiveAt: world.clock.now, agreementVersion: 1, textHash: 'hash-1', servedNotice: { language: 'zh-CN', standing: 'claimed' }, confirms: { recordId: ids(mail)[0] } });
    const first = await world.store.collections.consents.findOne({ recordId: record?.confirms?.recordId ?? '' });
    expect(first).toMatchObject({ isUnconfirmed: true, isVerified: false, effectiveAt: record?.confirms?.decidedAt });
    expect(await reached()).toBe('delivered');
    // Once: and what the site repeats asks nobody again.
    await expect(confirmConsents(place(mail), ids(mail), options())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await fill(true, { shownAgoMs: 0 });
    await send();
    expect(mails).toHaveLength(1);
  });

  it('is nothing more than before where the purpose wants none', async () => {
    await begin([]);
    await fill(true);
    await send();
    expect([await row(), mails]).toEqual([null, []]);
  });

  it('is over when the person refuses before they confirm, on the page or on the device', async () => {
    await begin();
    await fill(true);
    await send();
    await fill(false);
    const [mail] = mails as [ConfirmationRow];
    expect(await readConfirmation(place(mail), options())).toEqual([]);
    expect(await confirmConsents(place(mail), ids(mail), options())).toEqual([]);
    expect(await reached()).toBe('consent-denied');
    // The site goes on saying yes by a notice of before; a notice that is shown anew asks again.
    await fill(true, { shownAgoMs: 60_000 });
    await send();
    expect(mails).toHaveLength(1);
    await fill(true, { shownAgoMs: 0 });
    await send();
    expect(mails).toHaveLength(2);
    world.clock.now += 1_000;
    await recordConsents({ workspaceId: WORKSPACE, identity: { namespace: 'email', value: 'ana@example.com' }, decisions: [marketing('withdrawn')], agreement: null, method: 'toggle', submissionId: '' }, options());
    expect(await confirmConsents(place(mails[1] as ConfirmationRow), ids(mails[1] as ConfirmationRow), options())).toEqual([]);
    expect(await reached()).toBe('consent-withdrawn');
  });

  it('is over when whoever asked was erased: nobody can say any more that they did', async () => {
    await begin();
    await fill(true);
    await send();
    await world.store.collections.consents.updateMany({ identityKey: 'anonymousId|device-of-ana' }, { $unset: { identityKey: '' } });
    const [mail] = mails as [ConfirmationRow];
    expect([await readConfirmation(place(mail), options()), await confirmConsents(place(mail), ids(mail), options())]).toEqual([[], []]);
    expect(await reached()).not.toBe('delivered');
  });

  it('is not asked for by a message of which the person has taken the reason back', async () => {
    await begin();
    await fill(true);
    await fill(false);
    await send();
    expect([mails, (await row())?.dueAt]).toEqual([[], null]);
  });

  it('is over after seven days, and nobody is asked more often than that in them, whoever fills in the form', async () => {
    await begin();
    for (let time = 0; time < MOST_PER_CONTACT + 2; time += 1) {
      await fill(true, { anonymousId: `stranger ${time}`, shownAgoMs: 0 });
      await send();
    }
    expect(mails).toHaveLength(MOST_PER_CONTACT);
    const [mail] = mails as [ConfirmationRow];
    world.clock.now += 8 * 86_400_000;
    await expect(confirmConsents(place(mail), ids(mail), options())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await fill(true, { shownAgoMs: 9 * 86_400_000 });
    await send();
    expect(mails).toHaveLength(MOST_PER_CONTACT);
    await fill(true, { shownAgoMs: 0 });
    await send();
    expect(mails).toHaveLength(MOST_PER_CONTACT + 1);
    expect(mails.at(-1)?.nonce).not.toBe(mail.nonce);
  });

  it('is asked for later when nobody took the message, by the same link after a crash, and confirms only what was shown', async () => {
    await begin();
    await fill(true);
    isAway = true;
    await send();
    isAway = false;
    await send();
    expect(mails).toEqual([]);
    world.clock.now += 61_000;
    await send();
    expect(mails).toHaveLength(1);
    // As if the process had died before it could write down that it was sent.
    await world.store.collections.confirmations.updateOne({ identityKey: EMAIL }, { $set: { dueAt: world.clock.now } });
    await send();
    expect([mails.length, mails[1]?.nonce]).toEqual([2, mails[0]?.nonce]);
    expect(await confirmConsents(place(mails[0] as ConfirmationRow), ['another'], options())).toEqual([]);
    expect(await reached()).toBe('consent-unconfirmed');
  });
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
