import { identityKey, type HoldCategory } from '@firsthand/domain';
import { confirmConsents, correctPerson, LedgerCounts, readConfirmation, recordConsents, startErasure, type MergeRow } from '@firsthand/pipeline';
import { takeMergeBack, takeReview, unless } from './admin.js';
import { CONFIRMED_PURPOSE, DECLINE_EVENT, FORM_EVENT, ORDER_EVENT, RELEASED_EVENT, SHARED_DEVICE, SINGLES, VISIT_EVENT } from './scene.js';
import { KEYS, type CorrectStep, type DecideStep, type EventStep, type FormStep, type Interruption, type Step, type Who } from './steps.js';
import type { Process } from './process.js';
import { TOMBSTONES, World, type Backend, type Mutant, type Worker } from './world.js';
import { brokenPromises, heldWrongly } from './broken-promises.js';

/** Longer than a lease: what a dead process had is free. */
const LEASE_OVER_MS = 11_000;
/** Waited for at the end, one after the other, until nothing is left to do: pauses, breakers, retries and delayed steps are over then. */
const QUIET_MS = [LEASE_OVER_MS, 61_000, 600_000, 3_600_000, 3_600_000, 3_600_000, 7_200_000, 7_200_000, 7_200_000];
/** The same of one that goes on with erasures. */
const REMOVAL_LEASE_OVER_MS = 31_000;
const HOUR_MS = 3_600_000;
const LANES = ['crm', 'ads'] as const;

export interface Played {
  world: World;
  /** What was promised and not kept; empty when all was. */
  broken: string[];
}

/** What a history is played with. */
export interface PlayOptions {
  seed?: number;
  mutant?: Mutant;
}

/**
 * Lets a history happen to the product, until nothing is left to do, and holds what the receiver got and what was written down against the model.
 *
 * @example const { broken } = await playHistory(steps, memoryBackend(seed));
 */
export async function playHistory(steps: readonly Step[], backend: Backend, { seed = 1, mutant }: PlayOptions = {}): Promise<Played> {
  const world: World = new World(backend, seed, (what, process) => happen(world, what, process), mutant ?? null);
  for (const step of steps) {
    // No two things happen at the same moment but those that are told late.
    world.now += 1;
    await playStep(world, step);
    await world.settled();
    raiseTheDead(world);
  }
  world.answers = [];
  let round = seed;
  for (const ms of QUIET_MS) {
    world.now += ms;
    // One by the other: whatever the one had taken is the other's now.
    const worker = world.workers[(round += 1) % world.workers.length] as Worker;
    worker.process.arm([]);
    await work(world, worker, 'all');
    await world.tolerate(worker.process, worker.eraser.tick());
    await world.tolerate(worker.process, worker.quarantine.tick());
    raiseTheDead(world);
    if ((await backend.rest()).waiting === 0) break;
  }
  const broken = await brokenPromises(world);
  return { world, broken: [...broken, ...await brokenHolds(world)] };
}

/** What is kept under legal holds once they have been looked at, and when none is left. */
async function brokenHolds(world: World): Promise<string[]> {
  if ((await world.backend.held()).length === 0 && world.holds.size === 0) return [];
  const look = async (): Promise<string[]> => {
    world.now += HOUR_MS;
    const worker = world.workers[0] as Worker;
    worker.process.arm([]);
    await world.tolerate(worker.process, worker.eraser.tick());
    return heldWrongly(world, await world.backend.held());
  };
  const whileHeld = await look();
  for (const category of [...world.holds.keys()]) await lift(world, category);
  return [...whileHeld, ...await look()];
}

async function lift(world: World, category: HoldCategory): Promise<void> {
  world.holds.delete(category);
  await world.backend.hold(category, false);
}

async function playStep(world: World, step: Step): Promise<void> {
  switch (step.kind) {
    case 'decide': return decide(world, step);
    case 'event': return send(world, step);
    case 'repeat': return resend(world);
    case 'publish':
      world.versions = [...world.versions, { isMaterial: step.isMaterial, at: world.now }];
      world.model.recorded.push({ kind: 'publish', version: world.versions.length, isMaterial: step.isMaterial, at: world.now });
      return;
    case 'answers':
      world.answers.push(...step.answers);
      return;
    case 'wait':
      world.now += step.ms;
      return;
    case 'work': {
      const worker = world.workers[step.worker] as Worker;
      worker.process.arm(step.interruptions);
      await work(world, worker, step.part);
      worker.process.arm([]);
      return;
    }
    case 'erase': return erase(world, step.who);
    case 'remove': {
      const worker = world.workers[step.worker] as Worker;
      worker.process.arm(step.interruptions);
      await remove(world, worker);
      worker.process.arm([]);
      return;
    }
    case 'correct': return correct(world, step);
    case 'hold':
      if (!world.holds.has(step.category)) world.holds.set(step.category, world.now);
      return world.backend.hold(step.category, true);
    case 'lift': return lift(world, step.category);
    case 'replay': return replay(world);
    case 'form': return fillForm(world, step);
    case 'visit': return visit(world, step.who);
    case 'decline': return decline(world, step.purpose);
    case 'confirm': return confirm(world, step.email);
    case 'unmerge': return unmerge(world, world.merges.at(-1 - (step.at ?? 0)));
    case 'limit':
      if (!world.isLimited) world.model.recorded.push({ kind: 'limits', singles: SINGLES });
      world.isLimited = true;
      return;
    case 'settle': return settle(world, step.pick);
    case 'release': {
      if (step.isOrdered) await orderRelease(world);
      const worker = world.workers[step.worker] as Worker;
      worker.process.arm(step.interruptions);
      await world.tolerate(worker.process, worker.quarantine.tick());
      worker.process.arm([]);
      return;
    }
    case 'rebuild': return rebuild(world);
  }
}

/** What an interruption does. A crash is the process' own. */
async function happen(world: World, what: Interruption['what'], process: Process): Promise<void> {
  if (what.kind === 'stall') world.now += what.ms;
  if (what.kind === 'decide') await world.meanwhile(() => decide(world, what.decide));
  if (what.kind === 'erase') await world.meanwhile(() => erase(world, what.who));
  if (what.kind === 'correct') await world.meanwhile(() => correct(world, what));
  if (what.kind === 'unmerge') await world.meanwhile(() => unmerge(world, world.merges.at(-1 - (what.at ?? 0))));
  if (what.kind === 'settle') await world.meanwhile(() => settle(world, what.pick));
  if (what.kind !== 'overtake') return;
  world.now += process.isRemoving ? REMOVAL_LEASE_OVER_MS : LEASE_OVER_MS;
  const other = world.workers.find((worker) => worker.process !== process);
  if (other !== undefined) await world.meanwhile(() => (process.isRemoving ? remove(world, other) : work(world, other, 'all')));
}

async function remove(world: World, { process, eraser }: Worker): Promise<void> {
  if (process.isDead) return;
  process.isRemoving = true;
  await world.tolerate(process, eraser.tick());
  process.isRemoving = false;
}

async function work(world: World, { process, apply, deliver, sweep }: Worker, part: 'all' | 'apply' | 'lanes' | 'sweep'): Promise<void> {
  const { workspaceId } = world.backend;
  if (process.isDead) return;
  if (part === 'all' || part === 'apply') await world.tolerate(process, apply.drain());
  if (part === 'all' || part === 'sweep') await world.tolerate(process, sweep.tick());
  // Also after apply alone: what it has decided at lanes goes on there.
  if (part !== 'sweep') for (const connectionId of LANES) await world.tolerate(process, part === 'apply' ? Promise.resolve() : deliver.drainLane({ workspaceId, connectionId }));
}

function raiseTheDead(world: World): void {
  for (const [index, { process }] of world.workers.entries()) if (process.isDead) world.workers[index] = world.newWorker(index);
}

function identityOf(who: Who): { namespace: 'email' | 'userId'; value: string } {
  return { namespace: who.includes('@') ? 'email' : 'userId', value: who };
}

/** An officer starts the erasure that somebody has asked for; what was not heard of is asked once more. */
async function erase(world: World, who: Who): Promise<void> {
  const { process, store } = world.newFront();
  const identity = identityOf(who);
  const subject = { workspaceId: world.backend.workspaceId, requestId: `r-${world.newId()}`, identities: [identity], profileId: null };
  world.onCommitted.set(process, ({ erasure }) => {
    // In force from its commit on: somebody's lease may have ended while it was on its way.
    if (erasure !== undefined) world.model.recorded.push({ kind: 'erasure', key: `${identity.namespace}|${who}`, recordedAt: world.now });
  });
  for (let times = 0; times < 2; times += 1) await world.tolerate(process, startErasure(subject, { ...world.shared(store), tombstones: TOMBSTONES }));
  world.onCommitted.delete(process);
}

async function decide(world: World, { who, purpose, decision, scope, version, agoMs }: DecideStep): Promise<void> {
  const { process, store } = world.newFront();
  const identity = identityOf(who);
  const key = `${identity.namespace}|${who}`;
  const isYes = decision === 'granted';
  const scopes = scope === 'third-party' ? ['third-party'] : scope === 'all' ? (isYes ? ['own', 'processor', 'third-party'] : []) : ['own', 'processor'];
  const agreed = version === 'newest' ? world.versions.length : 1;
  const effectiveAt = world.now - agoMs;
  world.onCommitted.set(process, ({ startedAt, known, knownAtCommit }) => {
    if (world.model.erasedAt(key, world.backend.isExact ? knownAtCommit : known) !== null) world.faults.push(`a decision of ${key} was taken although they were erased`);
    world.model.recorded.push({ kind: 'decision', key, purpose, isYes, scopes, version: agreed, effectiveAt: Math.min(effectiveAt, startedAt), recordedAt: startedAt });
  });
  await world.tolerate(process, recordConsents({
    workspaceId: world.backend.workspaceId, identity, decisions: [{ purpose, decision, recipients: scopes }], agreement: { agreementId: 'terms', version: agreed, language: 'en' }, method: 'toggle', submissionId: '', effectiveAt,
  }, { ...world.shared(store), tombstones: TOMBSTONES }), key);
  world.onCommitted.delete(process);
}

/** An officer puts right what is stored of somebody, by the profile that they have found. */
async function correct(world: World, { who, wrong }: CorrectStep): Promise<void> {
  const { process, store } = world.newFront();
  const { workspaceId } = world.backend;
  const key = identityKey(identityOf(who));
  const profileId = (await world.backend.store.transaction((tx) => tx.findIdentities(workspaceId, [key]))).get(key);
  // Who is known by what a form claimed alone is nobody yet to the model: what is put right of them may come to the owner or stay with the device.
  if (profileId === undefined || !world.model.isSamePerson(key, key)) return;
  const correctionId = world.newId();
  const [city, right] = [`city of ${correctionId}`, `${correctionId}@example.com`];
  world.onCommitted.set(process, ({ startedAt }) => void world.model.recorded.push(wrong === null ? { kind: 'correction', key, city, recordedAt: startedAt } : { kind: 'disowning', key, wrong: `email|${wrong}`, right: `email|${right}`, recordedAt: startedAt }));
  const what = { fields: wrong === null ? { 'profile.city': city } : {} as Record<string, string>, identities: wrong === null ? [] : [{ namespace: 'email', from: wrong, to: right }] };
  const order = { workspaceId, profileId, correctionId, ...what, reason: 'inaccurate' as const, by: 'user' as const, actorId: 'u' };
  // The address may be none of theirs.
  await world.tolerate(process, correctPerson(order, { ...world.shared(store), tombstones: TOMBSTONES }).catch(unless('NOT_FOUND', 'INVALID_REQUEST')));
  world.onCommitted.delete(process);
}

async function send(world: World, { who, name, email, agoMs, carries, tells = false }: EventStep): Promise<void> {
  const occurredAt = world.now - agoMs;
  const messageId = `m${world.messages.size + 1}`;
  world.messages.set(messageId, { messageId, keys: [`userId|${who}`, ...(email === null ? [] : [`email|${email}`])], occurredAt, carries: carries === null ? {} : { marketing: carries }, isAside: false, ...(tells ? { city: `city of ${messageId}` } : {}) });
  world.raws.set(messageId, {
    type: 'track', event: name, messageId, userId: who, timestamp: new Date(occurredAt).toISOString(), properties: name === ORDER_EVENT ? { order_id: messageId } : {},
    context: { traits: { firstName: 'Ana', ...(email === null ? {} : { email }), ...(tells ? { city: `city of ${messageId}` } : {}) }, ...(carries === null ? {} : { consent: { categoryPreferences: { marketing: carries } } }) },
  });
  await accept(world, messageId);
}

/** Each form is filled in at a device of its own, and its notice was shown just then. */
async function fillForm(world: World, { email, agoMs }: FormStep): Promise<void> {
  if (world.model.recorded.some(({ kind }) => kind === 'unmerge' || kind === 'settlement')) return;
  const occurredAt = world.now - agoMs;
  const messageId = `m${world.messages.size + 1}`;
  const timestamp = new Date(occurredAt).toISOString();
  world.messages.set(messageId, { messageId, keys: [`anonymousId|d-${messageId}`], claims: `email|${email}`, occurredAt, carries: { [CONFIRMED_PURPOSE]: true }, isAside: false });
  world.raws.set(messageId, {
    type: 'track', event: FORM_EVENT, messageId, anonymousId: `d-${messageId}`, timestamp, properties: {},
    context: { traits: { email }, consent: { categoryPreferences: { [CONFIRMED_PURPOSE]: true }, servedNotice: { shownAt: timestamp } } },
  });
  await accept(world, messageId);
}

async function visit(world: World, who: string): Promise<void> {
  const messageId = `m${world.messages.size + 1}`;
  world.messages.set(messageId, { messageId, keys: [`userId|${who}`], device: SHARED_DEVICE, occurredAt: world.now, carries: {}, isAside: false });
  world.raws.set(messageId, { type: 'track', event: VISIT_EVENT, messageId, userId: who, anonymousId: SHARED_DEVICE, timestamp: new Date(world.now).toISOString(), properties: {}, context: { traits: { firstName: 'Ana' } } });
  await accept(world, messageId);
}

/** Where nobody has been there yet the device is nobody's, and becomes one with who comes first: what is told there before that is not among these histories. */
async function decline(world: World, purpose: string): Promise<void> {
  if (!world.applied.some(({ device }) => device === SHARED_DEVICE)) return;
  const messageId = `m${world.messages.size + 1}`;
  world.messages.set(messageId, { messageId, keys: [], device: SHARED_DEVICE, occurredAt: world.now, carries: { [purpose]: false }, isAside: false });
  world.raws.set(messageId, {
    type: 'track', event: DECLINE_EVENT, messageId, anonymousId: SHARED_DEVICE, timestamp: new Date(world.now).toISOString(), properties: {}, context: { consent: { categoryPreferences: { [purpose]: false } } },
  });
  await accept(world, messageId);
}

/** Follows the link and presses the button of its page. The host makes the link of what stands in the row when the message goes out; here that is whenever somebody looks. */
async function confirm(world: World, email: string): Promise<void> {
  const { workspaceId } = world.backend;
  const { process, store } = world.newFront();
  const identityKey = `email|${email}`;
  const id = `${workspaceId}|${identityKey}`;
  const row = await world.backend.store.transaction(async (tx) => (await tx.findConfirmations([id])).get(id));
  if (row !== undefined && row.nonce !== '') world.links.set(email, row.nonce);
  const nonce = world.links.get(email);
  if (nonce === undefined) return;
  const place = { workspaceId, identityKey, nonce };
  const options = { ...world.shared(store), tombstones: TOMBSTONES };
  let isTaken = false;
  await world.tolerate(process, (async () => {
    const asks = await readConfirmation(place, options);
    world.onCommitted.set(process, ({ startedAt }) => {
      isTaken = true;
      world.model.recorded.push({ kind: 'confirmation', key: identityKey, recordedAt: startedAt });
    });
    await confirmConsents(place, asks.map(({ recordId }) => recordId), options);
  })().catch(unless('UNAUTHENTICATED')), identityKey);
  world.onCommitted.delete(process);
  if (!isTaken && world.backend.isExact && world.model.canConfirm(identityKey, world.now)) world.faults.push(`a link that ${email} may follow opened nothing`);
}

function hasForms({ messages }: World): boolean {
  return [...messages.values()].some(({ claims }) => claims !== undefined);
}

/** Takes a merge back, where the product lets it be. */
async function unmerge(world: World, merge: MergeRow | undefined): Promise<void> {
  // A device that claims an address is nobody's for the model, so nobody is taken apart where there was one, and none comes after that: forms and unmerges have histories of their own.
  if (merge === undefined || hasForms(world)) return;
  // Three who were made one at once are two merges; by which of them the third hangs on the model does not know.
  if (world.merges.some((one) => one !== merge && one.at === merge.at && one.winner === merge.winner)) return;
  await takeMergeBack(world, merge);
}

/** Takes what the review of a link says that was held. What holds for merges that are taken back holds here, too. */
async function settle(world: World, pick: number): Promise<void> {
  if (!hasForms(world)) await takeReview(world, KEYS, pick);
}

/** An admin's order to release all that lies in quarantine, flows that take what is past included. */
async function orderRelease(world: World): Promise<void> {
  const { workspaceId } = world.backend;
  const { process, store } = world.newFront();
  await world.tolerate(process, store.transaction((tx) => tx.insertQuarantineJob({
    jobId: `${workspaceId}|${world.newId()}`, workspaceId, kind: 'release', selection: {}, connectionIds: null, startsFlows: true, reason: null, perSecond: null, by: { kind: 'user', id: 'u' }, startedAt: world.now, after: null, counts: {}, dueAt: world.now, end: null,
  })));
}

/** A sender that did not hear the answer sends again. */
async function resend(world: World): Promise<void> {
  const messageId = [...world.messages.keys()].at(-1);
  if (messageId !== undefined) await accept(world, messageId);
}

async function accept(world: World, messageId: string): Promise<void> {
  const { configuration } = world;
  const raw = world.raws.get(messageId);
  const connection = configuration.sources.get(raw?.event === RELEASED_EVENT ? 'till' : 'web');
  if (connection !== undefined && raw !== undefined) await world.ingest.accept({ configuration, connection, raws: [raw], receivedAt: world.now, isVerified: raw.event !== FORM_EVENT && raw.event !== DECLINE_EVENT, isImport: false });
}

/** As the admin's replay does it: pending again, the number of tries going on. */
async function replay(world: World): Promise<void> {
  const ended = (await world.backend.rest()).deliveries.filter(({ state }) => state === 'dead' || state === 'blocked');
  const { store } = world.newFront();
  await store.transaction(async (tx) => {
    const rows = (await tx.findDeliveries(ended.map(({ deliveryId }) => deliveryId))).filter(({ state }) => state === 'dead' || state === 'blocked');
    await tx.updateDeliveries(rows.map(({ deliveryId, attempt }) => ({ deliveryId, state: 'pending', reason: null, attempt: attempt + 1, dueAt: world.now })));
    const counts = new LedgerCounts();
    for (const { connectionId, createdAt, state, reason } of rows) counts.add(connectionId, createdAt, `${state}.${reason}`, -1);
    await tx.insertLedger(world.backend.workspaceId, counts.list());
  });
}

/** A new version of the segment, and everybody due for it, as a backfill makes them. */
async function rebuild(world: World): Promise<void> {
  world.segmentVersion += 1;
  const { workspaceId } = world.backend;
  const { store } = world.newFront();
  await store.transaction(async (tx) => {
    const people = await tx.findProfiles(workspaceId, await tx.findProfileIds(workspaceId, null, 100));
    await tx.writeProfiles({ inserted: [], updated: [...people.values()].map(({ evaluated: _, ...profile }) => ({ profile, dueAt: world.now })), deleted: [] });
  });
}
