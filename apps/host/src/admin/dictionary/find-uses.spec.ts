import type { FlowDefinition } from '@firsthand/domain';
import { flowUse } from './find-uses.js';

it('names all that a flow reads of the events that it waits for, the place of its key too', () => {
  const flow: FlowDefinition = {
    flowId: 'f', version: 1, name: 'F', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'event', name: 'Product Viewed' }, key: '{{event.properties.productId}}',
    exit: { event: { name: 'Order Completed', sameKey: 'order.lines.productId' } },
    steps: [{ id: 'wait', type: 'waitUntil', event: { name: 'Cart Viewed', sameKey: true, where: [{ path: 'properties.cartId', op: 'exists' }] }, timeout: { days: 1 } }],
  };
  const { paths, events } = flowUse(flow);
  expect([[...paths].sort(), [...events].sort()]).toEqual([['order.lines.productId', 'properties.cartId', 'properties.productId'], ['Cart Viewed', 'Order Completed', 'Product Viewed']]);
});
