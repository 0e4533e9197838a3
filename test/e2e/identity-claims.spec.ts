import type { ConsentDecision, FlowDefinition, Identity, JsonValue, RecipientKind } from '@firsthand/domain';
import { DEFAULT_REQUEST_SETTINGS, foldLedger } from '@firsthand/domain';
import { openRequest, readHistory, recordConsents, unmergePerson } from '@firsthand/pipeline';
import { createWorld, SINK, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';

let world: World;
afterEach(() => world.close());

const EVE = 'eve@example.com';
const toAudience: FlowDefinition = {
  flowId: 'audience', version: 1, name: 'Audience', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false,
  steps: [{ id: 'add', type: 'deliver', connectionId: SINK, action: 'audience', mapping: { email: '{{profile.email}}' } }],
};
const intoAudience = (parts: WorldParts) => { parts.flows = [toAudience]; };

const at = (): string => new Date(world.clock.now).toISOString();
const identify = (messageId: string, userId: string, traits: Record<string, JsonValue> = {}): JsonValue => ({ type: 'identify', messageId, userId, traits, timestamp: at() });
const guest = (messageId: string, email: string): JsonValue => ({ type: 'identify', messageId, anonymousId: `order-${messageId}`, traits: { email }, timestamp: at() });
const view = (messageId: string, userId: string): JsonValue => ({ type: 'track', event: 'Product Viewed', messageId, userId, properties: {}, timestamp: at() });

interface Sent {
  message: JsonValue;
  isVerified: boolean;
}
const proven = (message: JsonValue): Sent => ({ message, isVerified: true });
const claimed = (message: JsonValue): Sent => ({ message, isVerified: false });

async function send(...batches: Sent[][]): Promise<void> {
  for (const batch of batches) {
    for (const { message, isVerified } of batch) await world.track([message], { isVerified });
    await world.settle();
  }
}

function decide(identity: Identity, decision: ConsentDecision, recipients?: RecipientKind[]): Promise<unknown> {
  const { clock, configuration, store } = world;
  return recordConsents({
    workspaceId: WORKSPACE, identity, decisions: [{ purpose: 'marketing', decision, recipients }], agreement: decision === 'granted' ? { agreementId: 'terms', version: 1, language: 'en' } : null,
    method: 'toggle', submissionId: '',
  }, { store: store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => configuration.current }, clock: () => clock.now, newId: () => crypto.randomUUID() });
}

const userId = (value: string): Identity => ({ namespace: 'userId', value });
const email = (value: string): Identity => ({ namespace: 'email', value });
const operations = (): string[] => world.received.map(({ operation }) => operation);

/** Who is stored, in order: `userId` and `email` identities, the email trait, and the identities that are theirs. */
async function people(): Promise<{ names: string; email: JsonValue; owns: string }[]> {
  const { aliases, identities, profiles } = world.store.collections;
  const roots = new Map((await aliases.find({}).toArray()).map(({ _id, to }) => [_id.split('|')[1], to]));
  const owners = (await identities.find({}).toArray()).map(({ _id, profileId }) => ({ _id, profileId: roots.get(profileId) ?? profileId }));
  const list = (await profiles.find({}).toArray()).map(({ profileId, identities: own, fields }) => ({
    names: own.filter(({ namespace }) => namespace !== 'anonymousId').map(({ value }) => value).sort().join(' '),
    email: fields.email?.value ?? null,
    owns: owners.filter((owner) => owner.profileId === profileId && !owner._id.includes('|anonymousId|')).map(({ _id }) => _id.split('|')[2]).sort().join(' '),
  }));
  return list.sort((a, b) => (a.names < b.names ? -1 : 1));
}

const known = () => [proven(identify('m1', 'u-mal')), proven(identify('m2', 'u-eve'))];
const claim = () => claimed(identify('m3', 'u-mal', { email: EVE }));
const proof = () => proven(identify('m4', 'u-eve', { email: EVE }));
const APART = [{ names: `${EVE} u-eve`, email: EVE, owns: `${EVE} u-eve` }, { names: 'u-mal', email: null, owns: 'u-mal' }];

describe('an email that is only claimed', () => {
  it('merges nobody, and goes to whom a verified record names with it', async () => {
    world = await createWorld();
    await send(known(), [claim()]);
    expect((await people()).map(({ names }) => names)).toEqual([`${EVE} u-mal`, 'u-eve']);
    await send([proof()]);
    expect(await people()).toEqual(APART);
    expect(await world.store.collections.aliases.countDocuments({})).toBe(0);
  });

  it('leaves a journal from which the move can be undone', async () => {
    world = await createWorld();
    await send(known(), [claim()], [proof()]);
    const [row, ...others] = await world.store.collections.merges.find({}).toArray();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ movedKey: `email|${EVE}`, before: { loser: { profileId: row?.loser, fields: { email: { value: EVE } } } } });
    expect(row?.before.loser.identities).toContainEqual(email(EVE));
    expect(await world.store.collections.events.findOne({ _id: row?.causeEventId as string })).toMatchObject({ record: { messageId: 'm4' } });
  });

  it('is not proven for the claimant by a guest order between', async () => {
    world = await createWorld();
    await send(known(), [claim()], [proven(guest('g1', EVE))]);
    expect((await people()).map(({ owns }) => owns).sort()).toEqual([EVE, 'u-eve', 'u-mal']);
    await send([proof()]);
    expect(await people()).toEqual(APART);
  });

  it.each([['claim first', () => [claim(), proof()]], ['proof first', () => [proof(), claim()]]])('ends the same in one batch, %s', async (_name, batch) => {
    world = await createWorld();
    await send(known(), batch());
    expect(await people()).toEqual(APART);
  });

  it('stays with who claimed it once a verified record says so', async () => {
    world = await createWorld();
    await send(known(), [claim()], [proven(identify('m4', 'u-mal', { email: EVE }))], [proven(guest('g1', EVE))]);
    expect((await people()).map(({ owns }) => owns)).toEqual([`${EVE} u-mal`, 'u-eve']);
  });

  it('joins a browser that nothing has proven with the person of a verified record', async () => {
    world = await createWorld();
    await send([claimed(identify('m1', 'u-eve', { email: EVE }))], [proven(guest('g1', EVE))]);
    expect((await people()).map(({ owns }) => owns)).toEqual([`${EVE} u-eve`]);
  });

  it('gives its claimant no grant of who holds it, and a refusal to both', async () => {
    world = await createWorld(intoAudience);
    await send(known(), [claim()]);
    await decide(email(EVE), 'granted');
    await send([proven(view('m5', 'u-mal'))]);
    expect(operations()).toEqual([]);
    expect((await people()).map(({ owns }) => owns).sort()).toEqual([EVE, 'u-eve', 'u-mal']);
  });

  it('brings along what was refused over it, and no grant that anyone could have sent', async () => {
    world = await createWorld(intoAudience);
    const says = (messageId: string, isGranted: boolean): JsonValue => (
      { type: 'identify', messageId, traits: { email: EVE }, context: { consent: { categoryPreferences: { marketing: isGranted } } }, timestamp: at() });
    const standing = async () => {
      const { consentStates, identities } = world.store.collections;
      const owner = await identities.findOne({ _id: `${WORKSPACE}|email|${EVE}` });
      return (await consentStates.findOne({ _id: `${WORKSPACE}|${String(owner?.profileId)}` }))?.state.marketing?.processor?.decision;
    };
    await send(known(), [claim()], [claimed(says('c1', false))], [proven(guest('g1', EVE))]);
    expect((await people()).map(({ owns }) => owns).sort()).toEqual([EVE, 'u-eve', 'u-mal']);
    expect(await standing()).toBe('denied');
    world.clock.now += 1_000;
    await send([claimed(says('c2', true))]);
    expect(await standing()).toBe('denied');
  });

  it('takes what its claimant was used for back when who holds it withdraws', async () => {
    world = await createWorld(intoAudience);
    await send(known(), [claim()]);
    await decide(userId('u-mal'), 'granted');
    await send([proven(view('m5', 'u-mal'))]);
    await decide(email(EVE), 'withdrawn');
    await world.settle();
    await send([proven(view('m6', 'u-mal'))]);
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
  });
});

describe('an email that a verified record brought', () => {
  it('is where deliveries go, whatever a public key says', async () => {
    world = await createWorld(intoAudience);
    await send([proven(identify('m1', 'u1', { email: 'ana@example.com' }))]);
    await decide(userId('u1'), 'granted');
    world.clock.now += 1_000;
    await send([claimed(identify('m2', 'u1', { email: 'mal@example.com', city: 'Oslo' }))], [proven(view('m3', 'u1'))]);
    expect(world.received.map(({ payload }) => payload.email)).toEqual(['ana@example.com']);
    expect((await world.store.collections.profiles.findOne({}))?.fields.city?.value).toBe('Oslo');
  });
});

describe('a withdrawal', () => {
  it.each([
    ['for third parties takes nothing back from a processor', 'processor', ['third-party'], []],
    ['for third parties takes back what one got', 'third-party', ['third-party'], ['removeMembers']],
    ['for the brand and its processors takes nothing back from a third party', 'third-party', ['own', 'processor'], []],
    ['that names nobody takes back from all', 'third-party', undefined, ['removeMembers']],
  ] as const)('%s', async (_name, recipient, refused, removals) => {
    world = await createWorld((parts) => {
      intoAudience(parts);
      parts.destination = { recipient };
    });
    await send([proven(identify('m1', 'u1', { email: 'ana@example.com' }))]);
    await decide(userId('u1'), 'granted', ['own', 'processor', 'third-party']);
    await send([proven(view('m2', 'u1'))]);
    world.clock.now += 1_000;
    await decide(userId('u1'), 'withdrawn', refused === undefined ? undefined : [...refused]);
    await world.settle();
    expect(operations()).toEqual(['addMembers', ...removals]);
    await send([proven(view('m3', 'u1'))]);
    // Who is in with the same data already is not sent again; who was taken out is not sent without consent.
    expect(operations()).toEqual(['addMembers', ...removals]);
    const [last] = await world.store.collections.deliveries.find({ class: 'data' }).sort({ createdAt: -1, seq: -1 }).limit(1).toArray();
    expect(last?.reason).toBe(removals.length === 0 ? 'already-confirmed' : 'consent-withdrawn');
  });
});

describe('a merge that was wrong', () => {
  const person = async (value: string): Promise<string> => String((await world.store.collections.identities.findOne({ _id: `${WORKSPACE}|userId|${value}` }))?.profileId);
  const standing = async (profileId: string) => (await world.store.collections.consentStates.findOne({ _id: `${WORKSPACE}|${profileId}` }))?.state.marketing?.processor;
  const foldedFor = async (profileId: string, moment?: { effectiveAt: number; knownAt: number }) => {
    const found = await world.store.store.transaction((tx) => readHistory(tx, WORKSPACE, profileId));
    return found === undefined ? undefined : foldLedger(found.history, profileId, moment).marketing?.processor;
  };
  const unmerge = (loser: string) => unmergePerson({ workspaceId: WORKSPACE, loser }, {
    store: world.store.store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => world.configuration.current }, clock: () => world.clock.now, tombstones: TOMBSTONES,
  });
  /** Two people, one who agreed and one who refused, whom a record says to be one. */
  async function mergeTwo(): Promise<{ ana: string; bo: string; mergedAt: number }> {
    world = await createWorld(intoAudience);
    await send([proven(identify('m1', 'u-ana', { email: 'ana@example.com', city: 'Oslo' })), proven(identify('m2', 'u-bo', { email: 'bo@example.com', firstName: 'Bo' }))]);
    const [ana, bo] = [await person('u-ana'), await person('u-bo')];
    await decide(userId('u-ana'), 'granted');
    await send([proven(view('m3', 'u-ana'))]);
    world.clock.now += 1_000;
    await decide(userId('u-bo'), 'denied');
    world.clock.now += 1_000;
    await send([proven({ type: 'alias', messageId: 'm4', userId: 'u-ana', previousId: 'u-bo', timestamp: at() })]);
    return { ana, bo, mergedAt: world.clock.now };
  }

  it('lets the refusal of either stand, takes back what was given, and takes a later yes', async () => {
    const { ana, bo } = await mergeTwo();
    const [profile, ...others] = await world.store.collections.profiles.find({}).toArray();
    expect(others).toEqual([]);
    const root = profile?.profileId as string;
    expect([ana, bo]).toContain(root);
    expect(await standing(root)).toMatchObject({ decision: 'denied' });
    expect(operations()).toEqual(['addMembers', 'removeMembers']);
    world.clock.now += 1_000;
    await decide(userId('u-ana'), 'granted');
    expect(await standing(root)).toMatchObject({ decision: 'granted' });
    expect(await foldedFor(root)).toEqual(await standing(root));
  });

  it('is told of at any moment of either clock', async () => {
    const { ana, bo, mergedAt } = await mergeTwo();
    const decisionAt = async (id: string, effectiveAt: number, knownAt: number) => (await foldedFor(id, { effectiveAt, knownAt }))?.decision;
    expect([await decisionAt(ana, mergedAt - 1, mergedAt - 1), await decisionAt(bo, mergedAt - 1, mergedAt - 1)]).toEqual(['granted', 'denied']);
    expect([await decisionAt(ana, mergedAt, mergedAt), await decisionAt(bo, mergedAt, mergedAt)]).toEqual(['denied', 'denied']);
    expect(await decisionAt(ana, mergedAt - 1, mergedAt)).toBe('denied');
    expect(await decisionAt(ana, mergedAt - 2_500, mergedAt)).toBe(undefined);
    expect(await foldedFor('nobody')).toBeUndefined();
  });

  it('gives each their own back', async () => {
    const { ana, bo, mergedAt } = await mergeTwo();
    const loser = (await world.store.collections.aliases.findOne({}))?._id.split('|')[1] as string;
    world.clock.now += 1_000;
    // Of Bo, whichever profile both have.
    await send([proven(identify('m5', 'u-bo', { lastName: 'Berg' }))]);
    await unmerge(loser);
    expect(await people()).toEqual([
      { names: 'ana@example.com u-ana', email: 'ana@example.com', owns: 'ana@example.com u-ana' }, { names: 'bo@example.com u-bo', email: 'bo@example.com', owns: 'bo@example.com u-bo' },
    ]);
    const stored = new Map((await world.store.collections.profiles.find({}).toArray()).map((profile) => [profile.profileId, profile]));
    const traits = (id: string) => Object.keys(stored.get(id)?.fields ?? {}).filter((name) => name !== 'email').sort();
    expect([traits(ana), traits(bo)]).toEqual([['city'], ['firstName', 'lastName']]);
    expect([await standing(ana), await standing(bo)]).toMatchObject([{ decision: 'granted' }, { decision: 'denied' }]);
    for (const id of [ana, bo]) expect(await foldedFor(id)).toEqual(await standing(id));
    expect((await foldedFor(ana, { effectiveAt: mergedAt, knownAt: mergedAt }))?.decision).toBe('denied');
    await expect(unmerge(loser)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    // Ana is sent to again, Bo is not.
    world.clock.now += 1_000;
    await send([proven(view('m6', 'u-ana')), proven(view('m7', 'u-bo'))]);
    expect(operations()).toEqual(['addMembers', 'removeMembers', 'addMembers']);
  });

  it('leaves each what is theirs of what came meanwhile: events, runs that wait, deliveries that are tried again, and what was disclosed', async () => {
    const send4 = { type: 'deliver' as const, connectionId: SINK, action: 'send-event', mapping: { event: '{{event}}', profile: '{{profile}}', email: '{{profile.email}}' } };
    world = await createWorld((parts) => {
      parts.flows = [
        { flowId: 'later', version: 1, name: 'Later', purpose: 'marketing', trigger: { type: 'event', name: 'Product Viewed' }, acceptsHistorical: false, steps: [{ id: 'wait', type: 'delay', span: { hours: 1 } }, { ...send4, id: 'late' }] },
        { flowId: 'now', version: 1, name: 'Now', purpose: 'marketing', trigger: { type: 'event', name: 'Cart Viewed' }, acceptsHistorical: false, steps: [{ ...send4, id: 'soon' }] },
      ];
    });
    await send([proven(identify('m1', 'u-ana', { email: 'ana@example.com', firstName: 'Ana' })), proven(identify('m2', 'u-bo', { email: 'bo@example.com', firstName: 'Bo' }))]);
    for (const name of ['u-ana', 'u-bo']) await decide(userId(name), 'granted');
    const viewed = (messageId: string, name: string, event: string): Sent => proven({ type: 'track', event, messageId, userId: name, properties: {}, timestamp: at() });
    world.script.next = () => new RangeError('not now');
    // In one go with the record that makes them one.
    await send([viewed('m3', 'u-ana', 'Product Viewed'), proven({ type: 'alias', messageId: 'm6', userId: 'u-ana', previousId: 'u-bo', timestamp: at() }), viewed('m4', 'u-bo', 'Product Viewed'), viewed('m5', 'u-bo', 'Cart Viewed')]);
    expect(await world.store.collections.profiles.countDocuments({})).toBe(1);
    world.received.length = 0;
    world.script.next = () => undefined;
    await unmerge((await world.store.collections.aliases.findOne({}))?._id.split('|')[1] as string);
    world.clock.now += 90 * 60_000;
    for (let round = 0; round < 3; round += 1) {
      await world.settle();
      await world.deliver.drainLane({ workspaceId: WORKSPACE, connectionId: SINK });
    }
    const got = world.received.map(({ payload }) => [(payload.event as { messageId: string }).messageId, (payload.profile as { firstName: string }).firstName]).sort();
    expect(got).toEqual([['m3', 'Ana'], ['m4', 'Bo'], ['m5', 'Bo']]);
    const [ana, bo] = [await person('u-ana'), await person('u-bo')];
    const { events, disclosures } = world.store.collections;
    expect((await events.find({ profileId: bo }).toArray()).map(({ record }) => record.messageId).sort()).toEqual(['m2', 'm4', 'm5']);
    const sets = async (profileId: string) => (await disclosures.find({ profileId }).toArray()).flatMap(({ identifiers }) => identifiers.map((one) => one.email));
    expect([await sets(ana), await sets(bo)]).toEqual([[expect.stringContaining('@')], [expect.stringContaining('@')]]);
    expect(await sets(bo)).not.toEqual(await sets(ana));
  });

  it('leaves each what they asked for meanwhile: no erasure of the one takes the other out of their request', async () => {
    await mergeTwo();
    const { aliases, privacyRequests } = world.store.collections;
    const loser = (await aliases.findOne({}))?._id.split('|')[1] as string;
    const winner = await person('u-ana') === loser ? await person('u-bo') : await person('u-ana');
    const ask = (...identities: Identity[]) => openRequest({
      requestId: `${WORKSPACE}|${identities.map(({ value }) => value).join('+')}`, workspaceId: WORKSPACE, kind: 'access', identities, profileId: winner, country: null, source: 'admin', verification: 'document', actor: { kind: 'user', id: 'u' }, requestedAt: 0,
    }, DEFAULT_REQUEST_SETTINGS, 0);
    await world.store.store.transaction((tx) => tx.insertPrivacyRequests([ask(userId('u-ana')), ask(userId('u-bo')), ask(userId('u-ana'), userId('u-bo'))]));
    await unmerge(loser);
    const [ana, bo] = [await person('u-ana'), await person('u-bo')];
    const asked = async () => (await privacyRequests.find({}, { sort: { _id: 1 } }).toArray()).map(({ content }) => content.profileId);
    expect(await asked()).toEqual([ana, winner, bo]);
  });

  it('is read on both clocks after it was taken back: as it was known while it stood, and as it turned out since', async () => {
    const { ana, bo, mergedAt } = await mergeTwo();
    const loser = (await world.store.collections.aliases.findOne({}))?._id.split('|')[1] as string;
    world.clock.now += 10_000;
    const undoneAt = world.clock.now;
    await unmerge(loser);
    world.clock.now += 10_000;
    await decide(userId('u-bo'), 'granted');
    const decisions = async (effectiveAt: number, knownAt: number) => [(await foldedFor(ana, { effectiveAt, knownAt }))?.decision, (await foldedFor(bo, { effectiveAt, knownAt }))?.decision];
    expect([await decisions(mergedAt, mergedAt), await decisions(undoneAt - 1, undoneAt - 1)]).toEqual([['denied', 'denied'], ['denied', 'denied']]);
    // Whoever knows that they never were one reads the same moment otherwise.
    expect([await decisions(mergedAt, undoneAt), await decisions(undoneAt, undoneAt)]).toEqual([['granted', 'denied'], ['granted', 'denied']]);
    expect([await decisions(world.clock.now, undoneAt), await decisions(undoneAt, world.clock.now), await decisions(world.clock.now, world.clock.now)]).toEqual([['granted', 'denied'], ['granted', 'denied'], ['granted', 'granted']]);
  });

  it('is taken back after those that came later, each in its turn', async () => {
    world = await createWorld();
    const alias = (messageId: string, id: string, previousId: string) => proven({ type: 'alias', messageId, userId: id, previousId, timestamp: at() });
    for (const [index, id] of ['u-cy', 'u-ana', 'u-bo'].entries()) {
      world.clock.now += 1_000;
      await send([proven(identify(`m${index}`, id, {}))]);
    }
    const [cy, ana, bo] = [await person('u-cy'), await person('u-ana'), await person('u-bo')];
    await decide(userId('u-ana'), 'granted');
    await decide(userId('u-bo'), 'denied');
    world.clock.now += 1_000;
    await send([alias('a1', 'u-ana', 'u-bo')]);
    world.clock.now += 1_000;
    await send([alias('a2', 'u-cy', 'u-ana')]);
    // Bo was merged into Ana, and Ana into Cy, who was there first.
    const merges = (await world.store.collections.merges.find({ loser: { $exists: true } }).sort({ at: 1 }).toArray()).map(({ winner, loser }) => [winner, loser]);
    expect(merges).toEqual([[ana, bo], [cy, ana]]);
    world.clock.now += 1_000;
    await expect(unmerge(bo)).rejects.toMatchObject({ code: 'MERGE_NOT_UNDOABLE' });
    expect(await world.store.collections.profiles.countDocuments({})).toBe(1);
    expect([await unmerge(ana), await unmerge(bo)]).toEqual([{ winner: cy, loser: ana }, { winner: ana, loser: bo }]);
    expect([await person('u-cy'), await person('u-ana'), await person('u-bo')]).toEqual([cy, ana, bo]);
    expect([await standing(cy), (await standing(ana))?.decision, (await standing(bo))?.decision]).toEqual([undefined, 'granted', 'denied']);
  });

  it('is not taken back where the journal does not hold both, nor for somebody who was not merged away', async () => {
    const { ana } = await mergeTwo();
    const loser = (await world.store.collections.aliases.findOne({}))?._id.split('|')[1] as string;
    await world.store.collections.merges.updateOne({ loser }, { $unset: { 'before.winner': 1 } });
    await expect(unmerge(loser)).rejects.toMatchObject({ code: 'MERGE_NOT_UNDOABLE' });
    await expect(unmerge(ana === loser ? 'nobody' : ana)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('folds again, with all that follows, whom a migration has marked', async () => {
    await mergeTwo();
    const { consentStates, consents, profiles } = world.store.collections;
    const holder = (await profiles.findOne({}))?.profileId as string;
    const yes = await consents.findOne({ decision: 'granted' });
    const state = (await consentStates.findOne({ _id: `${WORKSPACE}|${holder}` }))?.state as Record<string, Record<string, object>>;
    await consentStates.updateOne({ _id: `${WORKSPACE}|${holder}` }, { $set: { state: { marketing: { ...state.marketing, processor: { ...state.marketing?.processor, decision: 'granted', recordId: yes?.recordId } } } } } as never);
    await profiles.updateOne({ profileId: holder }, { $set: { mustRefold: true, dueAt: 1 } });
    await world.settle();
    expect(await standing(holder)).toMatchObject({ decision: 'denied' });
    expect((await profiles.findOne({}))?.mustRefold).toBeUndefined();
    // It had been taken back before: the second removal finds nothing left.
    expect(await world.store.collections.deliveries.countDocuments({ cause: 'consent-withdrawn' })).toBe(2);
  });
});
