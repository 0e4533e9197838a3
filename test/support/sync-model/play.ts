import { ECHO_MS, fieldOf, FirsthandError, identityKey, type JsonValue, type Profile } from '@firsthand/domain';
import { createApply, createDeliver, createIngest, createSweep, recordConsents, type Apply, type Deliver, type Store, type Sweep } from '@firsthand/pipeline';
import { RetryableError, type HttpClient } from '@firsthand/plugin-sdk';
import { Process, storeOf, type Watch } from '../consent-model/process.js';
import { seededRandom } from '../seeded-random.mjs';
import { Copy, plainly, type Webhook, type Written } from './copy.js';
import { configurationOf } from './scene.js';
import { FIELDS, PEOPLE, SYSTEMS, VALUES, type Field, type Step, type System, type Who } from './steps.js';

/** Where a history takes place: one workspace of a store that nobody else uses. */
export interface SyncBackend {
  workspaceId: string;
  store: Store;
}

/** What came of a history. */
export interface PlayedSync {
  /** What was promised and not kept; empty when all was. */
  broken: string[];
  writes: readonly Written[];
}

interface Worker { process: Process; apply: Apply; deliver: Deliver; sweep: Sweep }

const START = Date.parse('2026-03-01T12:00:00Z');
/** Waited for at the end until nothing is left to do: leases, breakers and retries are over then. */
const QUIET_MS = [11_000, 61_000, 600_000, ...Array.from({ length: 12 }, () => 7_200_000)];
/** Clocks of the systems, of ours. */
const SKEW_MS: Record<System, number> = { crm: 90_500, shop: -40_250 };
const quiet = { info: () => undefined, warn: () => undefined };
const PASSING: ReadonlySet<string> = new Set(['CONFLICT', 'FenceLost', 'ProcessDied']);
const TOMBSTONES = { keyId: 'k', digest: (_: string, key: string): string => `digest:${key}` };

/** Two systems, a web site, and the product between them. */
class SyncWorld {
  readonly copies = { crm: new Copy('crm', SKEW_MS.crm), shop: new Copy('shop', SKEW_MS.shop) };
  readonly writes: Written[] = [];
  readonly faults: string[] = [];
  readonly isGranted = new Map<string, boolean>();
  workers: [Worker, Worker];
  now = START;
  /** What people have written, with the time that their words have: it decides. `isPlain`: no system has held that value of the field before, so that what it says of it can be told from an older word of its own. */
  readonly edits: { who: Who; field: Field; value: string; at: number; isPlain: boolean }[] = [];
  readonly polled = new Set<string>();
  /** Reasons for a write, each for one at most: an edit for every system, a yes for every system, a write that nobody knows the end of. */
  reasons = 0;
  private ids = 0;
  private readonly random: () => number;
  readonly configuration;

  constructor(readonly backend: SyncBackend, seed: number) {
    this.random = seededRandom(seed);
    this.configuration = configurationOf(backend.workspaceId);
    this.workers = [this.newWorker(0), this.newWorker(1)];
  }

  newId = (): string => `id${String((this.ids += 1)).padStart(6, '0')}`;

  shared(store: Store) {
    return { store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => this.configuration }, clock: () => this.now, newId: this.newId };
  }

  newWorker(index: number): Worker {
    const process = new Process(`worker ${index} (${this.newId()})`, () => Promise.resolve());
    const watch: Watch = { clock: () => this.now, known: () => 0, begun: () => undefined, called: () => undefined, ended: () => undefined };
    const store = storeOf(this.backend.store, process, this.backend.workspaceId, watch);
    const log = { warn: ({ error }: Record<string, string | number>, message: string) => { if (error !== undefined && !PASSING.has(String(error))) this.faults.push(`${message}: ${error}`); } };
    const http = this.httpOf(process);
    const deliver = createDeliver({ ...this.shared(store), http, pluginLog: () => quiet, log, holder: process.name, random: this.random });
    const apply = createApply({ ...this.shared(store), tombstoneDigest: TOMBSTONES.digest, http, pluginLog: () => quiet, log, ...(index === 0 ? { deliver } : {}) });
    return { process, deliver, apply, sweep: createSweep({ ...this.shared(store), log, workspaceIds: () => [this.backend.workspaceId] }) };
  }

  async tolerate(process: Process, work: Promise<unknown>): Promise<void> {
    try {
      await work;
      if (process.isRestless) this.faults.push(`${process.name} went round and round`);
    } catch (error) {
      const code = error instanceof FirsthandError ? error.code : error instanceof Error ? error.name : 'unknown';
      if (process.isRestless || (!PASSING.has(code) && !process.isDead)) this.faults.push(`${process.name}: ${code} ${error instanceof Error ? error.message : ''}`);
    }
  }

  async work({ process, apply, deliver, sweep }: Worker): Promise<void> {
    if (process.isDead) return;
    await this.tolerate(process, apply.drain());
    await this.tolerate(process, sweep.tick());
    for (const connectionId of SYSTEMS) await this.tolerate(process, deliver.drainLane({ workspaceId: this.backend.workspaceId, connectionId }));
  }

  /** What a source says of somebody, as it stands in its inbox. */
  async hear(connectionId: 'web' | System, { userId, values, at }: Webhook, messageId: string): Promise<void> {
    const connection = this.configuration.sources.get(connectionId);
    if (connection === undefined) return;
    // As a plugin's mapping reads what stands for no value there.
    const said = Object.entries(values);
    const raw: JsonValue = {
      messageId, userId, timestamp: new Date(at).toISOString(),
      traits: Object.fromEntries(said.flatMap(([field, value]) => (value === '' || value === null ? [] : [[field, value]]))), cleared: Object.fromEntries(said.flatMap(([field, value]) => (value === '' || value === null ? [[field, true]] : []))),
    };
    await createIngest(this.shared(this.backend.store)).accept({ configuration: this.configuration, connection, raws: [raw], receivedAt: this.now, isVerified: true, isImport: false });
  }

  private httpOf(process: Process): HttpClient {
    return {
      request: async ({ url, json }, options) => {
        const begun = this.now;
        await process.moment();
        if (this.now - begun > (options?.startWithinMs ?? Infinity)) throw new RetryableError('No socket in time.');
        const copy = this.copies[new URL(url).hostname.split('.')[0] as System];
        const { userId, ...values } = json as { userId: string } & Webhook['values'];
        const answer = copy.answers.shift() ?? 'fine';
        const isTaken = answer === 'fine' || answer === 'lost';
        this.writes.push({ system: copy.system, userId, fields: Object.keys(values) as Field[], at: this.now, isTaken });
        if (this.isGranted.get(userId) !== true) this.faults.push(`${userId} was written to ${copy.system} without consent`);
        if (isTaken) copy.take(userId, values, this.now);
        if (answer !== 'fine') this.reasons += 1;
        await process.moment();
        if (answer === 'lost' || answer === 'away') throw new RetryableError('No answer.');
        return { status: answer === 'refused' ? 400 : 200, headers: {}, text: '', json: () => null };
      },
    };
  }
}

async function playStep(world: SyncWorld, step: Step): Promise<void> {
  switch (step.kind) {
    case 'edit': {
      const values = VALUES[step.field];
      const value = values[step.value % values.length] ?? null;
      const before = Object.values(world.copies).some((copy) => copy.hasHeld(step.who, step.field, value));
      if (step.where === 'web') await world.hear('web', { userId: step.who, values: { [step.field]: value }, at: world.now }, world.newId());
      else if (!world.copies[step.where].edit(step.who, step.field, value, world.now)) return;
      world.edits.push({ who: step.who, field: step.field, value: plainly(step.field, value), at: world.now + (step.where === 'web' ? 0 : SKEW_MS[step.where]), isPlain: !before });
      // It may have to be written to each system, and to the one where it was made if it is overruled there.
      world.reasons += SYSTEMS.length;
      return;
    }
    case 'hear': {
      const { webhooks } = world.copies[step.system];
      const at = step.pick % Math.max(1, webhooks.length);
      const [webhook] = step.again ? webhooks.slice(at, at + 1) : webhooks.splice(at, 1);
      if (webhook !== undefined) await world.hear(step.system, webhook, idOf(step.system, webhook));
      return;
    }
    case 'poll': {
      const snapshot = world.copies[step.system].snapshot(step.who, world.now);
      world.polled.add(step.who);
      if (snapshot !== undefined) await world.hear(step.system, snapshot, world.newId());
      return;
    }
    case 'decide': {
      // What was said before is heard before.
      await world.work(world.workers[0]);
      await recordConsents({
        workspaceId: world.backend.workspaceId, identity: { namespace: 'userId', value: step.who }, decisions: [{ purpose: 'service', decision: step.isGranted ? 'granted' : 'withdrawn', recipients: step.isGranted ? ['own', 'processor'] : [] }],
        agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '', effectiveAt: world.now,
      }, { ...world.shared(world.backend.store), tombstones: TOMBSTONES });
      world.isGranted.set(step.who, step.isGranted);
      world.reasons += SYSTEMS.length;
      return;
    }
    case 'work': {
      const worker = world.workers[step.worker];
      worker.process.arm(step.crashAt === null ? [] : [{ at: step.crashAt, what: { kind: 'crash' } }]);
      await world.work(worker);
      worker.process.arm([]);
      return;
    }
    case 'answer':
      world.copies[step.system].answers = [...step.answers];
      return;
    case 'wait':
      world.now += step.ms;
  }
}

/** The same webhook sent twice is one message. */
function idOf(system: System, { userId, values, at }: Webhook): string {
  return JSON.stringify([system, userId, at, values]);
}

function raiseTheDead(world: SyncWorld): void {
  world.workers = world.workers.map((worker, index) => {
    if (!worker.process.isDead) return worker;
    // It may have written what nobody knows of now, to each system for everybody.
    world.reasons += SYSTEMS.length * PEOPLE.length;
    return world.newWorker(index);
  }) as [Worker, Worker];
}

/**
 * Lets a history happen, until nothing is left to do, and holds the copies against each other and the profiles.
 *
 * @example const { broken } = await playSync(steps, { workspaceId, store }, 1);
 */
export async function playSync(steps: readonly Step[], backend: SyncBackend, seed: number): Promise<PlayedSync> {
  const world = new SyncWorld(backend, seed);
  for (const step of steps) {
    world.now += 1_000;
    await playStep(world, step);
    raiseTheDead(world);
  }
  for (const copy of Object.values(world.copies)) copy.answers = [];
  for (const [round, ms] of QUIET_MS.entries()) {
    for (const system of SYSTEMS) {
      const { webhooks } = world.copies[system];
      for (const webhook of webhooks.splice(0)) await world.hear(system, webhook, idOf(system, webhook));
    }
    world.now += ms;
    await world.work(world.workers[round % 2] as Worker);
    raiseTheDead(world);
  }
  return { broken: [...world.faults, ...(await differences(world, steps))], writes: world.writes };
}

/** What is not equal of those who have said yes; and writes for which there was no reason. */
async function differences(world: SyncWorld, steps: readonly Step[]): Promise<string[]> {
  const lines: string[] = [];
  for (const who of PEOPLE) {
    if (world.isGranted.get(who) !== true) continue;
    const profile = await profileOf(world, who);
    for (const system of SYSTEMS) {
      const record = world.copies[system].records.get(who);
      if (profile === undefined || (record === undefined && FIELDS.every((field) => plainly(field, fieldOf(profile, field)?.value) === ''))) continue;
      for (const field of FIELDS) {
        const [ours, theirs] = [plainly(field, fieldOf(profile, field)?.value), plainly(field, record?.[field])];
        if (ours !== theirs && !wasRefused(steps)) lines.push(`${who}.${field}: ${JSON.stringify(ours)} here, ${JSON.stringify(theirs)} at ${system}`);
      }
    }
  }
  for (const who of PEOPLE) {
    // A copy that is read as a whole says all of it as of the moment, and what comes later than an echo may is taken for a word of its own: who is newest is not known then.
    if (world.polled.has(who) || steps.some((step) => step.kind === 'wait' && step.ms >= ECHO_MS)) continue;
    for (const field of FIELDS) {
      const own = world.edits.filter((edit) => edit.who === who && edit.field === field);
      if (own.length === 0 || !own.every(({ isPlain }) => isPlain)) continue;
      const newest = own.reduce((one, other) => (other.at > one.at ? other : one));
      const profile = await profileOf(world, who);
      const ours = profile === undefined ? '' : plainly(field, fieldOf(profile, field)?.value);
      if (ours !== newest.value) lines.push(`${who}.${field}: ${JSON.stringify(ours)} won, and ${JSON.stringify(newest.value)} is newer`);
    }
  }
  if (world.writes.length > world.reasons) lines.push(`${world.writes.length} writes for ${world.reasons} reasons`);
  for (const copy of Object.values(world.copies)) if (copy.webhooks.length > 0) lines.push(`${copy.system} has not come to rest`);
  return lines;
}

/** What a system refuses for good is a dead letter: somebody has to see to it. */
function wasRefused(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === 'answer' && step.answers.includes('refused'));
}

function profileOf(world: SyncWorld, who: Who): Promise<Profile | undefined> {
  const { store, workspaceId } = world.backend;
  return store.transaction(async (tx) => {
    const [profileId] = (await tx.findIdentities(workspaceId, [identityKey({ namespace: 'userId', value: who })])).values();
    return profileId === undefined ? undefined : [...(await tx.findProfiles(workspaceId, [profileId])).values()][0];
  });
}
