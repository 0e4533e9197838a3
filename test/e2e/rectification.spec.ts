import { correctPerson, recordConsents, unmergePerson, type ConsentSubmission, type PersonCorrection } from '@firsthand/pipeline';
import { RECTIFICATION } from '@firsthand/domain';
import { event, identify } from '../support/pipeline-story.js';
import { createWorld, MARKETING, SINK, TOMBSTONES, WORKSPACE, type World } from '../support/pipeline-world.js';

/** What a person says is right about them, against what sources have said and go on saying. */
let world: World;
const MINUTE = 60_000;
const WRONG = 'ana@exmaple.com';
const RIGHT = 'ana@example.com';

beforeEach(async () => {
  world = await createWorld((parts) => {
    parts.purposes = [{ ...MARKETING, lawfulBasis: 'legitimate', separateConsent: [] }];
    // The web owns no field: the CRM does, for whom rank decides before time.
    parts.sources = [{ connectionId: 'web' }, { connectionId: 'crm' }];
    parts.segments = [{ segmentId: 'in-town', version: 1, name: 'In town', purpose: 'marketing', condition: { trait: 'city', op: 'eq', value: 'Hangzhou' } }];
    parts.flows = [{ flowId: 'update', version: 1, name: 'Update', purpose: 'marketing', trigger: { type: 'profile', fields: ['city', 'email'] }, acceptsHistorical: false, steps: [{ id: 'put', type: 'deliver', connectionId: SINK, action: 'upsert-profile' }] }];
  });
  world.configuration.current = { ...world.configuration.current, ownerRank: (_, source) => (source === 'crm' ? 0 : 1) };
  await tell('i1', { email: WRONG, city: 'Hangzou' }, 'crm');
  world.clock.now += MINUTE;
});
afterEach(() => world.close());

const options = () => ({ store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, newId: () => crypto.randomUUID(), tombstones: TOMBSTONES });
async function tell(messageId: string, traits: Record<string, string>, connectionId = 'web', more: Record<string, string | null> = {}): Promise<void> {
  await world.track([identify(world, messageId, 'u1', traits, more)], { isVerified: true, connectionId });
  await world.settle();
}
const { profiles, identities } = { profiles: () => world.store.collections.profiles, identities: () => world.store.collections.identities };
const personOf = async (key: string) => (await profiles().findOne({ profileId: (await identities().findOne({ _id: `${WORKSPACE}|${key}` }))?.profileId ?? '' })) ?? undefined;
const ana = () => personOf('userId|u1');
async function correct(over: Partial<PersonCorrection> = {}) {
  const corrected = await correctPerson({ workspaceId: WORKSPACE, profileId: (await ana())?.profileId ?? '', correctionId: 'c1', fields: {}, identities: [], reason: 'inaccurate', by: 'user', actorId: 'u-1', ...over }, options());
  await world.settle();
  return corrected;
}
const email = (from: string | null, to: string | null) => [{ namespace: 'email', from, to }];
const decide = async (identity: { namespace: string; value: string }, ...decisions: ConsentSubmission['decisions']) => {
  world.clock.now += 1_000;
  await recordConsents({ workspaceId: WORKSPACE, identity, decisions, agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '' }, options());
};

it('holds against what was said before and comes later, whoever owns the field, and gives way to what is said of a later time', async () => {
  expect(await correct({ fields: { 'profile.city': 'Hangzhou' } })).toEqual({ profileId: (await ana())?.profileId, fields: ['profile.city'], recipients: [{ connectionId: SINK, action: 'upsert-profile' }] });
  expect((await ana())?.fields.city).toMatchObject({ value: 'Hangzhou', source: RECTIFICATION, at: world.clock.now, correctedAt: world.clock.now, correction: { by: 'user', reason: 'inaccurate' } });
  const correctedAt = world.clock.now;
  world.clock.now += MINUTE;
  await tell('late', { city: 'Hangzou' }, 'crm', { timestamp: new Date(correctedAt - 1_000).toISOString() });
  expect((await ana())?.fields.city?.value).toBe('Hangzhou');
  await tell('moved', { city: 'Shanghai' });
  expect((await ana())?.fields.city).toMatchObject({ value: 'Shanghai', source: 'web', correctedAt });
  // What is older than the correction counts no more, although its source owns the field.
  await tell('later-still', { city: 'Hangzou' }, 'crm', { timestamp: new Date(correctedAt - 2_000).toISOString() });
  expect((await ana())?.fields.city?.value).toBe('Shanghai');
});

it('takes away an identity that stands in the profile alone, without a row of its own', async () => {
  await identities().deleteOne({ _id: `${WORKSPACE}|email|${WRONG}` });
  await correct({ identities: email(WRONG, RIGHT) });
  expect((await ana())?.identities.filter(({ namespace }) => namespace === 'email')).toEqual([{ namespace: 'email', value: RIGHT }]);
  expect(await personOf(`email|${RIGHT}`)).toEqual(await ana());
  expect((await personOf(`email|${WRONG}`))?.identities).toEqual([{ namespace: 'email', value: WRONG }]);
});

it('goes on as any change does: to segments, to flows, to who had been told the wrong value', async () => {
  world.rebuild((parts) => { parts.flows = [...parts.flows, { flowId: 'first', version: 1, name: 'First', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false, steps: [{ id: 'put', type: 'deliver', connectionId: SINK, action: 'upsert-profile' }] }]; });
  await world.track([event(world, 'e1')], { isVerified: true });
  await world.settle();
  expect(world.received.at(-1)?.payload).toMatchObject({ profile: { city: 'Hangzou' } });
  world.clock.now += MINUTE;
  const { recipients } = await correct({ fields: { 'profile.city': 'Hangzhou' } });
  expect(recipients).toEqual([{ connectionId: SINK, action: 'upsert-profile' }]);
  expect(world.received.at(-1)?.payload).toMatchObject({ profile: { city: 'Hangzhou' } });
  expect((await ana())?.memberships).toMatchObject({ 'in-town': { isMember: true } });
  expect(await world.store.collections.events.countDocuments({ connectionId: RECTIFICATION, 'record.type': 'identify' })).toBe(1);
});

it('holds of an address that was spelled otherwise when it was taken off the person', async () => {
  const { profileId } = (await ana()) as { profileId: string };
  await profiles().updateOne({ profileId }, { $set: { disowned: ['email|ana@ex\u00e4mple.com'] } });
  await tell('again', { email: 'ana@xn--exmple-cua.com' }, 'crm');
  expect((await world.store.collections.events.findOne({ 'record.messageId': 'again' }))?.record.flags).toContain('identity-disowned:email');
  expect(await personOf('email|ana@xn--exmple-cua.com')).toBeUndefined();
});

it('is one however often it is made', async () => {
  const both = [await correct({ identities: email(WRONG, RIGHT) }), await correct({ identities: email(WRONG, RIGHT) })];
  expect(both[1]).toEqual(both[0]);
  expect(await world.store.collections.events.countDocuments({ connectionId: RECTIFICATION })).toBe(1);
});

it('leaves a number that people share to who else has it', async () => {
  const phone = { namespace: 'phone', value: '+14155550123' };
  world.rebuild((parts) => { parts.identitySettings = { namespaces: [{ namespace: 'phone', isShared: true, blockedValues: [] }] }; });
  await tell('i2', { phone: phone.value });
  await world.track([identify(world, 'bo', 'u2', { phone: phone.value })], { isVerified: true });
  await world.settle();
  await decide(phone, { purpose: 'marketing', decision: 'withdrawn' });
  expect((await personOf('phone|+14155550123'))?.profileId).toBe((await ana())?.profileId);
  await correct({ identities: [{ namespace: 'phone', from: phone.value, to: null }] });
  const bo = await personOf('userId|u2');
  expect([(await personOf('phone|+14155550123'))?.profileId, await profiles().countDocuments({})]).toEqual([bo?.profileId, 2]);
  expect([bo, await ana()].map((person) => [person?.identities.some(({ namespace }) => namespace === 'phone'), person?.disowned ?? []])).toEqual([[true, []], [false, ['phone|+14155550123']]]);
  // What was refused under it holds for both.
  const records = await world.store.collections.consents.find({ decision: 'withdrawn' }).sort({ recordedAt: 1 }).toArray();
  expect(records.map(({ identityKey }) => identityKey.split('|')[0])).toEqual(['phone', expect.stringMatching(/^(userId|email)$/)]);
  expect((await world.store.collections.consentStates.findOne({ profileId: (await ana())?.profileId ?? '' }))?.state).toMatchObject({ marketing: { own: { decision: 'withdrawn' } } });
});

it('is refused for what does not fit, is not the profile, or is somebody else’s', async () => {
  await world.track([identify(world, 'bo', 'u2', { email: 'bo@example.com' })], { isVerified: true });
  await world.settle();
  const version = (await ana())?.version;
  await expect(correct({ fields: { 'profile.country': 'Middle Earth' } })).rejects.toMatchObject({ code: 'INVALID_REQUEST', places: [{ path: '/fields/profile.country' }] });
  await expect(correct({ fields: { 'profile.shoes': 42 } })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  await expect(correct({ fields: { 'order.total': 1, 'event.name': 'x' } })).rejects.toMatchObject({ code: 'NOT_CORRECTABLE', places: [{ path: '/fields/order.total' }, { path: '/fields/event.name' }] });
  await expect(correct({ identities: email(WRONG, 'nobody') })).rejects.toMatchObject({ code: 'INVALID_REQUEST', places: [{ path: '/identities/0/to' }] });
  await expect(correct({ identities: email('bo@example.com', RIGHT) })).rejects.toMatchObject({ code: 'INVALID_REQUEST', places: [{ path: '/identities/0/from' }] });
  await expect(correct({ identities: email(WRONG, 'bo@example.com') })).rejects.toMatchObject({ code: 'IDENTITY_TAKEN' });
  await expect(correct({ identities: [...email(WRONG, null), { namespace: 'userId', from: 'u1', to: null }] })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  await expect(correct({})).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  await expect(correct({ profileId: 'nobody', fields: { 'profile.city': 'x' } })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await world.store.collections.tombstones.insertOne({ _id: `${WORKSPACE}|${TOMBSTONES.digest(WORKSPACE, `email|${RIGHT}`)}`, schemaVersion: 1, workspaceId: WORKSPACE, keyId: 'k', createdAt: 0 });
  await expect(correct({ identities: email(WRONG, RIGHT) })).rejects.toMatchObject({ code: 'PERSON_ERASED' });
  expect((await ana())?.version).toBe(version);
});

describe('an address that was wrong', () => {
  it('is the person’s no more, and what comes with it later is not theirs, also when their own id comes with it', async () => {
    await correct({ identities: email(WRONG, ' Ana@Example.com') });
    expect(await ana()).toMatchObject({ identities: expect.arrayContaining([{ namespace: 'email', value: RIGHT }]), verifiedKeys: expect.arrayContaining([`email|${RIGHT}`]), disowned: [`email|${WRONG}`], fields: { email: { value: RIGHT, isVerified: true } } });
    expect(world.received.at(-1)?.payload).toMatchObject({ email: RIGHT });
    world.clock.now += MINUTE;
    // The CRM sends both still, and a new device in the same breath; a stranger comes with the address alone.
    await world.track([identify(world, 'again', 'u1', { email: WRONG, city: 'Suzhou' }), identify(world, 'tablet', 'u1', {}, { anonymousId: 'tablet' }), identify(world, 'by-tablet', 'u1', { email: WRONG }, { userId: null, anonymousId: 'tablet' })], { isVerified: true, connectionId: 'crm' });
    await world.track([identify(world, 'stranger', 'u9', { email: WRONG, city: 'Berlin' })], { isVerified: true });
    await world.settle();
    const [person, stranger] = [await ana(), await personOf(`email|${WRONG}`)];
    expect(person?.identities.map(({ value }) => value)).not.toContain(WRONG);
    expect([person?.fields.email?.value, person?.fields.city?.value]).toEqual([RIGHT, 'Suzhou']);
    expect([stranger?.profileId === person?.profileId, stranger?.fields.city?.value, (await personOf('userId|u9'))?.profileId]).toEqual([false, 'Berlin', stranger?.profileId]);
    expect((await world.store.collections.events.findOne({ 'record.messageId': 'again' }))).toMatchObject({ profileId: person?.profileId, raw: null, record: { flags: expect.arrayContaining(['identity-disowned:email']) } });
  });

  it('takes its mailbox along, once no address of the person leads there', async () => {
    world.rebuild((parts) => { parts.identitySettings = { mailboxRules: ['gmail'] }; });
    await tell('g1', { email: 'a.na@gmail.com' });
    await tell('g2', { email: 'ana+shop@gmail.com' });
    const mailboxOwner = async () => (await personOf('mailbox|ana@gmail.com'))?.profileId === (await ana())?.profileId;
    await correct({ identities: email('a.na@gmail.com', null) });
    expect(await mailboxOwner()).toBe(true);
    await correct({ identities: email('ana+shop@gmail.com', null), correctionId: 'c2' });
    expect([await mailboxOwner(), (await ana())?.identities.map(({ namespace }) => namespace)]).toEqual([false, ['email', 'userId']]);
  });

  it('takes along no consent that may have been a stranger’s, and leaves every refusal with both', async () => {
    world.rebuild((parts) => { parts.purposes = [MARKETING, { ...MARKETING, key: 'ads' }]; parts.agreements = parts.agreements.map((version) => ({ ...version, purposes: ['marketing', 'ads'] })); });
    const address = { namespace: 'email', value: WRONG };
    await decide(address, { purpose: 'marketing', decision: 'granted' });
    await decide(address, { purpose: 'ads', decision: 'denied' });
    await decide({ namespace: 'userId', value: 'u1' }, { purpose: 'ads', decision: 'granted', recipients: ['third-party'] });
    world.clock.now += MINUTE;
    await correct({ identities: email(WRONG, RIGHT) });
    const stateOf = async (person: { _id: string } | undefined) => (await world.store.collections.consentStates.findOne({ _id: person?._id ?? '' }))?.state ?? {};
    const [own, stranger] = [await stateOf(await ana()), await stateOf(await personOf(`email|${WRONG}`))];
    expect([own.marketing, own.ads?.own?.decision, own.ads?.['third-party']?.decision]).toEqual([undefined, 'denied', 'granted']);
    expect([stranger.marketing?.own?.decision, stranger.ads?.own?.decision]).toEqual(['withdrawn', 'denied']);
  });

  it('stays away when somebody else turns out to be the person, and when that is taken back', async () => {
    await correct({ identities: email(WRONG, RIGHT) });
    await world.track([identify(world, 'other', 'u5', {}, { anonymousId: 'phone-5' })], { isVerified: true });
    await world.settle();
    world.clock.now += MINUTE;
    await world.track([{ type: 'alias', messageId: 'one', userId: 'u1', previousId: 'u5', timestamp: new Date(world.clock.now).toISOString() }], { isVerified: true });
    await world.settle();
    const merged = await ana();
    expect([merged?.mergedFrom.length, merged?.disowned]).toEqual([1, [`email|${WRONG}`]]);
    await unmergePerson({ workspaceId: WORKSPACE, loser: merged?.mergedFrom[0] ?? '' }, options());
    expect([(await ana())?.disowned, (await ana())?.fields.email?.value]).toEqual([[`email|${WRONG}`], RIGHT]);
  });
});
