import type { Mapping } from '@firsthand/plugin-sdk';
import { column, moment, money, number } from './column.js';
import { personTargets } from './person-targets.js';

/** A row is one line of a receipt: `Order Completed` with the store and that line. Receipt and line number make the message id, so that a file sent again changes nothing. */
export const receiptsMapping: Mapping = {
  type: { $const: 'track' },
  name: { $const: 'Order Completed' },
  messageId: { $when: '{{and (trim receipt_no) (trim line_no)}}', value: '{{concat "receipt:" (trim store_id) ":" (trim receipt_no) ":" (trim line_no)}}' },
  occurredAt: moment('purchased_at'),
  ...personTargets,
  'order.orderId': column('receipt_no'),
  'order.channel': { $const: 'store' },
  'order.currency': '{{default (trim currency) @settings.currency}}',
  'order.storeId': column('store_id'),
  'order.placedAt': moment('purchased_at'),
  'order.total': money('receipt_total'),
  'order.paymentMethod': column('payment_method'),
  'order.lines': {
    // A list of one: the row is its own only line.
    $each: '{{split "row" ","}}',
    value: {
      productId: '{{trim @root.product_id}}',
      sku: '{{trim @root.sku}}',
      name: '{{trim @root.product_name}}',
      brand: '{{trim @root.brand}}',
      category: '{{trim @root.category}}',
      variant: '{{trim @root.variant}}',
      quantity: number('@root.quantity'),
      price: money('@root.unit_price'),
      discount: money('@root.line_discount'),
      total: money('@root.line_total'),
      coupon: '{{trim @root.coupon}}',
    },
  },
  'properties.orderId': column('receipt_no'),
  'properties.value': money('line_total'),
  'properties.sku': column('sku'),
  'properties.category': column('category'),
  'properties.quantity': number('quantity'),
  'properties.storeId': column('store_id'),
  'store.storeId': column('store_id'),
  'store.name': column('store_name'),
  'store.registerId': column('register_id'),
};
