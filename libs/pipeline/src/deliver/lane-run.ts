import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import { groupBy } from '../group-by.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import { FenceLost, type Store } from '../ports/store.js';
import { InFlightBlocks } from './in-flight-blocks.js';
import { laneTick, type ClearedRow, type LaneDecisions } from './lane-tick.js';
import { batchSizeOf, sendGroup, startingWithin } from './send-cleared.js';
import type { Settled } from './settled.js';
import { Slots } from './slots.js';

export interface LaneContext {
  store: Store;
  clock(): number;
  http: HttpClient;
  pluginLog(pluginId: string): PluginLog;
  log: PipelineLog;
  random(): number;
  /** Read anew at each tick. Throws when the snapshot is too old: the lane stops, nothing is sent. */
  configuration(): WorkspaceConfiguration;
  signal: AbortSignal;
}

/** From the decision to the send at most this long, else decide again. */
export const MAX_DECISION_AGE_MS = 1_000;
/** How long a tick waits for more sends to come back, once one is: so long at least, and twice as long as the last one took, up to a limit. */
const GATHER_MS = 20;
const MAX_GATHER_MS = 200;
/** How often the store is asked for due rows while sends keep a lane busy. */
const LOOK_EVERY_MS = 50;
/** Half of what a decision lives: the other half is for the unforeseen. */
const SEND_WITHIN_MS = MAX_DECISION_AGE_MS / 2;
/** Requests that a slot may be given in advance as long as nothing is known of the destination's speed. */
const FIRST_TURNS = 4;
const MAX_DECIDED = 1_000;
/** A destination that takes so many requests per second is waited for, this long at most, and not once nothing comes back. */
const QUICK_PER_SECOND = 200;
const ROOM_WAIT_MS = 1_000;
const STILL_MS = 100;

/**
 * Rows that may be decided and not yet back: as many as will go while their decision surely holds, and what the slots take at once in any case. A
 * slow destination gets what its slots take; a quick one larger transactions.
 */
export function capacityOf({ concurrency, destinations, settings }: DestinationConnection, { perSecond }: Slots): number {
  const size = Math.min(100, Math.max(1, ...Object.values(destinations).map((destination) => batchSizeOf(destination, 'send', settings))));
  const requests = perSecond === null ? concurrency * FIRST_TURNS : (perSecond * SEND_WITHIN_MS) / 1_000;
  return Math.max(concurrency * size, Math.min(MAX_DECIDED, Math.floor(requests) * size));
}

/** What one holder of a lane's lease does: decide, send, write down, until nothing is due. */
export class LaneRun {
  private readonly inFlight = new Map<string, DeliveryRow>();
  private settled: Settled[] = [];
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

  /**
   * @param slots of the lane, with what is known of its speed
   * @param isCaughtUp whether it may be taken that nothing waits in the store yet
   */
  constructor(readonly lease: LaneLease, private readonly context: LaneContext, private readonly slots: Slots, isCaughtUp = false) {
    this.hasBacklog = !isCaughtUp;
    this.lookedAt = isCaughtUp ? context.clock() : 0;
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
      if (this.hasBacklog && (await this.context.store.hasInFlight(this.lease))) await this.context.store.transaction((tx) => tx.recoverInFlight(this.lease));
      while (await this.round()) if (this.inFlight.size > 0) await this.someSettled(this.inFlight.size >> 1);
    } finally {
      this.isOver = true;
    }
  }

  /** How many more rows may be decided now; none while older ones wait in the store. */
  roomFor(connection: DestinationConnection): number {
    return this.hasBacklog ? 0 : capacityOf(connection, this.slots) - this.inFlight.size;
  }

  /**
   * Waits until so many more rows could be decided, as long as the destination is quick and answers: what is decided along with other work costs a
   * fraction of what a round of its own does. A slow destination, or one that begins to hang, holds up nobody.
   */
  async untilRoom(rows: number): Promise<void> {
    const connection = this.context.configuration().destinations.get(this.lease.connectionId);
    if (connection?.status !== 'enabled' || (this.slots.perSecond ?? QUICK_PER_SECOND) < QUICK_PER_SECOND) return;
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

  /** Goes on from a round that has committed: its outcomes are written down, its cleared rows are sent. */
  goOn(connection: DestinationConnection, { head, cleared, block }: LaneDecisions, writtenDown: number, evaluatedAt: number): void {
    this.blocks.remove(this.settled.splice(0, writtenDown));
    if (block !== null) this.blocks.put(block);
    this.lease.chainSeq = head.seq;
    this.lease.chainHash = head.hash;
    this.send(connection, cleared, evaluatedAt);
    this.wake?.();
  }

  /** Asks the store for due rows at the next occasion. */
  look(): void {
    this.isRung = true;
    this.wake?.();
  }

  /** One look and one transaction. False when there is nothing left to do. */
  private async round(): Promise<boolean> {
    const leave = await this.enter();
    try {
      const connection = this.context.configuration().destinations.get(this.lease.connectionId);
      const isOpen = connection?.status === 'enabled' && !this.context.signal.aborted;
      const due = isOpen ? await this.findDue(connection) : [];
      if (due.length === 0 && this.settled.length === 0) {
        if (this.inFlight.size > 0 || this.isRung) return true;
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
    const room = this.capacity - this.inFlight.size;
    if (mayWait || room <= 0) return [];
    this.isRung = false;
    const busy = [...new Set([...this.inFlight.values(), ...this.settled.map(({ row }) => row)].map(({ profileId }) => profileId))];
    const rows = await this.context.store.findDueDeliveries(this.lease, now, room * 2, busy);
    const taken = new Set(busy);
    const due = rows.filter(({ profileId }) => !taken.has(profileId) && taken.add(profileId)).slice(0, room);
    this.lookedAt = now;
    this.mustLook = due.length < rows.length;
    this.hasBacklog = rows.length === room * 2;
    return due;
  }

  private async tick(connection: DestinationConnection | undefined, due: readonly DeliveryRow[]): Promise<void> {
    const { store, clock, random } = this.context;
    const settled = [...this.settled];
    if (connection === undefined) throw new FenceLost();
    let evaluatedAt = clock();
    const begin = performance.now();
    const decisions = await store.transaction((tx) => {
      evaluatedAt = clock();
      return laneTick(tx, { lease: this.lease, connection, configuration: this.context.configuration(), settled, due, areStored: true, inFlight: this.blocks, evaluatedAt, random });
    });
    this.gatherMs = Math.min(MAX_GATHER_MS, Math.max(GATHER_MS, 2 * (performance.now() - begin)));
    this.goOn(connection, decisions, settled.length, evaluatedAt);
  }

  private send(connection: DestinationConnection, cleared: readonly ClearedRow[], evaluatedAt: number): void {
    for (const [, alike] of groupBy(cleared, ({ row }) => `${row.action}|${row.operation}`)) {
      const [first] = alike;
      if (first === undefined) continue;
      const { destination } = first.cleared;
      const size = batchSizeOf(destination, first.row.operation, connection.settings);
      for (let start = 0; start < alike.length; start += size) void this.sendChunk(connection, alike.slice(start, start + size), evaluatedAt);
    }
  }

  private async sendChunk(connection: DestinationConnection, rows: ClearedRow[], evaluatedAt: number): Promise<void> {
    const { clock, http, pluginLog } = this.context;
    const [first] = rows as [ClearedRow];
    for (const { row } of rows) this.inFlight.set(row.deliveryId, row);
    await this.slots.take(connection.concurrency);
    const sentAt = clock();
    let results: Settled['result'][];
    if (sentAt - evaluatedAt > MAX_DECISION_AGE_MS) results = rows.map(() => ({ outcome: 'not-sent' }));
    else {
      const group = { destination: first.cleared.destination, operation: first.row.operation, rows };
      const settings = connection.settings;
      results = await sendGroup(group, { settings, http: startingWithin(http, evaluatedAt + MAX_DECISION_AGE_MS - sentAt), log: pluginLog(connection.pluginId), now: sentAt });
    }
    const settledAt = clock();
    this.slots.give(settledAt);
    rows.forEach(({ row, blockId }, index) => {
      this.inFlight.delete(row.deliveryId);
      this.settled.push({ row, blockId, sentAt, settledAt, result: results[index] as Settled['result'] });
    });
    this.wake?.();
    for (const watch of this.watchers.splice(0)) watch();
  }

  /** Waits until at most `left` sends are under way, or one is back and a moment has passed. */
  private async someSettled(left: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (this.inFlight.size <= left || (this.isRung && this.inFlight.size < this.capacity)) resolve();
        else if (this.settled.length > 0) timer ??= setTimeout(resolve, this.gatherMs);
      };
      this.wake = check;
      check();
    });
    clearTimeout(timer);
    this.wake = null;
  }
}
