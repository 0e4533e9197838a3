import type { ErasureRow, ErasureStore, EventRow, EvidenceBlock, IdentityLinkRow, InboxClaim, MergeRow, Store, StoreTransaction } from '@firsthand/pipeline';
import type { Interruption } from './steps.js';

/** What the store of a process that is dead says to it. */
export class ProcessDied extends Error {
  override name = 'ProcessDied';
}

/** Far more than any work of a few people takes: a process that makes them goes round and round. */
const MAX_CALLS = 5_000;

/** What one attempt of a transaction did, as far as the model asks. */
export interface Attempt {
  process: Process;
  startedAt: number;
  /** How much was recorded when it began to read, and when it committed. */
  known: number;
  knownAtCommit: number;
  blocks: EvidenceBlock[];
  finishedInbox: string[];
  /** Records that it put aside, and those that it took out again to release them: by the id in quarantine. */
  putAside: string[];
  takenOut: string[];
  merges: MergeRow[];
  /** Merges that it took back: by their ids. */
  undone: string[];
  /** Links that it held, or decided. */
  links: IdentityLinkRow[];
  events: EventRow[];
  /** The erasure that it has begun. */
  erasure?: ErasureRow;
}

/** Notes what a call of a transaction does, as far as every model asks. */
export function noteCall(method: string, args: readonly unknown[], attempt: Attempt): void {
  if (method === 'insertEvidence') attempt.blocks.push(args[0] as EvidenceBlock);
  else if (method === 'finishInbox') attempt.finishedInbox.push(...(args[0] as InboxClaim[]).flatMap(({ inboxIds }) => inboxIds));
  else if (method === 'insertErasure') attempt.erasure = args[0] as ErasureRow;
  else if (method === 'insertMerges') attempt.merges.push(...(args[0] as MergeRow[]));
  else if (method === 'undoMerge') attempt.undone.push((args[0] as MergeRow).mergeId);
  else if (method === 'writeIdentityLinks') attempt.links.push(...(args[0] as IdentityLinkRow[]));
}

/** The merges that stand after a transaction, the latest last. */
export function mergesAfter(merges: readonly MergeRow[], attempt: Pick<Attempt, 'merges' | 'undone'>): MergeRow[] {
  return [...merges.filter(({ mergeId }) => !attempt.undone.includes(mergeId)), ...attempt.merges];
}

/** One process of the product: it dies, stalls and is overtaken at named moments. */
export class Process {
  isDead = false;
  /** It did not come to an end by itself. */
  isRestless = false;
  /** It goes on with erasures at this moment. */
  isRemoving = false;
  private moments = 0;
  private calls = 0;
  private plan = new Map<number, Interruption['what']>();

  constructor(readonly name: string, private readonly happen: (what: Interruption['what'], process: Process) => Promise<void>) {}

  /** Sets what comes between its lines from here on. */
  arm(interruptions: readonly Interruption[]): void {
    this.moments = this.calls = 0;
    this.plan = new Map(interruptions.map(({ at, what }) => [at, what]));
  }

  /** Between two lines. Undefined where nothing comes between. */
  moment(): Promise<void> | undefined {
    if (this.isDead) return Promise.reject(new ProcessDied());
    this.calls += 1;
    if (this.calls > MAX_CALLS) {
      this.isDead = this.isRestless = true;
      return Promise.reject(new ProcessDied());
    }
    if (this.plan.size === 0) return undefined;
    const what = this.plan.get(this.moments);
    this.moments += 1;
    if (what === undefined) return undefined;
    this.plan.delete(this.moments - 1);
    if (what.kind !== 'crash') return this.happen(what, this).then(() => { if (this.isDead) throw new ProcessDied(); });
    this.isDead = true;
    return Promise.reject(new ProcessDied());
  }
}

/** What the store of a process tells of its transactions. */
export interface Watch {
  clock(): number;
  /** How much has been recorded. */
  known(): number;
  /** Names the attempt under which a transaction runs, before anything is read in it. */
  begun(tx: StoreTransaction, attempt: Attempt): void;
  /** A call of a transaction, before it is made. */
  called(method: string, args: readonly unknown[], attempt: Attempt): void;
  /** The transaction has committed. */
  ended(attempt: Attempt): void;
}

/** The store as one process has it, of one workspace alone: each call of it is a moment at which something may come between. */
export function storeOf(store: Store, process: Process, workspaceId: string, watch: Watch): Store {
  const passing = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    const moment = process.moment();
    if (moment !== undefined) await moment;
    return call(...args);
  };
  const own = async <R extends { workspaceId: string }>(rows: Promise<R[]>): Promise<R[]> => (await rows).filter((row) => row.workspaceId === workspaceId);
  const through = <T extends object>(target: T): T => new Proxy(target, { get: (_, name) => passing(target[name as keyof T] as (...args: unknown[]) => Promise<unknown>) });
  const plain = through(store);
  const inbox = through(store.inbox);
  const otherwise: Partial<Store> = {
    inbox: new Proxy(inbox, { get: (_, name: keyof Store['inbox']) => (name === 'claim' ? (options: Parameters<Store['inbox']['claim']>[0]) => inbox.claim({ ...options, workspaceId }) : inbox[name]) }),
    findDueLanes: (now) => own(plain.findDueLanes(now)),
    findDueProfiles: (now, limit) => own(plain.findDueProfiles(now, limit)),
    findMarks: (limit) => own(plain.findMarks(limit)),
    findDueRuns: (now, limit) => own(plain.findDueRuns(now, limit)),
    findPausedFlows: () => own(plain.findPausedFlows()),
    async transaction(work) {
      const before = process.moment();
      if (before !== undefined) await before;
      let attempt: Attempt | undefined;
      const result = await store.transaction((tx) => {
        attempt = { process, startedAt: watch.clock(), known: -1, knownAtCommit: -1, blocks: [], finishedInbox: [], putAside: [], takenOut: [], merges: [], undone: [], links: [], events: [] };
        watch.begun(tx, attempt);
        return work(watched(tx, attempt, watch));
      });
      if (attempt !== undefined) watch.ended(attempt);
      const after = process.moment();
      if (after !== undefined) await after;
      return result;
    },
  };
  return new Proxy(store, { get: (_, name: keyof Store) => otherwise[name] ?? plain[name] });
}

/** The erasures of one workspace as a process has them: each call is a moment at which something may come between. */
export function erasuresOf(erasures: ErasureStore, process: Process, workspaceId: string): ErasureStore {
  const at = async <R>(call: () => Promise<R>): Promise<R> => {
    const before = process.moment();
    if (before !== undefined) await before;
    const result = await call();
    const after = process.moment();
    if (after !== undefined) await after;
    return result;
  };
  return {
    claim: (options) => at(() => erasures.claim({ ...options, workspaceId })),
    work: (lease, now) => at(() => erasures.work(lease, now)),
    findTold: (id, deliveryIds) => at(() => erasures.findTold(id, deliveryIds)),
    save: (lease, change) => at(() => erasures.save(lease, change)),
    finish: (lease, change, now) => at(() => erasures.finish(lease, change, now)),
    sweepHeld: (now) => at(() => erasures.sweepHeld(now)),
  };
}

function watched(tx: StoreTransaction, attempt: Attempt, watch: Watch): StoreTransaction {
  return new Proxy(tx, {
    get: (target, method: keyof StoreTransaction & string) => async (...args: unknown[]): Promise<unknown> => {
      const moment = attempt.process.moment();
      if (moment !== undefined) await moment;
      // Its snapshot is taken by the call that follows.
      if (attempt.known < 0) attempt.known = watch.known();
      watch.called(method, args, attempt);
      return (target[method] as (...given: unknown[]) => Promise<unknown>)(...args);
    },
  });
}
