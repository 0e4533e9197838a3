import type { JsonObject, JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from './is-object.js';

const ORDER = [
  'id', 'name', 'order_number', 'checkout_id', 'test', 'created_at', 'updated_at', 'processed_at', 'cancelled_at', 'cancel_reason', 'closed_at',
  'currency', 'total_price', 'subtotal_price', 'total_discounts', 'total_tax', 'financial_status', 'fulfillment_status', 'payment_gateway_names',
  'discount_codes', 'email', 'phone', 'location_id', 'device_id', 'source_name', 'customer_locale', 'note', 'note_attributes', 'metafields', 'tags',
];
const LINE = ['id', 'product_id', 'variant_id', 'sku', 'title', 'name', 'variant_title', 'vendor', 'quantity', 'price', 'total_discount'];
const CUSTOMER = [
  'id', 'email', 'phone', 'first_name', 'last_name', 'created_at', 'updated_at', 'tags', 'locale', 'metafields',
];
const ADDRESS = ['address1', 'address2', 'city', 'company', 'province', 'zip', 'country', 'country_code'];
const REFUND = ['id', 'order_id', 'created_at', 'processed_at', 'note'];

/**
 * Keeps what mappings can use. An order of Shopify has close to a hundred values per line, most of them the same amount again, and card
 * fragments and addresses nobody asked for (GDPR art. 5(1)(c)).
 */
export function trimOrder(order: JsonObject): JsonObject {
  return {
    ...pick(order, ORDER),
    line_items: pickEach(order.line_items, LINE),
    shipping_lines: pickEach(order.shipping_lines, ['title', 'price']),
    total_shipping: shippingTotal(order.total_shipping_price_set),
    customer: isObject(order.customer) ? trimCustomer(order.customer) : null,
  };
}

/** Keeps of a customer what mappings can use; consents are read apart. */
export function trimCustomer(customer: JsonObject): JsonObject {
  const address = customer.default_address;
  return { ...pick(customer, CUSTOMER), ...(isObject(address) ? { default_address: pick(address, ADDRESS) } : {}) };
}

/** Keeps of a refund what mappings can use. */
export function trimRefund(refund: JsonObject): JsonObject {
  const items = Array.isArray(refund.refund_line_items) ? refund.refund_line_items : [];
  return {
    ...pick(refund, REFUND),
    refund_line_items: items.filter(isObject).map((item) => ({
      ...pick(item, ['quantity', 'location_id', 'subtotal']),
      line_item: isObject(item.line_item) ? pick(item.line_item, LINE) : null,
    })),
  };
}

function shippingTotal(priceSet: JsonValue | undefined): JsonValue {
  const money = isObject(priceSet) ? priceSet.shop_money : undefined;
  return (isObject(money) ? money.amount : undefined) ?? null;
}

function pickEach(list: JsonValue | undefined, names: readonly string[]): JsonObject[] {
  return (Array.isArray(list) ? list : []).filter(isObject).map((item) => pick(item, names));
}

function pick(object: JsonObject, names: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const name of names) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
