import type { DestinationConnection } from '../ports/configuration.js';
import type { DeliveryRow, LaneHealth, LaneLease } from '../ports/rows.js';
import { FenceLost } from '../ports/store.js';
import { InFlightBlocks } from './in-flight-blocks.js';
import { laneTick, type ClearedRow, type LaneDecisions } from './lane-tick.js';
import { isSameHealth, type LaneTraffic } from './lane-traffic.js';
import { LaneTokens } from './lane-tokens.js';
import { LaneSuspects } from './lane-suspects.js';
import { takeUpInFlight } from './recover-stalled.js';
import { olderThanNewest, replaceableActions, replaceDue, replaceMeanwhile, replaceOlder, type ReplacedDue } from './replace-older.js';
import { capacityOf } from './lane-capacity.js';
import type { LaneContext } from './lane-context.js';
import { chunksOf, sendChunk } from './send-chunk.js';
import type { Settled } from './settled.js';
import type { Slots } from './slots.js';

/** How long a tick waits for more sends to come back, once one is: so long at least, and twice as long as the last one took, up to a limit. */
const GATHER_MS = 20;
const MAX_GATHER_MS = 200;
/** How often the store is asked for due rows while sends keep a lane busy. */
const LOOK_EVERY_MS = 50;
/** A destination that takes so many requests per second is waited for, this long at most, and not once nothing comes back. */
const QUICK_PER_SECOND = 200;
const ROOM_WAIT_MS = 1_000;
const STILL_MS = 100;
const NONE: ReplacedDue = { replaced: new Set(), next: [] };

/** What one holder of a lane's lease does: decide, send, write down, until nothing is due. */
export class LaneRun {
  private readonly inFlight = new Map<string, ClearedRow>();
  private settled: Settled[] = [];
  /** Whose rows wait behind one of theirs under another id, and until when. */
  private readonly behind = new Map<string, number>();
  /** Of the rows in flight, those that no row of the outbox stands for. */
  readonly blocks = new InFlightBlocks();
  private wake: (() => void) | null = null;
  private readonly watchers: (() => void)[] = [];
  private tail: Promise<void> = Promise.resolve();
  /** Whether the last look found more than could be taken at once. */
  private hasBacklog: boolean;
  /** Rows are known to wait: for a person who is busy, or for room. */
  private mustLook = false;
  private isRung = false;
  /** At the last look. */
  private capacity = 0;
  private gatherMs = GATHER_MS;
  /** Epoch ms. */
  private lookedAt: number;
  /** When the lease was taken or prolonged last; epoch ms. */
  leasedAt: number;
  readonly tokens: LaneTokens;
  private readonly suspects = new LaneSuspects();
  private isDisabled = false;

  /**
   * @param slots of the lane, with what is known of its speed
   * @param traffic of the lane: its breaker and pause
   * @param isCaughtUp whether it may be taken that nothing waits in the store yet
   */
  constructor(readonly lease: LaneLease, private readonly context: LaneContext, readonly slots: Slots, readonly traffic: LaneTraffic, isCaughtUp = false) {
    this.tokens = new LaneTokens(context.limits, lease);
    this.hasBacklog = !isCaughtUp;
    this.leasedAt = context.clock();
    this.lookedAt = isCaughtUp ? this.leasedAt : 0;
  }

  /** True from the moment on that this run decides nothing more. */
  isOver = false;

  /** Waits for the round under way; none begins until the function that it gives is called. */
  async enter(): Promise<() => void> {
    const before = this.tail;
    let leave = (): void => undefined;
    this.tail = new Promise((resolve) => { leave = resolve; });
    await before;
    return leave;
  }

  async run(): Promise<void> {
    try {
      if (this.hasBacklog) await this.recover();
      while (await this.round()) await this.pauseBetween();
    } finally {
      this.isOver = true;
      await this.tokens.giveBack(this.connection()?.rateLimit).catch(() => undefined);
    }
  }

  /** Takes up what former holders left in flight. */
  private async recover(): Promise<void> {
    const { store, clock, log } = this.context;
    const { head, dead, suspects } = await takeUpInFlight(store, this.lease, clock);
    if (head !== null) [this.lease.chainSeq, this.lease.chainHash] = [head.seq, head.hash];
    this.suspects.add(suspects);
    if (dead > 0) log.warn({ connectionId: this.lease.connectionId, dead }, 'deliveries that were in flight at three crashes were set apart');
    this.tell(dead, 'dead', 'stalled');
  }

  private tell(count: number, outcome: string, reason: string): void {
    const connection = this.connection();
    for (let index = 0; connection !== undefined && index < count; index += 1) this.context.observer?.settled(connection, outcome, reason);
  }

  private connection(): DestinationConnection | undefined {
    return this.context.configuration().destinations.get(this.lease.connectionId);
  }

  /** What is to be stored of the destination with the next round; undefined where nothing has changed. */
  changedHealth(): LaneHealth | undefined {
    const health = this.traffic.stored;
    return isSameHealth(this.lease.health, health) ? undefined : health;
  }

  /** How many more rows may be decided now by others; none while older ones wait in the store, and where requests are counted: the lane takes their tokens first. */
  roomFor(connection: DestinationConnection): number {
    return connection.status !== 'enabled' || this.hasBacklog || !this.suspects.isEmpty || this.isDisabled || connection.rateLimit !== null || this.traffic.admits(this.context.clock()) < 2 ? 0 : capacityOf(connection, this.slots) - this.inFlight.size;
  }

  /**
   * Waits until so many more rows could be decided, as long as the destination is quick and answers: what is decided along with other work costs a
   * fraction of what a round of its own does. A slow destination, or one that begins to hang, holds up nobody.
   */
  async untilRoom(rows: number): Promise<void> {
    const connection = this.connection();
    if (connection?.status !== 'enabled' || connection.rateLimit !== null || this.traffic.admits(this.context.clock()) === 0 || (this.slots.perSecond ?? QUICK_PER_SECOND) < QUICK_PER_SECOND) return;
    const wanted = Math.min(rows, capacityOf(connection, this.slots) >> 1);
    const until = performance.now() + ROOM_WAIT_MS;
    while (!this.isOver && this.roomFor(connection) < wanted && performance.now() < until && (await this.isMoving())) { /* look again */ }
  }

  /** Whether a send comes back or a round ends within a moment. */
  private async isMoving(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const still = new Promise<boolean>((resolve) => { timer = setTimeout(() => resolve(false), STILL_MS); });
    const moved = new Promise<boolean>((resolve) => this.watchers.push(() => resolve(true)));
    const isMoving = await Promise.race([moved, still]);
    clearTimeout(timer);
    return isMoving;
  }

  /** The sends that came back and are not written down. */
  get outcomes(): readonly Settled[] {
    return this.settled;
  }

  /** The rows whose requests have not come back. */
  get underWay(): readonly ClearedRow[] {
    return [...this.inFlight.values()];
  }

  /** Goes on from a round that has committed: its outcomes are written down, its cleared rows are sent. */
  goOn(connection: DestinationConnection, { head, cleared, block, ended, held, behind = new Map(), outcomes, arrivals }: LaneDecisions, writtenDown: number, evaluatedAt: number): void {
    this.blocks.remove(this.settled.splice(0, writtenDown));
    for (const [profileId, until] of behind) this.behind.set(profileId, until);
    if (block !== null) this.blocks.put(block);
    this.lease.chainSeq = head.seq;
    this.lease.chainHash = head.hash;
    this.leasedAt = evaluatedAt;
    if (head.health !== undefined) this.lease.health = head.health;
    for (const { outcome, reason } of outcomes) this.context.observer?.settled(connection, outcome, reason);
    for (const { source, ms } of arrivals) this.context.observer?.arrived?.(connection, source, ms);
    for (const { state, reason } of ended) this.context.observer?.settled(connection, state, reason);
    for (const { reason } of held) this.context.observer?.settled(connection, 'held', reason);
    this.disableIfHopeless();
    this.send(connection, cleared, evaluatedAt);
    this.wake?.();
  }

  /** Asks the store for due rows at the next occasion. */
  look(): void {
    this.isRung = true;
    this.wake?.();
  }

  /** A destination that is gone, or that has failed for days, gets no more requests; what waits for it stays. */
  private disableIfHopeless(): void {
    const reason = this.isDisabled ? null : this.traffic.verdict(this.context.clock());
    if (reason === null) return;
    this.isDisabled = true;
    this.context.disable(this.lease, reason).catch(() => {
      // It will fail again, and is disabled then.
      this.traffic.adopt(this.lease.health);
      this.context.log.warn({ connectionId: this.lease.connectionId, reason }, 'a connection could not be disabled');
    });
  }

  /** One look and one transaction. False when there is nothing left to do. */
  private async round(): Promise<boolean> {
    const leave = await this.enter();
    try {
      const connection = this.connection();
      // A connection that is paused still takes back what people refused.
      const isOpen = (connection?.status === 'enabled' || connection?.status === 'paused') && !this.isDisabled && !this.context.signal.aborted;
      this.tokens.waitMs = 0;
      // A ring at a closed lane finds nothing; asking on and on would let nobody else run.
      if (!isOpen) this.isRung = false;
      const due = isOpen ? await this.findDue(connection) : [];
      if (due.length === 0 && this.settled.length === 0) {
        if (this.inFlight.size > 0 || this.isRung || this.tokens.waitMs > 0) return true;
        this.isOver = true;
        return false;
      }
      await this.tick(connection, due);
      return true;
    } finally {
      leave();
      for (const watch of this.watchers.splice(0)) watch();
    }
  }

  private async findDue(connection: DestinationConnection): Promise<DeliveryRow[]> {
    const now = this.context.clock();
    // While sends come back the store need not be asked each time; before the end it is asked in any case.
    const isBusy = this.settled.length > 0 || this.inFlight.size > 0;
    const mayWait = isBusy && !this.mustLook && !this.isRung && Math.abs(now - this.lookedAt) < LOOK_EVERY_MS;
    this.capacity = capacityOf(connection, this.slots);
    const admitted = this.traffic.admits(now);
    const room = Math.min(this.capacity - this.inFlight.size, admitted);
    const isPaused = connection.status !== 'enabled';
    const replaces = connection.headOfLine === 'replace' && !isPaused;
    // What waits behind a breaker or a pause is found by the sweep's ring when that is over.
    if (admitted === 0) this.isRung = this.mustLook = replaces && (await this.replaceMeanwhile(connection, now));
    if (mayWait || room <= 0) return [];
    this.isRung = false;
    if (!this.suspects.isEmpty && !isPaused) return this.findSuspect(connection, now);
    if (replaces) await this.replaceOlder(connection, now);
    const busy = [...this.busyPeople(), ...this.peopleBehind(now)];
    const rows = await this.context.store.findDueDeliveries(this.lease, now, room * 2, busy, isPaused);
    const taken = new Set([...busy, ...this.movedAway(rows)]);
    this.hasBacklog = rows.length === room * 2;
    const { replaced, next } = this.hasBacklog && replaces ? await this.replaceDue(rows, connection, now) : NONE;
    const due = [...rows, ...next].filter(({ profileId, deliveryId }) => !replaced.has(deliveryId) && !taken.has(profileId) && taken.add(profileId)).slice(0, room);
    this.lookedAt = now;
    this.mustLook = due.length < rows.length;
    // Their newest rows lie further on: with nothing to wait for the run would end.
    if (replaced.size > 0) this.isRung = true;
    return this.withTokens(due, connection);
  }

  private async findSuspect(connection: DestinationConnection, now: number): Promise<DeliveryRow[]> {
    this.mustLook = this.hasBacklog = true;
    if (this.inFlight.size > 0) return [];
    const found = await this.suspects.next(this.context.store, this.lease, now, this.settled.map(({ row }) => row.profileId));
    // All others come after them.
    if (found.length === 0) this.isRung = true;
    const granted = await this.withTokens(found, connection);
    if (granted.length === 0) this.suspects.add(found.map(({ deliveryId }) => deliveryId));
    return granted;
  }

  private async replaceOlder(connection: DestinationConnection, now: number): Promise<void> {
    const { store } = this.context;
    const { rows, next } = await store.findBehindWaiting(this.lease, { now, after: this.traffic.replacedUpTo, actions: replaceableActions(connection) });
    this.traffic.replacedUpTo = next;
    this.tell(await replaceOlder(store, this.lease, olderThanNewest(rows, now), now), 'cancelled', 'replaced');
  }

  /** Of whom something is under way, or back and not written down. */
  private busyPeople(): string[] {
    return [...new Set([...this.inFlight.values(), ...this.settled].map(({ row: { profileId } }) => profileId))];
  }

  /** Who was taken apart since from whom something is under way: it is theirs by now, and found again as such. */
  private movedAway(rows: readonly DeliveryRow[]): string[] {
    const underWay = new Set([...this.inFlight.keys(), ...this.settled.map(({ row }) => row.deliveryId)]);
    return rows.flatMap(({ deliveryId, profileId }) => (underWay.has(deliveryId) ? [profileId] : []));
  }

  private peopleBehind(now: number): string[] {
    for (const [profileId, until] of this.behind) if (until <= now) this.behind.delete(profileId);
    return [...this.behind.keys()];
  }

  /** Whether there is more to look at. */
  private async replaceMeanwhile(connection: DestinationConnection, now: number): Promise<boolean> {
    const { count, next, isMore } = await replaceMeanwhile(this.context.store, this.lease, replaceableActions(connection), { now, after: this.traffic.freshUpTo, busy: new Set(this.busyPeople()) });
    this.traffic.freshUpTo = next;
    this.tell(count, 'cancelled', 'replaced');
    return isMore;
  }

  /** What was replaced of due rows, and counted. */
  private async replaceDue(rows: readonly DeliveryRow[], connection: DestinationConnection, now: number): Promise<ReplacedDue> {
    const outcome = await replaceDue(this.context.store, this.lease, rows, replaceableActions(connection), now);
    this.tell(outcome.replaced.size, 'cancelled', 'replaced');
    return outcome;
  }

  /** As many rows as there are tokens for the requests that they make. */
  private async withTokens(due: DeliveryRow[], connection: DestinationConnection): Promise<DeliveryRow[]> {
    const { rateLimit: limit } = connection;
    if (limit === null || due.length === 0) return due;
    const chunks = chunksOf(due, connection);
    const granted = await this.tokens.reserve(limit, chunks.length);
    if (granted < chunks.length) this.mustLook = this.hasBacklog = true;
    return chunks.slice(0, granted).flat();
  }

  private async tick(connection: DestinationConnection | undefined, due: readonly DeliveryRow[]): Promise<void> {
    const { store, clock, random } = this.context;
    const settled = [...this.settled];
    const health = this.changedHealth();
    if (connection === undefined) throw new FenceLost();
    let evaluatedAt = clock();
    const begin = performance.now();
    const decisions = await store.transaction((tx) => {
      evaluatedAt = clock();
      return laneTick(tx, { lease: this.lease, connection, configuration: this.context.configuration(), settled, due, areStored: true, inFlight: this.blocks, underWay: this.underWay, health, clock, random });
    });
    this.gatherMs = Math.min(MAX_GATHER_MS, Math.max(GATHER_MS, 2 * (performance.now() - begin)));
    this.goOn(connection, decisions, settled.length, evaluatedAt);
  }

  private send(connection: DestinationConnection, cleared: readonly ClearedRow[], evaluatedAt: number): void {
    const byId = new Map(cleared.map((one) => [one.row.deliveryId, one]));
    for (const chunk of chunksOf(cleared.map(({ row }) => row), connection)) void this.sendOne(connection, chunk.map(({ deliveryId }) => byId.get(deliveryId) as ClearedRow), evaluatedAt);
  }

  private async sendOne(connection: DestinationConnection, rows: readonly ClearedRow[], evaluatedAt: number): Promise<void> {
    for (const one of rows) this.inFlight.set(one.row.deliveryId, one);
    const back = await sendChunk(rows, connection, evaluatedAt, this, this.context);
    for (const { row } of rows) this.inFlight.delete(row.deliveryId);
    this.settled.push(...back);
    this.wake?.();
    for (const watch of this.watchers.splice(0)) watch();
  }

  /** Until half of the sends are back, or there is a token again. */
  private async pauseBetween(): Promise<void> {
    if (this.inFlight.size > 0) await this.someSettled(this.inFlight.size >> 1);
    else if (this.tokens.waitMs > 0 && this.settled.length === 0) await this.someSettled(-1);
  }

  /** Waits until at most `left` sends are under way, or one is back and a moment has passed. */
  private async someSettled(left: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let token: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      if (this.tokens.waitMs > 0) token = setTimeout(resolve, this.tokens.waitMs);
      const check = (): void => {
        if (this.inFlight.size <= left || (this.isRung && this.inFlight.size < this.capacity)) resolve();
        else if (this.settled.length > 0) timer ??= setTimeout(resolve, this.gatherMs);
      };
      this.wake = check;
      check();
    });
    clearTimeout(timer);
    clearTimeout(token);
    this.wake = null;
  }
}
