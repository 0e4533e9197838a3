import type { MappingPart, MappingValue } from '@firsthand/plugin-sdk';

const money = (path: string) => `{{money ${path} @root.body.currency}}`;

const lines: MappingValue = {
  $each: '{{body.line_items}}',
  value: {
    productId: '{{product_id}}',
    sku: '{{sku}}',
    name: '{{default title name}}',
    variant: '{{variant_title}}',
    brand: '{{vendor}}',
    quantity: '{{quantity}}',
    price: money('price'),
    discount: money('total_discount'),
  },
};

const channel = '{{map body.source_name "pos" "store" "web" "web" body.source_name}}';

/** An order of the Admin API. Amounts are in the currency of the shop. */
export const orderTargets: MappingPart = {
  'order.orderId': '{{body.id}}',
  'order.orderNumber': '{{body.name}}',
  'order.checkoutId': '{{body.checkout_id}}',
  'order.status': '{{default body.financial_status body.fulfillment_status}}',
  'order.channel': channel,
  'order.currency': '{{body.currency}}',
  'order.subtotal': money('body.subtotal_price'),
  'order.discount': money('body.total_discounts'),
  'order.shipping': money('body.total_shipping'),
  'order.tax': money('body.total_tax'),
  'order.total': money('body.total_price'),
  'order.coupon': '{{body.discount_codes.0.code}}',
  'order.paymentMethod': '{{first body.payment_gateway_names}}',
  'order.shippingMethod': '{{body.shipping_lines.0.title}}',
  'order.storeId': '{{body.location_id}}',
  'order.placedAt': '{{body.created_at}}',
  'order.paidAt': { $when: '{{eq topic "orders/paid"}}', value: '{{body.processed_at}}' },
  'order.note': '{{body.note}}',
  'order.lines': lines,
  'properties.orderId': '{{body.id}}',
  'properties.total': money('body.total_price'),
  'properties.coupon': '{{body.discount_codes.0.code}}',
  'properties.storeId': '{{body.location_id}}',
  'properties.status': '{{body.financial_status}}',
  'properties.reason': '{{body.cancel_reason}}',
  'store.storeId': '{{body.location_id}}',
  'store.registerId': '{{body.device_id}}',
  'context.locale': '{{body.customer_locale}}',
};

/** A refund. It says what was given back, not what the order is worth now. */
export const refundTargets: MappingPart = {
  'order.orderId': '{{body.order_id}}',
  'order.orderNumber': '{{order.name}}',
  'order.status': '{{order.financial_status}}',
  'order.refunded': '{{money body.total body.currency}}',
  'order.storeId': '{{order.location_id}}',
  'properties.orderId': '{{body.order_id}}',
  'properties.total': '{{money body.total body.currency}}',
  'properties.reason': '{{body.note}}',
  'properties.storeId': '{{default body.refund_line_items.0.location_id order.location_id}}',
  'properties.products': {
    $each: '{{body.refund_line_items}}',
    value: { productId: '{{line_item.product_id}}', sku: '{{line_item.sku}}', name: '{{default line_item.title line_item.name}}', quantity: '{{quantity}}' },
  },
  'store.storeId': '{{default body.refund_line_items.0.location_id order.location_id}}',
};
