import type { Condition, EventCondition, OrdersCondition, PropertyCondition } from './condition.js';

/** The event that says that somebody bought (Segment's ecommerce specification). */
export const ORDER_EVENT = 'Order Completed';

/**
 * A condition on orders as the conditions on events that it stands for: what both ways of evaluating it use.
 *
 * @example expandOrders({ orders: { last: { op: 'after', value: { ago: { days: 30 } } } } }) // { all: [{ event: 'Order Completed', last: … }] }
 */
export function expandOrders({ orders: { within, count, amount, first, last } }: OrdersCondition): Condition & { all: EventCondition[] } {
  const span = within === undefined ? {} : { within };
  const all: EventCondition[] = [];
  if (count !== undefined) all.push({ event: ORDER_EVENT, count, ...span });
  if (amount !== undefined) {
    const where: PropertyCondition[] = [{ path: 'order.total.currency', op: 'eq', value: amount.currency }];
    all.push({ event: ORDER_EVENT, where, sum: { path: 'order.total.amountMinor', op: amount.op, value: amount.value }, ...span });
  }
  if (first !== undefined) all.push({ event: ORDER_EVENT, first });
  if (last !== undefined) all.push({ event: ORDER_EVENT, last });
  return { all };
}
