import { compileMapping, type CompiledMapping, type JsonValue } from '@firsthand/domain';
import { createApply, createEraser, createIngest, createQuarantineWorker, minuteOf, startErasure, type Apply, type Eraser, type QuarantineSelection, type QuarantineWorker, type SourceConnection, type Store, type WorkspaceConfiguration } from '@firsthand/pipeline';
import fc from 'fast-check';
import { erasuresOf, Process, ProcessDied, storeOf } from '../support/consent-model/process.js';
import { configurationOf } from '../support/consent-model/scene.js';
import { createMemoryErasures } from '../support/memory-store/create-memory-erasures.js';
import { createMemoryStore, type MemoryStore } from '../support/memory-store/create-memory-store.js';
import { seededRandom } from '../support/seeded-random.mjs';

/** How many histories; `FIRSTHAND_TEST_SEED=<seed>` repeats those of an earlier run. */
const HISTORIES = Number(process.env.FIRSTHAND_QUARANTINE_HISTORIES ?? 400);
const SEED = Number(process.env.FIRSTHAND_TEST_SEED ?? Math.floor(Math.random() * 1_000_000));
const LIMIT_MS = 2 * 60 * 60_000;

const WORKSPACE = 'w';
const USERS = ['u0', 'u1', 'u2'] as const;
const TOMBSTONES = { keyId: 'k', digest: (_: string, key: string): string => `digest:${key}` };
const mapping = (user: string): CompiledMapping => compileMapping({ type: '{{type}}', name: '{{event}}', messageId: '{{messageId}}', occurredAt: '{{timestamp}}', 'identities.userId': user });
const MAPPINGS = { broken: mapping('{{member}}'), repaired: mapping('{{userId}}') };
const quiet = { info: () => undefined, warn: () => undefined };

type Step =
  | { kind: 'send'; message: number; user: (typeof USERS)[number] | null }
  | { kind: 'map'; as: keyof typeof MAPPINGS }
  /** Everything, one row, or the group of one. */
  | { kind: 'order'; act: 'release' | 'discard'; of: 'all' | 'one' | 'group'; at: number; startsFlows: boolean }
  /** Somebody gives a record the person that it lacks. */
  | { kind: 'edit'; at: number; user: (typeof USERS)[number] }
  | { kind: 'erase'; user: (typeof USERS)[number] }
  | { kind: 'work'; worker: 0 | 1; part: 'apply' | 'quarantine' | 'erase'; crashAt: number | null }
  /** Both workers at once. */
  | { kind: 'race'; crashAt: number | null }
  | { kind: 'wait'; ms: number };

const user = fc.constantFrom(...USERS);
const crashAt = fc.option(fc.nat(40), { freq: 2 });
const someStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), message: fc.nat(5), user: fc.option(user, { freq: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('map' as const), as: fc.constantFrom('broken', 'repaired') }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('order' as const), act: fc.constantFrom('release', 'release', 'release', 'discard'), of: fc.constantFrom('all', 'one', 'group'), at: fc.nat(5), startsFlows: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const), at: fc.nat(5), user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), user }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('work' as const), worker: fc.constantFrom(0, 1), part: fc.constantFrom('apply', 'apply', 'quarantine', 'quarantine', 'erase'), crashAt }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('race' as const), crashAt }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 40_000, 70_000) }) },
);

interface Worker {
  process: Process;
  apply: Apply;
  quarantine: QuarantineWorker;
  eraser: Eraser;
}

/** One workspace with two workers; every record that is sent is acknowledged. */
class History {
  readonly store: MemoryStore;
  readonly broken: string[] = [];
  sent = 0;
  released = 0;
  private now = Date.parse('2026-03-01T12:00:00Z');
  private ids = 0;
  private configuration: WorkspaceConfiguration;
  private readonly workers: Worker[];
  private readonly erased = new Set<string>();

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.store = createMemoryStore({ runsAgain: () => random() < 0.1 });
    this.configuration = this.mapped('broken');
    this.workers = [this.newWorker(), this.newWorker()];
  }

  async play(step: Step): Promise<void> {
    if (step.kind === 'map') this.configuration = this.mapped(step.as);
    else if (step.kind === 'wait') this.now += step.ms;
    else if (step.kind === 'send') await this.send(step.message, step.user);
    else if (step.kind === 'order') await this.order(step);
    else if (step.kind === 'edit') await this.edit(step);
    else if (step.kind === 'erase') await this.erase(step.user);
    else if (step.kind === 'work') await this.work(step.worker, step.part, step.crashAt);
    else await Promise.all([this.work(0, 'quarantine', step.crashAt), this.work(1, 'quarantine', null), this.work(1, 'apply', null)]);
    await this.check(JSON.stringify(step));
  }

  /** The mapping is repaired and nobody dies any more: everything comes to its end. */
  async heal(): Promise<void> {
    this.configuration = this.mapped('repaired');
    for (let round = 0; round < 4; round += 1) {
      this.now += 70_000;
      if (round === 1) await this.order({ act: 'release', of: 'all', at: 0, startsFlows: true });
      for (const part of ['apply', 'erase', 'quarantine', 'apply'] as const) await this.work(0, part, null);
    }
    await this.check('the end');
    const { inbox, rows, jobs, events } = await this.store.read((session, tables) => ({
      inbox: session.select(tables.inbox, () => true).length, rows: session.select(tables.quarantine, () => true), jobs: session.select(tables.quarantineJobs, ({ job }) => job.dueAt !== null).length, events: session.select(tables.events, ({ connectionId }) => connectionId === 'web'),
    }));
    if (inbox + jobs > 0) this.broken.push(`${inbox} documents and ${jobs} jobs are left`);
    const usable = rows.filter(({ raw }) => (raw as { userId: string | null }).userId !== null);
    if (usable.length > 0) this.broken.push(`${usable.length} records lie in quarantine that could be used`);
    const known = events.filter(({ record }) => record.identities.some(({ value }) => this.erased.has(value)));
    if (known.length > 0) this.broken.push('somebody who was erased is there');
  }

  /** Every minute's books, read at one moment. */
  private async check(after: string): Promise<void> {
    const { ledger, rows, received, events } = await this.store.read((session, tables) => ({
      ledger: session.select(tables.ledger, ({ connectionId }) => connectionId === 'web'), rows: session.select(tables.quarantine, () => true), events: session.select(tables.events, ({ connectionId }) => connectionId === 'web').length,
      received: session.select(tables.inbox, () => true).reduce((sum, { document }) => sum + document.records.length, 0),
    }));
    const minutes = new Map<number, Map<string, number>>();
    for (const { minute, counts } of ledger) {
      const own = minutes.get(minute) ?? new Map<string, number>();
      minutes.set(minute, own);
      for (const [key, count] of Object.entries(counts)) own.set(key, (own.get(key) ?? 0) + count);
    }
    const say = (what: string): void => void this.broken.push(`${what}, after ${after}`);
    let all = received;
    let applied = 0;
    for (const [minute, own] of minutes) {
      const total = own.get('received') ?? 0;
      const ends = [...own].reduce((sum, [key, count]) => (key === 'received' ? sum : sum + count), 0);
      if (total !== ends) say(`of ${total} records ${ends} have an end`);
      const lying = rows.filter(({ receivedAt }) => minuteOf(receivedAt) === minute).length;
      if ((own.get('quarantined') ?? 0) !== lying) say(`${own.get('quarantined') ?? 0} count as quarantined and ${lying} are`);
      if ([...own.values()].some((count) => count < 0)) say('a count is below 0');
      all += total;
      applied += own.get('applied') ?? 0;
    }
    if (all !== this.sent) say(`${this.sent} records came and ${all} are known`);
    if (this.erased.size === 0 && applied !== events) say(`${applied} count as applied and there are ${events} events`);
  }

  private mapped(as: keyof typeof MAPPINGS): WorkspaceConfiguration {
    const base = configurationOf(WORKSPACE, { versions: [{ isMaterial: true, at: 0 }], segmentVersion: 1 });
    const source = base.sources.get('web') as SourceConnection;
    return { ...base, sources: new Map([['web', { ...source, mapping: MAPPINGS[as], mappingVersion: as === 'broken' ? 1 : 2 }]]) };
  }

  private newId = (): string => `id${String((this.ids += 1)).padStart(6, '0')}`;

  private shared(store: Store) {
    return { store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => this.configuration }, clock: () => this.now, newId: this.newId, tombstones: TOMBSTONES };
  }

  private newWorker(): Worker {
    const process = new Process(this.newId(), () => Promise.resolve());
    const store = storeOf(this.store, process, WORKSPACE, { clock: () => this.now, known: () => 0, begun: () => undefined, called: () => undefined, ended: () => undefined });
    const http = { request: () => Promise.reject(new TypeError('There is no network.')) };
    return {
      process, apply: createApply({ ...this.shared(store), tombstoneDigest: TOMBSTONES.digest, http, pluginLog: () => quiet, log: quiet }),
      quarantine: createQuarantineWorker({ ...this.shared(store), operatorDays: { quarantine: null }, holder: process.name, pageSize: 2 }),
      eraser: createEraser({ erasures: erasuresOf(createMemoryErasures(this.store), process, WORKSPACE), clock: () => this.now, holder: process.name }),
    };
  }

  private async work(index: 0 | 1, part: 'apply' | 'quarantine' | 'erase', at: number | null): Promise<void> {
    const worker = this.workers[index] as Worker;
    worker.process.arm(at === null ? [] : [{ at, what: { kind: 'crash' } }]);
    try {
      await (part === 'apply' ? worker.apply.drain() : part === 'quarantine' ? worker.quarantine.tick() : worker.eraser.tick());
    } catch (error) {
      if (!worker.process.isDead && !(error instanceof Error && (error as { code?: string }).code === 'CONFLICT')) this.broken.push(`a worker failed: ${error instanceof Error ? error.message : ''}`);
      if (worker.process.isDead && !(error instanceof ProcessDied)) this.broken.push(`a dead worker failed: ${error instanceof Error ? error.message : ''}`);
    }
    if (worker.process.isRestless) this.broken.push('a worker went round and round');
    if (worker.process.isDead) this.workers[index] = this.newWorker();
  }

  private async send(message: number, userId: (typeof USERS)[number] | null): Promise<void> {
    const connection = this.configuration.sources.get('web') as SourceConnection;
    const raw: JsonValue = { type: 'track', event: 'Viewed', messageId: `m${message}`, userId, timestamp: new Date(this.now).toISOString() };
    await createIngest(this.shared(this.store)).accept({ configuration: this.configuration, connection, raws: [raw], receivedAt: this.now, isVerified: true, isImport: false });
    this.sent += 1;
  }

  private async order({ act, of, at, startsFlows }: Omit<Extract<Step, { kind: 'order' }>, 'kind'>): Promise<void> {
    const rows = await this.store.read((session, { quarantine }) => session.select(quarantine, () => true));
    const row = rows[at % Math.max(1, rows.length)];
    const selection: QuarantineSelection = of === 'all' || row === undefined ? {} : of === 'one' ? { quarantineIds: [row.quarantineId] } : { groupId: row.groupId };
    await this.store.transaction((tx) => tx.insertQuarantineJob({
      jobId: `${WORKSPACE}|${this.newId()}`, workspaceId: WORKSPACE, kind: act, selection, connectionIds: null, startsFlows, reason: null, perSecond: null, by: { kind: 'user', id: 'u' }, startedAt: this.now, after: null, counts: {}, dueAt: this.now, end: null,
    }));
    if (act === 'release') this.released += rows.length;
  }

  private async edit({ at, user: userId }: Extract<Step, { kind: 'edit' }>): Promise<void> {
    await this.store.run((session) => {
      const { quarantine } = this.store.tables;
      const rows = session.select(quarantine, () => true);
      const row = rows[at % Math.max(1, rows.length)];
      if (row === undefined) return;
      const { raw, original = raw } = row;
      const old = (raw as { userId: string | null }).userId;
      session.put(quarantine, row.quarantineId, { ...row, raw: { ...(raw as object), userId } as JsonValue, original, edits: [...row.edits ?? [], { at: this.now, by: { kind: 'user', id: 'u' }, changes: [{ path: '/userId', old, new: userId }] }] });
    });
  }

  private async erase(userId: (typeof USERS)[number]): Promise<void> {
    await startErasure({ workspaceId: WORKSPACE, requestId: null, identities: [{ namespace: 'userId', value: userId }], profileId: null }, this.shared(this.store));
    this.erased.add(userId);
  }
}

it(`histories of quarantine, releases, duplicates, changes, erasures and crashes keep the books, in ${HISTORIES} of them (FIRSTHAND_TEST_SEED=${SEED})`, async () => {
  let released = 0;
  await fc.assert(fc.asyncProperty(fc.array(someStep, { minLength: 5, maxLength: 40 }), fc.nat(1_000_000), async (steps, seed) => {
    const history = new History(seed);
    for (const step of steps) await history.play(step);
    await history.heal();
    released += history.released;
    expect(history.broken).toEqual([]);
  }), { numRuns: HISTORIES, seed: SEED });
  // Who releases nothing breaks nothing.
  expect(released).toBeGreaterThan(HISTORIES);
}, LIMIT_MS);
