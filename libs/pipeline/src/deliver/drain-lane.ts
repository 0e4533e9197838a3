import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import { groupBy } from '../group-by.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import { FenceLost, type Store } from '../ports/store.js';
import type { Cleared } from './decide-delivery.js';
import { laneTick, type Settled } from './lane-tick.js';
import { batchSizeOf, sendGroup } from './send-cleared.js';
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
/** How long a tick may wait for more sends to come back, once one is. */
const GATHER_MS = 20;
const MAX_TURNS = 8;
const MAX_DECIDED = 400;

/** What one holder of a lane's lease does: decide, send, write down, until nothing is due. */
export class LaneRun {
  private readonly inFlight = new Map<string, DeliveryRow>();
  private settled: Settled[] = [];
  private wake: (() => void) | null = null;
  private readonly slots = new Slots();

  constructor(private readonly lease: LaneLease, private readonly context: LaneContext) {}

  async run(): Promise<void> {
    const { signal } = this.context;
    while (true) {
      const connection = this.context.configuration().destinations.get(this.lease.connectionId);
      const isOpen = connection?.status === 'enabled' && !signal.aborted;
      const due = isOpen ? await this.findDue(connection) : [];
      if (due.length === 0 && this.settled.length === 0) {
        if (this.inFlight.size === 0) return;
        await this.someSettled(0);
        continue;
      }
      await this.tick(connection, due);
      if (this.inFlight.size > 0) await this.someSettled(this.inFlight.size >> 1);
    }
  }

  private async findDue(connection: DestinationConnection): Promise<DeliveryRow[]> {
    const capacity = this.capacityOf(connection) - this.inFlight.size;
    if (capacity <= 0) return [];
    const now = this.context.clock();
    const busy = [...new Set([...this.inFlight.values()].map(({ profileId }) => profileId)), ...this.settled.map(({ row }) => row.profileId)];
    const rows = await this.context.store.findDueDeliveries(this.lease, now, capacity * 2, busy);
    const taken = new Set(busy);
    return rows.filter(({ profileId }) => !taken.has(profileId) && taken.add(profileId)).slice(0, capacity);
  }

  /**
   * Rows that may be decided and not yet back: requests at once, times the rows of one request, times the requests that a slot is
   * expected to make in a fifth of the time a decision holds. A slow destination gets what its slots take; a quick one larger transactions.
   */
  private capacityOf({ concurrency, destinations, settings }: DestinationConnection): number {
    const sizes = Object.values(destinations).map((destination) => batchSizeOf(destination, 'send', settings));
    const turns = Math.max(1, Math.min(MAX_TURNS, Math.floor(MAX_DECISION_AGE_MS / 5 / Math.max(1, this.slots.averageMs))));
    const size = Math.min(100, Math.max(1, ...sizes));
    return Math.max(concurrency * size, Math.min(MAX_DECIDED, concurrency * size * turns));
  }

  private async tick(connection: DestinationConnection | undefined, due: readonly DeliveryRow[]): Promise<void> {
    const { store, clock, random } = this.context;
    const settled = this.settled;
    this.settled = [];
    if (connection === undefined) throw new FenceLost();
    let evaluatedAt = clock();
    const result = await store.transaction((tx) => {
      evaluatedAt = clock();
      return laneTick(tx, { lease: this.lease, connection, configuration: this.context.configuration(), settled, due, evaluatedAt, random });
    });
    this.lease.chainSeq = result.head.seq;
    this.lease.chainHash = result.head.hash;
    this.send(connection, result.cleared, evaluatedAt);
  }

  private send(connection: DestinationConnection, cleared: readonly { row: DeliveryRow; cleared: Cleared }[], evaluatedAt: number): void {
    for (const [, alike] of groupBy(cleared, ({ row }) => `${row.action}|${row.operation}`)) {
      const [first] = alike;
      if (first === undefined) continue;
      const { destination } = first.cleared;
      const size = batchSizeOf(destination, first.row.operation, connection.settings);
      for (let start = 0; start < alike.length; start += size) void this.sendChunk(connection, alike.slice(start, start + size), evaluatedAt);
    }
  }

  private async sendChunk(connection: DestinationConnection, rows: { row: DeliveryRow; cleared: Cleared }[], evaluatedAt: number): Promise<void> {
    const { clock, http, pluginLog } = this.context;
    const [first] = rows as [{ row: DeliveryRow; cleared: Cleared }];
    for (const { row } of rows) this.inFlight.set(row.deliveryId, row);
    await this.slots.take(connection.concurrency);
    const sentAt = clock();
    let results: Settled['result'][];
    if (sentAt - evaluatedAt > MAX_DECISION_AGE_MS) results = rows.map(() => ({ outcome: 'not-sent' }));
    else {
      const group = { destination: first.cleared.destination, operation: first.row.operation, rows };
      const settings = connection.settings;
      results = await sendGroup(group, { settings, http, log: pluginLog(connection.pluginId), now: sentAt });
    }
    const settledAt = clock();
    this.slots.give(settledAt - sentAt);
    rows.forEach(({ row }, index) => {
      this.inFlight.delete(row.deliveryId);
      this.settled.push({ row, sentAt, settledAt, result: results[index] as Settled['result'] });
    });
    this.wake?.();
  }

  /** Waits until at most `left` sends are under way, or one is back and a moment has passed. */
  private async someSettled(left: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (this.inFlight.size <= left) resolve();
        else if (this.settled.length > 0) timer ??= setTimeout(resolve, GATHER_MS);
      };
      this.wake = check;
      check();
    });
    clearTimeout(timer);
    this.wake = null;
  }
}
