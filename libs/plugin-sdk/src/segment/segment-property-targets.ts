import type { MappingPart, MappingValue } from '@firsthand/domain';

/** Amounts carry no currency of their own: the event's, else the connection's. */
const CURRENCY = '(default @root.properties.currency @settings.currency)';

function money(path: string): string {
  return `{{money ${path} ${CURRENCY}}}`;
}

/** A product of a list, cart or order, with the names of the ecommerce spec and their camelCase spelling. */
const LINES: MappingValue = {
  $each: '{{properties.products}}',
  value: {
    productId: '{{default product_id productId id}}',
    sku: '{{sku}}',
    name: '{{default name title}}',
    brand: '{{brand}}',
    category: '{{category}}',
    variant: '{{variant}}',
    price: money('price'),
    discount: money('discount'),
    url: '{{url}}',
    imageUrl: '{{default image_url imageUrl}}',
    quantity: '{{quantity}}',
    coupon: '{{coupon}}',
    position: '{{position}}',
  },
};

/**
 * The properties of track, page and screen calls: every name in lowerCamelCase, amounts as money.
 * An amount without a known currency stays as it came, so that it is flagged and not silently lost.
 */
export const segmentPropertyTargets: MappingPart = {
  properties: '{{camelKeys properties}}',
  ...Object.fromEntries(
    ['price', 'value', 'revenue', 'subtotal', 'shipping', 'tax', 'discount', 'total'].map((name) => [`properties.${name}`, money(`properties.${name}`)]),
  ),
  'properties.products': LINES,
};

/** The mobile lifecycle events ("Spec: Mobile"). */
export const segmentLifecycleTargets: MappingPart = {
  'properties.appVersion': '{{properties.version}}',
  'properties.previousVersion': '{{properties.previous_version}}',
  'properties.fromBackground': '{{properties.from_background}}',
  'properties.referrer': '{{properties.referring_application}}',
  'properties.url': '{{properties.url}}',
};

/** An order of the ecommerce spec. A refund says what was given back, not what the order is worth. */
export const segmentOrderTargets: MappingPart = {
  'order.orderId': '{{default properties.order_id properties.orderId}}',
  'order.checkoutId': '{{default properties.checkout_id properties.checkoutId}}',
  'order.cartId': '{{default properties.cart_id properties.cartId}}',
  'order.status': '{{map event "Order Completed" "completed" "Order Updated" "updated" "Order Refunded" "refunded" "Order Cancelled" "cancelled"}}',
  'order.affiliation': '{{properties.affiliation}}',
  'order.currency': '{{default properties.currency @settings.currency}}',
  'order.coupon': '{{properties.coupon}}',
  'order.paymentMethod': '{{default properties.payment_method properties.paymentMethod}}',
  'order.shippingMethod': '{{default properties.shipping_method properties.shippingMethod}}',
  'order.storeId': '{{default properties.store_id properties.storeId}}',
  'order.refunded': { $when: '{{eq event "Order Refunded"}}', value: money('properties.total') },
  'order.total': { $when: '{{neq event "Order Refunded"}}', value: money('properties.total') },
  'order.subtotal': { $when: '{{neq event "Order Refunded"}}', value: money('properties.subtotal') },
  'order.discount': { $when: '{{neq event "Order Refunded"}}', value: money('properties.discount') },
  'order.shipping': { $when: '{{neq event "Order Refunded"}}', value: money('properties.shipping') },
  'order.tax': { $when: '{{neq event "Order Refunded"}}', value: money('properties.tax') },
  'order.lines': { $when: '{{neq event "Order Refunded"}}', value: LINES },
};
