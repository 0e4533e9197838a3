/** Another transaction was quicker: what MongoDB tells by 112 (write conflict) and 11000 (duplicate key). */
export class LostRace extends Error {
  override name = 'LostRace';

  /** @param holder who has written the row and not ended yet; null when it is committed */
  constructor(readonly holder: MemorySession | null) {
    super('Another transaction was quicker.');
  }
}

/** What an operation meets that comes after the end of its transaction. Made once: its trace would cost more than many a transaction. */
const OVER: unknown = new LostRace(null);

/** What a row was from a commit on; `row` is undefined where it was deleted. */
interface Version<R> {
  row: R | undefined;
  at: number;
  before: Version<R> | undefined;
}

/** Rows by their ids, each with the versions that open snapshots may still see. */
export class MemoryTable<R> {
  readonly versions = new Map<string, Version<R>>();
  readonly locks = new Map<string, MemorySession>();
}

/** Counts commits, and knows which snapshots are open. */
export class MemoryDatabase {
  /** How many wait for another transaction to end. */
  waiting = 0;
  private commits = 0;
  private ids = 0;
  private readonly snapshots = new Set<MemorySession>();

  begin(): MemorySession {
    return new MemorySession(this);
  }

  /** One operation outside of a transaction: it sees what is committed, and waits for who holds what it writes. */
  async now<T>(work: (session: MemorySession) => T): Promise<T> {
    for (;;) {
      const session = this.begin();
      try {
        const result = work(session);
        session.commit();
        return result;
      } catch (error) {
        session.rollback();
        if (!(error instanceof LostRace) || error.holder === null) throw error;
        await this.waitFor(error.holder);
      }
    }
  }

  async waitFor(holder: MemorySession): Promise<void> {
    this.waiting += 1;
    await holder.ended();
    this.waiting -= 1;
  }

  open(session: MemorySession): number {
    this.snapshots.add(session);
    return this.commits;
  }

  close(session: MemorySession): void {
    this.snapshots.delete(session);
  }

  /** An id that no other row has: what is a random one in MongoDB. */
  newId(): string {
    this.ids += 1;
    return `~${this.ids}`;
  }

  nextCommit(): number {
    this.commits += 1;
    return this.commits;
  }

  /** Whether any open snapshot may need what a row was before. */
  get hasSnapshots(): boolean {
    return this.snapshots.size > 0;
  }
}

/** A transaction: a snapshot from its first operation on, writes that nobody else sees, and the first writer of a row wins. */
export class MemorySession {
  private snapshot: number | null = null;
  private failure: unknown = null;
  private readonly writes = new Map<MemoryTable<unknown>, Map<string, unknown>>();
  private waiting: (() => void)[] = [];
  private isOver = false;

  constructor(readonly database: MemoryDatabase) {}

  get<R>(table: MemoryTable<R>, id: string): R | undefined {
    return copyOf(this.look(table, id));
  }

  /** Takes its snapshot, where it has none: what commits from here on is not seen. */
  start(): void {
    if (this.failure === null) this.snapshot ??= this.database.open(this);
  }

  /** The row itself, to be looked at and not kept. */
  peek<R>(table: MemoryTable<R>, id: string): Readonly<R> | undefined {
    return this.look(table, id);
  }

  /** Whether any row matches. */
  some<R>(table: MemoryTable<R>, isWanted: (row: R, id: string) => boolean): boolean {
    this.ensureOpen();
    const own = this.writes.get(table) as Map<string, R | undefined> | undefined;
    for (const id of table.versions.keys()) {
      const row = own?.has(id) === true ? own.get(id) : this.visible(table, id);
      if (row !== undefined && isWanted(row, id)) return true;
    }
    return own !== undefined && [...own].some(([id, row]) => row !== undefined && !table.versions.has(id) && isWanted(row, id));
  }

  /** Copies of the rows that match, in the order in which their ids came up; no row is changed by the test. */
  select<R>(table: MemoryTable<R>, isWanted: (row: R, id: string) => boolean): R[] {
    this.ensureOpen();
    const found: R[] = [];
    const own = this.writes.get(table) as Map<string, R | undefined> | undefined;
    for (const id of table.versions.keys()) {
      const row = own?.has(id) === true ? own.get(id) : this.visible(table, id);
      if (row !== undefined && isWanted(row, id)) found.push(copyOf(row));
    }
    if (own !== undefined) for (const [id, row] of own) if (row !== undefined && !table.versions.has(id) && isWanted(row, id)) found.push(copyOf(row));
    return found;
  }

  /** @throws LostRace for an id that is there */
  insert<R>(table: MemoryTable<R>, id: string, row: R): void {
    if (this.look(table, id) !== undefined) this.fail(new LostRace(null));
    this.write(table, id, copyOf(row));
  }

  put<R>(table: MemoryTable<R>, id: string, row: R): void {
    this.write(table, id, copyOf(row));
  }

  /** Gives whether the row was there. */
  remove<R>(table: MemoryTable<R>, id: string): boolean {
    if (this.look(table, id) === undefined) return false;
    this.write(table, id, undefined);
    return true;
  }

  /** @throws whatever an operation failed with: nothing of it is committed then */
  commit(): void {
    if (this.failure !== null) throw this.failure;
    if (this.writes.size > 0) {
      const at = this.database.nextCommit();
      this.database.close(this);
      const keepsFormer = this.database.hasSnapshots;
      for (const [table, rows] of this.writes) {
        for (const [id, row] of rows) {
          if (row === undefined && !keepsFormer) table.versions.delete(id);
          else table.versions.set(id, { row, at, before: keepsFormer ? table.versions.get(id) : undefined });
        }
      }
    }
    this.end();
  }

  rollback(): void {
    this.failure ??= OVER;
    if (!this.isOver) this.end();
  }

  /** Resolves when it has committed or given up. */
  ended(): Promise<void> {
    return this.isOver ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  private look<R>(table: MemoryTable<R>, id: string): R | undefined {
    this.ensureOpen();
    const own = this.writes.get(table) as Map<string, R | undefined> | undefined;
    return own?.has(id) === true ? own.get(id) : this.visible(table, id);
  }

  private visible<R>(table: MemoryTable<R>, id: string): R | undefined {
    let version = table.versions.get(id);
    while (version !== undefined && version.at > (this.snapshot as number)) version = version.before;
    return version?.row;
  }

  private write<R>(table: MemoryTable<R>, id: string, row: R | undefined): void {
    this.ensureOpen();
    const holder = table.locks.get(id);
    if (holder !== undefined && holder !== this) this.fail(new LostRace(holder));
    if ((table.versions.get(id)?.at ?? 0) > (this.snapshot as number)) this.fail(new LostRace(null));
    table.locks.set(id, this);
    let own = this.writes.get(table);
    if (own === undefined) this.writes.set(table, (own = new Map()));
    own.set(id, row);
  }

  private ensureOpen(): void {
    if (this.failure !== null) throw this.failure;
    this.snapshot ??= this.database.open(this);
  }

  private fail(error: LostRace): never {
    this.failure = error;
    throw error;
  }

  private end(): void {
    this.database.close(this);
    for (const [table, rows] of this.writes) for (const id of rows.keys()) if (table.locks.get(id) === this) table.locks.delete(id);
    this.isOver = true;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** A copy of a tree of plain values, as a store gives it: without what is undefined, and sharing nothing. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    const inner = (value as Record<string, unknown>)[key];
    if (inner !== undefined) copy[key] = typeof inner === 'object' ? copyOf(inner) : inner;
  }
  return copy as T;
}
