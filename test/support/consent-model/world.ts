import { FirsthandError, stableId, type HoldCategory, type JsonObject, type JsonValue } from '@firsthand/domain';
import {
  createApply, createDeliver, createEraser, createIngest, createQuarantineWorker, createSweep, readBlock, type Apply, type Deliver, type DeliveryRow, type Eraser, type ErasureRow, type ErasureStore, type EventRow, type IdentityMoveRow, type Ingest, type InboxDocument, type InFlightBlock, type MergeRow, type QuarantineRow, type QuarantineWorker, type Store, type StoreTransaction,
  type Sweep, type WorkspaceConfiguration,
} from '@firsthand/pipeline';
import { RetryableError, type HttpClient } from '@firsthand/plugin-sdk';
import { seededRandom } from '../seeded-random.mjs';
import { LedgerModel } from './ledger-model.js';
import { erasuresOf, mergesAfter, noteCall, Process, storeOf, type Attempt, type Watch } from './process.js';
import type { Recorded, RecordedMessage } from './recorded.js';
import { PURPOSE_RULES, type Situation, type Versions } from './scene.js';
import type { Answer, Interruption } from './steps.js';

/** Where a history takes place. */
export interface Backend {
  workspaceId: string;
  store: Store;
  erasures: ErasureStore;
  /** Whether nothing happens at the same time but what the twin can put into an order. */
  isExact: boolean;
  /** Resolves when something is over, or somebody waits for another transaction to end and so cannot go on. */
  blocked(isOver: () => boolean): Promise<void>;
  /** Has `listener` told of each transaction at the moment of its commit; left out where only its end is known. */
  onCommit?(listener: (tx: StoreTransaction) => void): void;
  /** All deliveries and erasures, and how much is left to do. */
  rest(): Promise<{ deliveries: DeliveryRow[]; erasures: ErasureRow[]; waiting: number }>;
  /** Begins or ends a legal hold. */
  hold(category: HoldCategory, isHeld: boolean): Promise<void>;
  /** What is kept under legal holds. */
  held(): Promise<{ category: HoldCategory; record: JsonObject }[]>;
  /** Which minutes of which connections do not close: more, or fewer, are accounted for than came. */
  openMinutes(): Promise<string[]>;
  /** Which of these texts stand anywhere that names people. */
  find(texts: readonly string[]): Promise<string[]>;
  /** The same object for the same content: what is compiled hangs on it. */
  configuration(of: Situation): WorkspaceConfiguration;
}

/** A decision that was written down, committed with all that it needs. */
export interface Evidence {
  process: Process;
  deliveryId: string;
  isAllowed: boolean;
  reason: string;
  evaluatedAt: number;
  known: number;
  knownAtCommit: number;
  /** What was recorded along with it. */
  own: readonly Recorded[];
}

/** The first name of somebody that was kept with a record of theirs. */
export interface Named {
  message: RecordedMessage;
  at: number;
  known: number;
  knownAtCommit: number;
  /** What was recorded along with it. */
  own: readonly Recorded[];
}

/** A request as the receiver got it, and the evidence of its delivery that lay there by then. */
export interface Received {
  process: Process;
  operation: 'send' | 'remove' | 'erase';
  deliveryId: string;
  userId: string | undefined;
  email: string | undefined;
  city: string | undefined;
  at: number;
  /** The last one of this process. */
  evidence: Evidence | undefined;
  /** How much was recorded when it came. */
  known: number;
  /** How many rows of evidence allowed it by then, and how many requests there were with this one. */
  allowed: number;
  requests: number;
}

/** A product that breaks a promise: what its store tells to lanes, and to those who queue. */
export interface Mutant {
  ofLanes(store: Store, world: MutantWorld): Store;
  ofApply(store: Store, world: MutantWorld): Store;
  /** To those who record what people say. */
  ofFronts?(store: Store, world: MutantWorld): Store;
  /** To those who go on with erasures. */
  ofErasures?(erasures: ErasureStore, world: World): ErasureStore;
  /** What those who apply records go by. */
  ofRules?(configuration: WorkspaceConfiguration): WorkspaceConfiguration;
}

/** What a mutant sees of its world. */
export interface MutantWorld {
  readonly now: number;
  readonly backend: Pick<Backend, 'workspaceId'>;
  /** Of the agreement, where more than one can be published. */
  readonly versions?: Versions;
}

export interface Worker {
  process: Process;
  apply: Apply;
  deliver: Deliver;
  sweep: Sweep;
  eraser: Eraser;
  quarantine: QuarantineWorker;
}

/** What the receiver gets of a person. */
type Sent = Partial<Record<'userId' | 'email' | 'city', string>>;

/** Whether JSON text holds a value as a whole, or as a part of a key. */
export function namesIt(json: string, value: string): boolean {
  return [`"${value}"`, `"${value}\\`, `|${value}"`, `|${value}|`, `|${value}\\`].some((form) => json.includes(form));
}

/** By what those who were erased are known again. */
export const TOMBSTONES = { keyId: 'k', digest: (_: string, key: string): string => stableId('digest', key) };

const START = Date.parse('2026-03-01T12:00:00Z');
const quiet = { info: () => undefined, warn: () => undefined };
/** What may go wrong by itself: a lost race, and work that another has by now. */
const PASSING: ReadonlySet<string> = new Set(['CONFLICT', 'FenceLost', 'ProcessDied']);
const REFUSED = 'PERSON_ERASED';

/** One workspace, with the processes that work for it, its receiver, and what was recorded of it. */
export class World {
  readonly model = new LedgerModel(PURPOSE_RULES);
  readonly evidence: Evidence[] = [];
  readonly received: Received[] = [];
  readonly named: Named[] = [];
  /** What must not happen at all: a failure that nobody made. */
  readonly faults: string[] = [];
  /** Every delivery that was ever made, as it was then. */
  readonly rows = new Map<string, DeliveryRow>();
  /** Identities of whom something was refused as somebody's who was erased. */
  readonly refused = new Set<string>();
  /** Profiles that were erased. */
  readonly erasedProfiles = new Set<string>();
  /** Which legal holds are in force, and since when. */
  readonly holds = new Map<HoldCategory, number>();
  /** Records that became events. */
  readonly kept = new Set<string>();
  /** Event → the identity that it is of. */
  readonly keyOfEvent = new Map<string, string>();
  /** Profile → the identities that were made with it or came to it. */
  readonly keysOfProfile = new Map<string, Set<string>>();
  /** The records that were applied. */
  readonly applied: RecordedMessage[] = [];
  readonly messages = new Map<string, RecordedMessage>();
  /** As they were sent, and when they first came. */
  readonly raws = new Map<string, { event: string; messageId: string; [key: string]: JsonValue }>();
  readonly receivedAt = new Map<string, number>();
  readonly eventIds = new Map<string, string>();
  /** The record that a row of the quarantine keeps. */
  readonly aside = new Map<string, string>();
  /** People who were made one of, the latest last. */
  merges: MergeRow[] = [];
  /** What were links in mailboxes: address → what the newest one carries. */
  readonly links = new Map<string, string>();
  answers: Answer[] = [];
  now = START;
  versions: Versions = [{ isMaterial: true, at: START }];
  segmentVersion = 1;
  /** Whether a person has one address at most, by records alone. */
  isLimited = false;
  readonly workers: Worker[];
  readonly ingest: Ingest;
  private readonly inboxes = new Map<string, string[]>();
  private readonly attempts = new WeakMap<StoreTransaction, Attempt>();
  private readonly others: Promise<void>[] = [];
  private readonly last = new Map<string, Evidence>();
  private readonly allowed = new Map<string, number>();
  private readonly requests = new Map<string, number>();
  private readonly random: () => number;
  private ids = 0;
  private readonly watch: Watch;

  /**
   * @param seed of the random choices of the product itself
   * @param happen what an interruption does
   * @param mutant what the product's store is wrapped in, to break a promise on purpose; null for the product as it is
   */
  constructor(readonly backend: Backend, seed: number, private readonly happen: (what: Interruption['what'], process: Process) => Promise<void>, private readonly mutant: Mutant | null = null) {
    this.random = seededRandom(seed);
    const isTold = backend.onCommit !== undefined;
    this.watch = {
      clock: () => this.now, known: () => this.model.recorded.length, begun: (tx, attempt) => void this.attempts.set(tx, attempt), called: (...call) => this.called(...call),
      ended: (attempt) => { if (!isTold) this.committed(attempt); },
    };
    backend.onCommit?.((tx) => {
      const attempt = this.attempts.get(tx);
      if (attempt !== undefined) this.committed(attempt);
    });
    const { store } = this.newFront();
    this.ingest = createIngest({ ...this.shared(store), store: { inbox: { ...store.inbox, append: (documents) => this.append(store, documents) } } });
    this.workers = [this.newWorker(0), this.newWorker(1)];
  }

  get configuration(): WorkspaceConfiguration {
    return this.backend.configuration({ versions: this.versions, segmentVersion: this.segmentVersion, isLimited: this.isLimited });
  }

  /** The same once everything is understood: what releases are made by. */
  get repaired(): WorkspaceConfiguration {
    return this.backend.configuration({ versions: this.versions, segmentVersion: this.segmentVersion, isLimited: this.isLimited, isOpen: true });
  }

  newId = (): string => `id${String((this.ids += 1)).padStart(6, '0')}`;

  /** What every part of the product is given. */
  shared(store: Store) {
    const { workspaceId } = this.backend;
    return {
      store, doorbell: { ringApply: () => undefined, ringLane: () => undefined }, configuration: { workspace: (id: string) => (id === workspaceId ? this.configuration : this.unknown()) }, clock: () => this.now, newId: this.newId,
    };
  }

  /** The first worker decides along with apply, as one process does; the second one's lanes find their work in the store, and so do a mutant's. */
  newWorker(index: number): Worker {
    const process = new Process(`worker ${index} (${this.newId()})`, this.happen);
    const store = storeOf(this.backend.store, process, this.backend.workspaceId, this.watch);
    const log = { warn: ({ error }: Record<string, string | number>, message: string) => { if (error !== undefined && !PASSING.has(String(error))) this.faults.push(`${message}: ${error}`); } };
    const http = this.httpOf(process);
    const deliver = createDeliver({ ...this.shared(this.mutant?.ofLanes(store, this) ?? store), http, pluginLog: () => quiet, log, holder: process.name, random: this.random });
    const rules = { workspace: () => this.mutant?.ofRules?.(this.configuration) ?? this.configuration };
    const apply = createApply({ ...this.shared(this.mutant?.ofApply(store, this) ?? store), configuration: rules, tombstoneDigest: TOMBSTONES.digest, http, pluginLog: () => quiet, log, ...(index === 0 && this.mutant === null ? { deliver } : {}) });
    const eraser = createEraser({ erasures: erasuresOf(this.mutant?.ofErasures?.(this.backend.erasures, this) ?? this.backend.erasures, process, this.backend.workspaceId), clock: () => this.now, holder: process.name });
    const quarantine = createQuarantineWorker({
      ...this.shared(this.mutant?.ofApply(store, this) ?? store), configuration: { workspace: () => this.repaired }, tombstones: TOMBSTONES, operatorDays: { quarantine: null }, holder: process.name, workspaceId: this.backend.workspaceId, pageSize: 2,
    });
    return { process, deliver, apply, sweep: createSweep({ ...this.shared(store), log }), eraser, quarantine };
  }

  /** A process that takes in what comes from outside. */
  newFront(): { process: Process; store: Store } {
    const process = new Process(`front (${this.newId()})`, this.happen);
    const store = storeOf(this.backend.store, process, this.backend.workspaceId, this.watch);
    return { process, store: this.mutant?.ofFronts?.(store, this) ?? store };
  }

  /** Lets something happen while a process stands still, until it is done or cannot go on before that one does. */
  async meanwhile(work: () => Promise<void>): Promise<void> {
    let isOver = false;
    this.others.push(work().finally(() => { isOver = true; }));
    await this.backend.blocked(() => isOver);
  }

  /** Waits for what was begun meanwhile. */
  async settled(): Promise<void> {
    for (const other of this.others.splice(0)) await other;
  }

  /** Takes what a process' death, a lost race or a lost lease does to a call; that it is refused of somebody who was erased where `about` says of whom it is. */
  async tolerate(process: Process, work: Promise<unknown>, about?: string): Promise<void> {
    try {
      await work;
      if (process.isRestless) this.faults.push(`${process.name} went round and round`);
    } catch (error) {
      if (process.isRestless) this.faults.push(`${process.name} went round and round`);
      const code = error instanceof FirsthandError ? error.code : error instanceof Error ? error.name : 'unknown';
      if (code === REFUSED && about !== undefined) this.refused.add(about);
      else if (!PASSING.has(code) && !process.isDead) this.faults.push(`${process.name}: ${code} ${error instanceof Error ? error.message : ''}`);
    }
  }

  private unknown(): never {
    throw new FirsthandError('NOT_FOUND', 'No such workspace.');
  }

  private called(method: string, args: readonly unknown[], attempt: Attempt): void {
    noteCall(method, args, attempt);
    if (method === 'insertQuarantine') attempt.putAside.push(...this.noteAside(args[0] as QuarantineRow[]));
    else if (method === 'removeQuarantined') attempt.takenOut.push(...(args[0] as string[]));
    else if (method === 'insertDeliveries') for (const row of args[0] as DeliveryRow[]) this.rows.set(row.deliveryId, row);
    else if (method === 'insertInFlight') for (const row of (args[0] as InFlightBlock).rows) this.rows.set(row.deliveryId, row);
    else if (method === 'insertEvents') this.noteEvents(args[0] as EventRow[], attempt);
    else if (method === 'insertIdentities') for (const [key, profileId] of args[1] as Map<string, string>) this.noteKey(profileId, key);
    else if (method === 'moveIdentities') for (const { identityKey, to } of args[0] as IdentityMoveRow[]) this.noteKey(to, identityKey);
  }

  private noteKey(profileId: string, key: string): void {
    this.keysOfProfile.set(profileId, (this.keysOfProfile.get(profileId) ?? new Set()).add(key));
  }

  private noteEvents(events: readonly EventRow[], attempt: Attempt): void {
    attempt.events.push(...events);
    for (const { eventId, receivedAt, record: { messageId, identities } } of events) {
      // Its strongest identity says whose it is; a form is about whose address it names.
      const first = identities.find(({ namespace }) => namespace === 'userId') ?? identities.find(({ namespace }) => namespace !== 'anonymousId') ?? identities[0];
      if (first !== undefined) this.keyOfEvent.set(eventId, `${first.namespace}|${first.value}`);
      this.eventIds.set(messageId, eventId);
      this.receivedAt.set(messageId, receivedAt);
    }
  }

  private noteAside(rows: readonly QuarantineRow[]): string[] {
    for (const { quarantineId, raw } of rows) this.aside.set(quarantineId, (raw as { messageId: string }).messageId);
    return rows.map(({ quarantineId }) => quarantineId);
  }

  /** Notes which records a document holds, so that it is known which of them a commit applies. */
  private append(store: Store, documents: readonly InboxDocument[]): Promise<void> {
    for (const { inboxId, records } of documents) this.inboxes.set(inboxId, records.map(({ raw }) => (raw as { messageId: string }).messageId));
    return store.inbox.append(documents);
  }

  private committed(attempt: Attempt): void {
    attempt.knownAtCommit = this.model.recorded.length;
    const ofAside = (ids: readonly string[]): string[] => ids.flatMap((id) => this.aside.get(id) ?? []);
    for (const { record: { messageId } } of attempt.events) this.kept.add(messageId);
    const [putAside, released] = [new Set(ofAside(attempt.putAside)), new Set(ofAside(attempt.takenOut))];
    const known = [...attempt.finishedInbox.flatMap((inboxId) => this.inboxes.get(inboxId) ?? []), ...released].flatMap((messageId) => this.messages.get(messageId) ?? []);
    const messages = known.filter(({ messageId }) => !putAside.has(messageId));
    const own: Recorded[] = known.length === 0 ? [] : [{ kind: 'messages', recordedAt: attempt.startedAt, messages: known.map((message) => ({ ...message, isAside: putAside.has(message.messageId), isReleased: released.has(message.messageId), isRefused: !this.kept.has(message.messageId) })) }];
    this.model.recorded.push(...own);
    for (const { record: { messageId, profile } } of attempt.events) {
      const message = this.messages.get(messageId);
      if (message !== undefined && profile.firstName !== undefined) this.named.push({ message, at: attempt.startedAt, known: attempt.known, knownAtCommit: attempt.knownAtCommit, own });
    }
    for (const { evaluatedAt, ...block } of attempt.blocks) {
      for (const { deliveryId, isAllowed, reason } of readBlock(block).evidence) {
        const evidence = { process: attempt.process, deliveryId, isAllowed, reason, evaluatedAt, known: attempt.known, knownAtCommit: attempt.knownAtCommit, own };
        this.evidence.push(evidence);
        if (!isAllowed) continue;
        this.last.set(`${attempt.process.name}|${deliveryId}`, evidence);
        this.allowed.set(deliveryId, (this.allowed.get(deliveryId) ?? 0) + 1);
      }
    }
    this.applied.push(...messages);
    this.merges = mergesAfter(this.merges, attempt);
    for (const profileId of attempt.erasure?.profileIds ?? []) this.erasedProfiles.add(profileId);
    this.onCommitted.get(attempt.process)?.(attempt);
  }

  /** Told of a process' commits. */
  readonly onCommitted = new Map<Process, (attempt: Attempt) => void>();

  /** The receiver, at the other end of a process' connections. */
  private httpOf(process: Process): HttpClient {
    return {
      request: async ({ json }, options) => {
        const begun = this.now;
        await process.moment();
        if (this.now - begun > (options?.startWithinMs ?? Infinity)) throw new RetryableError('No socket in time.');
        this.receive(process, json as unknown as { operation: Received['operation']; key: string; payload: Sent });
        const answer = this.answers.shift() ?? { status: 200 };
        await process.moment();
        if (answer === 'timeout') throw new RetryableError('No answer in time.');
        const headers: Record<string, string> = answer.retryAfterSeconds === undefined ? {} : { 'retry-after': String(answer.retryAfterSeconds) };
        return { status: answer.status, headers, text: '', json: () => null };
      },
    };
  }

  private receive(process: Process, { operation, key, payload: { userId, email, city } }: { operation: Received['operation']; key: string; payload: Sent }): void {
    // A removal of several sets of identifiers is one delivery, its keys numbered.
    const deliveryId = `${this.backend.workspaceId}|${operation !== 'send' ? key.replace(/\.\d+$/u, '') : key}`;
    const requests = (this.requests.get(key) ?? 0) + 1;
    this.requests.set(key, requests);
    this.received.push({ process, operation, deliveryId, userId, email, city, at: this.now, evidence: this.last.get(`${process.name}|${deliveryId}`), known: this.model.recorded.length, allowed: this.allowed.get(deliveryId) ?? 0, requests });
  }
}
