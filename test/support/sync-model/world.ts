import { FirsthandError, type JsonValue, type OwnerRank } from '@firsthand/domain';
import { createApply, createDeliver, createEraser, createIngest, createSweep, recordConsents, startErasure, type Apply, type Deliver, type Eraser, type Ingest, type Store, type Sweep, type WorkspaceConfiguration } from '@firsthand/pipeline';
import { RetryableError, type HttpClient } from '@firsthand/plugin-sdk';
import { takeMergeBack, takeReview, unless } from '../consent-model/admin.js';
import { erasuresOf, Process, storeOf } from '../consent-model/process.js';
import type { DecideStep, Interruption } from '../consent-model/steps.js';
import { TOMBSTONES, type Backend, type Mutant } from '../consent-model/world.js';
import { seededRandom } from '../seeded-random.mjs';
import { Copy, plainly, type Webhook, type Written } from './copy.js';
import { Records } from './records.js';
import { configurationOf, DELETED, RECIPIENTS, SOURCES, type Operation } from './scene.js';
import { FIELDS, KEYS, PEOPLE, SKEW_MS, SYSTEMS, type Field, type System, type Who } from './steps.js';

/** What a history is played with. */
export interface PlaySyncOptions {
  seed?: number;
  /** What the product's store is wrapped in, to break a promise on purpose. */
  mutant?: Mutant;
  /** Whom the product believes, where that is to be wrong. */
  ownerRank?: OwnerRank;
}

export interface Worker { process: Process; apply: Apply; deliver: Deliver; sweep: Sweep; eraser: Eraser }

const START = Date.parse('2026-03-01T12:00:00Z');
const quiet = { info: () => undefined, warn: () => undefined };
const PASSING: ReadonlySet<string> = new Set(['CONFLICT', 'FenceLost', 'ProcessDied']);

/** Systems, a web site, and the product between them. */
export class SyncWorld {
  readonly copies = Object.fromEntries(SYSTEMS.map((system) => [system, new Copy(system, SKEW_MS[system])])) as Record<System, Copy>;
  readonly writes: Written[] = [];
  readonly faults: string[] = [];
  readonly records: Records;
  readonly ingest: Ingest;
  workers: [Worker, Worker];
  now = START;
  /** What people have written, with the time that their words have: it decides. */
  readonly edits: { who: Who; where: 'web' | System; field: Field; value: string; at: number }[] = [];
  /** System and person of whom it was read as a whole. */
  readonly polled = new Set<string>();
  /** Of whom a word was on its way for so long that no echo may, or an echo while they were told apart from somebody: of what was overwritten before that nobody knows any more that we wrote it. */
  readonly late = new Set<string>();
  /** Said since a worker last went through what is to be done. */
  private heard: { system: System; webhook: Webhook }[] = [];
  readonly erasedProfiles = new Set<string>();
  /** Reasons for a write, each for one at most: an edit for every system, a yes for every system, a write that nobody knows the end of. */
  reasons = 0;
  /** Writes that changed nothing, and for which no edit there was a reason. */
  needless = 0;
  /** What makes it unclear what a system has, each good for one such write: an answer that got lost, what a dead process had begun, a request to forget somebody, a word of before that came late, two who become one or are told apart. */
  doubts = 0;
  /** How often somebody was put on a list, and the reasons there were for it, each for one at most. */
  listed = 0;
  listReasons = 0;
  private ids = 0;
  private readonly random: () => number;
  private readonly mutant: Mutant | undefined;
  readonly configuration: WorkspaceConfiguration;

  private readonly others: Promise<void>[] = [];

  constructor(readonly backend: Backend, { seed = 1, mutant, ownerRank }: PlaySyncOptions) {
    this.mutant = mutant;
    this.random = seededRandom(seed);
    const configuration = configurationOf(backend.workspaceId);
    this.configuration = ownerRank === undefined ? configuration : { ...configuration, ownerRank };
    this.records = new Records(backend, () => this.now);
    this.ingest = createIngest({ ...this.shared(backend.store), store: { inbox: this.records.inboxOf(backend.store.inbox) } });
    this.workers = [this.newWorker(0), this.newWorker(1)];
  }

  get model() { return this.records.model; }

  get onCommitted() { return this.records.onCommitted; }

  newId = (): string => `id${String((this.ids += 1)).padStart(6, '0')}`;

  shared(store: Store) {
    return { store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: () => this.configuration }, clock: () => this.now, newId: this.newId };
  }

  newWorker(index: number): Worker {
    const { process, store } = this.newProcess(`worker ${index}`);
    const log = { warn: ({ error }: Record<string, string | number>, message: string) => { if (error !== undefined && !PASSING.has(String(error))) this.faults.push(`${message}: ${error}`); } };
    const http = this.httpOf(process);
    const deliver = createDeliver({ ...this.shared(this.mutant?.ofLanes(store, this) ?? store), http, pluginLog: () => quiet, log, holder: process.name, random: this.random });
    const apply = createApply({ ...this.shared(this.mutant?.ofApply(store, this) ?? store), tombstoneDigest: TOMBSTONES.digest, http, pluginLog: () => quiet, log, ...(index === 0 && this.mutant === undefined ? { deliver } : {}) });
    const eraser = createEraser({ erasures: erasuresOf(this.backend.erasures, process, this.backend.workspaceId), clock: () => this.now, holder: process.name });
    return { process, deliver, apply, eraser, sweep: createSweep({ ...this.shared(store), log, workspaceIds: () => [this.backend.workspaceId] }) };
  }

  /** A process of ours, and the store as it has it. */
  newProcess(name: string): { process: Process; store: Store } {
    const process = new Process(`${name} (${this.newId()})`, (what) => this.happen(what));
    return { process, store: storeOf(this.backend.store, process, this.backend.workspaceId, this.records.watch) };
  }

  /** What comes between two lines of a worker: it is over then, or cannot go on before the worker does. */
  private async happen(what: Interruption['what']): Promise<void> {
    this.now += 1;
    const begun = this.begin(what);
    if (begun === undefined) return;
    let isOver = false;
    this.others.push(begun.finally(() => { isOver = true; }));
    await this.backend.blocked(() => isOver);
    this.now += 1;
  }

  private begin(what: Interruption['what']): Promise<void> | undefined {
    switch (what.kind) {
      case 'decide': return this.decide(what.decide);
      case 'erase': return this.erase(what.who);
      case 'unmerge': return this.unmerge();
      case 'settle': return this.settleLinks(what.pick);
      default: return undefined;
    }
  }

  /** Waits for what was begun meanwhile. */
  async settled(): Promise<void> {
    for (const other of this.others.splice(0)) await other;
  }

  /** A process that takes in what people and admins do over REST. */
  newFront(): { process: Process; store: Store } {
    const { process, store } = this.newProcess('front');
    return { process, store: this.mutant?.ofFronts?.(store, this) ?? store };
  }

  /** The person decides, over REST. */
  async decide({ who, purpose, decision, scope, agoMs }: DecideStep): Promise<void> {
    const { process, store } = this.newFront();
    const isYes = decision === 'granted';
    const scopes = scope === 'third-party' ? ['third-party' as const] : scope === 'all' ? (isYes ? ['own' as const, 'processor' as const, 'third-party' as const] : []) : ['own' as const, 'processor' as const];
    const effectiveAt = this.now - agoMs;
    this.reasons += SYSTEMS.length;
    if (isYes) this.listReasons += SYSTEMS.length;
    this.records.onCommitted.set(process, ({ startedAt }) => {
      this.records.model.recorded.push({ kind: 'decision', key: `userId|${who}`, purpose, isYes, scopes, version: 1, effectiveAt: Math.min(effectiveAt, startedAt), recordedAt: startedAt });
    });
    await this.tolerate(process, recordConsents({
      workspaceId: this.backend.workspaceId, identity: { namespace: 'userId', value: who }, decisions: [{ purpose, decision, recipients: scopes }],
      agreement: { agreementId: 'terms', version: 1, language: 'en' }, method: 'toggle', submissionId: '', effectiveAt,
    }, { ...this.shared(store), tombstones: TOMBSTONES }).catch(unless('PERSON_ERASED')));
    this.records.onCommitted.delete(process);
  }

  /** An officer starts the erasure that somebody has asked for. */
  async erase(who: string): Promise<void> {
    const { process, store } = this.newFront();
    this.records.onCommitted.set(process, ({ erasure }) => {
      for (const profileId of erasure?.profileIds ?? []) this.erasedProfiles.add(profileId);
      if (erasure !== undefined) this.records.model.recorded.push({ kind: 'erasure', key: `userId|${who}`, recordedAt: this.now });
    });
    await this.tolerate(process, startErasure({ workspaceId: this.backend.workspaceId, requestId: null, identities: [{ namespace: 'userId', value: who }], profileId: null }, { ...this.shared(store), tombstones: TOMBSTONES }));
    this.records.onCommitted.delete(process);
  }

  /** An admin takes the latest merge back. */
  async unmerge(): Promise<void> {
    const merge = this.records.merges.at(-1);
    if (merge === undefined || await takeMergeBack(this, merge, () => this.tellApart())) return;
    this.records.merges = this.records.merges.filter((one) => one !== merge);
  }

  /** An admin takes what the review of a link says that was held. */
  settleLinks(pick: number): Promise<void> {
    return takeReview(this, KEYS, pick, ({ joins, givesWay }) => {
      if (givesWay.length > 0) this.tellApart();
      this.joinReasons(joins.length);
    });
  }

  /** Who is one person with another has other values then, and may be written to where they were not. */
  joinReasons(times: number): void {
    this.reasons += times * SYSTEMS.length;
    this.doubts += times * SYSTEMS.length;
    this.listReasons += times * SYSTEMS.length;
  }

  /** Of two who are told apart each is written at each system. */
  private tellApart(): void {
    this.loseTrack({ ofEchoes: true });
    this.joinReasons(2);
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

  /** What is on its way, or what of it tells of our writes alone, will not be known for what it is. */
  loseTrack({ ofEchoes = false } = {}): void {
    const underway = Object.values(this.copies).flatMap(({ system, webhooks }) => webhooks.map((webhook) => ({ system, webhook })));
    for (const { system, webhook: { userId, values } } of [...underway, ...this.heard]) {
      for (const field of FIELDS) {
        const isEdit = this.edits.some((edit) => edit.where === system && edit.who === userId && edit.field === field && edit.value === plainly(field, values[field]));
        if (Object.hasOwn(values, field) && !(ofEchoes && isEdit)) this.late.add(`${userId} ${field}`);
      }
    }
  }

  async work({ process, apply, deliver, sweep, eraser }: Worker): Promise<void> {
    if (process.isDead) return;
    await this.tolerate(process, apply.drain());
    await this.tolerate(process, sweep.tick());
    for (const connectionId of SYSTEMS) await this.tolerate(process, deliver.drainLane({ workspaceId: this.backend.workspaceId, connectionId }));
    await this.tolerate(process, eraser.tick());
    if (!process.isDead) this.heard = [];
  }

  /** What a source says of somebody, as it stands in its inbox. */
  async hear(where: 'web' | System, { userId, values, at, isDeletion = false }: Webhook, messageId: string, { carries = null, email }: { carries?: boolean | null; email?: string } = {}): Promise<void> {
    const consents: Record<string, boolean> = carries === null ? {} : { marketing: carries };
    const connection = this.configuration.sources.get(where === 'web' ? where : SOURCES[where]);
    if (connection === undefined) return;
    if (where !== 'web') this.heard.push({ system: where, webhook: { userId, values, at } });
    if (where !== 'web' && this.copies[where].isOutdated({ userId, values, at })) this.doubts += 1;
    // As a plugin's mapping reads what stands for no value there.
    const said = Object.entries(values);
    const raw: JsonValue = {
      type: isDeletion ? 'delete' : 'identify', messageId, userId, timestamp: new Date(at).toISOString(), consents, ...(email === undefined ? {} : { email }),
      traits: Object.fromEntries(said.flatMap(([field, value]) => (value === '' || value === null ? [] : [[field, value]]))), cleared: Object.fromEntries(said.flatMap(([field, value]) => (value === '' || value === null ? [[field, true]] : []))),
    };
    this.records.messages.set(messageId, { messageId, keys: [`userId|${userId}`, ...(email === undefined ? [] : [`email|${email}`])], occurredAt: at, carries: consents, isAside: false });
    await this.ingest.accept({ configuration: this.configuration, connection, raws: [raw], receivedAt: this.now, isVerified: true, isImport: false });
  }

  private httpOf(process: Process): HttpClient {
    return {
      request: async ({ url, json }, options) => {
        const begun = this.now;
        await process.moment();
        if (this.now - begun > (options?.startWithinMs ?? Infinity)) throw new RetryableError('No socket in time.');
        const copy = this.copies[new URL(url).hostname.split('.')[0] as System];
        const { operation, key, record: { userId, list: _, ...values } } = json as unknown as { operation: Operation; key: string; record: { userId: string; list?: string } & Webhook['values'] };
        const answer = copy.answers.shift() ?? 'fine';
        const isTaken = answer === 'fine' || answer === 'lost';
        const deliveryId = `${this.backend.workspaceId}|${key}`;
        // What takes back needs no consent.
        const isCovered = operation === 'erase' || operation === 'remove' || this.records.isCovered(process, deliveryId, { key: `userId|${userId}`, purpose: 'marketing', recipient: RECIPIENTS[copy.system] });
        if (!isCovered) this.faults.push(`${userId} was ${operation === 'put' ? 'written to' : 'put on the list of'} ${copy.system} without consent`);
        if (operation === 'put') this.write(process, deliveryId, copy, { userId, values, isTaken });
        else if (operation === 'add') this.listed += 1;
        if (isTaken && operation === 'erase') this.forget(process, deliveryId, copy, userId);
        if (operation === 'erase') this.doubts += 1;
        if (isTaken && operation === 'remove') copy.list.delete(userId);
        if (isTaken && operation === 'add') copy.list.add(userId);
        if (answer !== 'fine') this.reasons += 1;
        if (answer !== 'fine') this.listReasons += 1;
        if (answer === 'lost') this.doubts += 1;
        await process.moment();
        if (answer === 'lost' || answer === 'away') throw new RetryableError('No answer.');
        return { status: answer === 'refused' ? 400 : 200, headers: {}, text: '', json: () => null };
      },
    };
  }

  /** Of somebody whom its users have deleted before that was heard, what tells of it cannot be told from an echo of the erase, which finds nothing and tells of nothing. */
  private forget(process: Process, deliveryId: string, copy: Copy, userId: string): void {
    const deletion = copy.deletions.get(userId);
    const isUnsure = copy.doings.get(userId)?.some((message) => !this.records.hadHeard(process, deliveryId, message)) === true;
    if (deletion !== undefined && !this.records.hadHeard(process, deliveryId, deletion)) copy.deletions.delete(userId);
    copy.forget(userId, this.now);
    if (deletion === undefined && isUnsure) copy.unsure.add(userId);
  }

  private write(process: Process, deliveryId: string, copy: Copy, { userId, values, isTaken }: { userId: string; values: Webhook['values']; isTaken: boolean }): void {
    this.writes.push({ system: copy.system, userId, fields: Object.keys(values) as Field[], at: this.now, isTaken });
    const deletion = copy.deletions.get(userId);
    // Who is one with another may have been named again as that one.
    const isAlone = PEOPLE.every((who) => who === userId || !this.records.isOne(who, userId));
    if (deletion !== undefined && isAlone && DELETED[copy.system] !== 'make-again' && this.records.hadHeard(process, deliveryId, deletion)) this.faults.push(`${userId} was made again at ${copy.system}, where they are deleted`);
    if (isTaken && copy.take(userId, values, this.now).isNeedless) this.needless += 1;
  }
}
