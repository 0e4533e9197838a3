import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import type { Store } from '../ports/store.js';

/** Read beside the suspects: others may be due before them. */
const MARGIN = 1_000;

/** Rows of a lane that may be what kills processes: each is sent with nothing beside it, so that it is known which of them it was. */
export class LaneSuspects {
  private readonly ids = new Set<string>();

  get isEmpty(): boolean {
    return this.ids.size === 0;
  }

  add(deliveryIds: readonly string[]): void {
    for (const id of deliveryIds) this.ids.add(id);
  }

  /** The next one that is due, to be sent when nothing is in flight. When nobody is busy, those that are not due any more are none. */
  async next(store: Pick<Store, 'findDueDeliveries'>, lease: LaneLease, now: number, busy: readonly string[]): Promise<DeliveryRow[]> {
    const rows = await store.findDueDeliveries(lease, now, this.ids.size + MARGIN, busy);
    const next = rows.find(({ deliveryId }) => this.ids.has(deliveryId));
    if (next !== undefined) this.ids.delete(next.deliveryId);
    else if (busy.length === 0) this.ids.clear();
    return next === undefined ? [] : [next];
  }
}
