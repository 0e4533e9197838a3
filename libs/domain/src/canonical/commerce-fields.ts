import { defineFields } from './field-definition.js';

const PUBLIC = { owner: 'any', pii: 'none', retentionDays: null, purposes: ['service', 'analytics', 'marketing', 'advertising'] } as const;
const PURCHASE = { owner: 'store', pii: 'pseudonymous', retentionDays: 3650, purposes: ['service', 'analytics', 'marketing', 'advertising'] } as const;

/** A product, as the Segment ecommerce spec (version 2) describes it. */
export const PRODUCT_FIELDS = defineFields(PUBLIC, {
  productId: { type: 'string', description: 'Id of the product in the shop.', example: 'p-507' },
  sku: { type: 'string', description: 'Stock keeping unit.', example: 'RS-42-BLK' },
  name: { type: 'string', description: 'Name of the product.', example: 'Running shoe' },
  brand: { type: 'string', description: 'Brand of the product.', example: 'Acme' },
  category: { type: 'string', description: 'Category of the product.', example: 'Shoes' },
  variant: { type: 'string', description: 'Variant, e.g. colour or size.', example: 'black / 42' },
  price: { type: 'money', description: 'Price of one piece.', example: { amountMinor: 59900, currency: 'CNY' } },
  url: { type: 'url', description: 'Page of the product.', example: 'https://shop.example.com/p/507' },
  imageUrl: { type: 'url', description: 'Picture of the product.', example: 'https://shop.example.com/p/507.jpg' },
});

/** A product within an order, cart or list. */
export const LINE_FIELDS = {
  ...PRODUCT_FIELDS,
  ...defineFields(PUBLIC, {
    quantity: { type: 'number', description: 'How many pieces; fractions where goods are weighed.', example: 2 },
    discount: { type: 'money', description: 'Discount on the whole line.', example: { amountMinor: 5000, currency: 'CNY' } },
    total: { type: 'money', description: 'Price of the whole line after discount.', example: { amountMinor: 114800, currency: 'CNY' } },
    coupon: { type: 'string', description: 'Coupon used for this line.', example: 'SHOES10' },
    position: { type: 'integer', description: 'Place in the list, from 1.', example: 1 },
  }),
};

/** A place where the brand sells. */
export const STORE_FIELDS = defineFields({ ...PUBLIC, owner: 'store' }, {
  storeId: { type: 'string', description: 'Id of the store.', example: 'hz-01' },
  name: { type: 'string', description: 'Name of the store.', example: 'Hangzhou West Lake' },
  registerId: { type: 'string', description: 'Register or terminal.', example: 'pos-3' },
  city: { type: 'string', description: 'City of the store.', example: 'Hangzhou' },
  region: { type: 'string', description: 'Province or state of the store.', example: 'Zhejiang' },
  postalCode: { type: 'string', description: 'Postal code of the store.', example: '310000' },
  country: { type: 'country', description: 'Country of the store.', example: 'CN' },
});

/** An order with its lines. */
export const ORDER_FIELDS = defineFields(PURCHASE, {
  orderId: { type: 'string', description: 'Id of the order in the shop or register.', example: 'o-20261124-0042' },
  orderNumber: { type: 'string', description: 'Number that the customer sees.', example: '#1042' },
  checkoutId: { type: 'string', description: 'Id of the checkout.', example: 'c-88' },
  cartId: { type: 'string', description: 'Id of the cart.', example: 'cart-7' },
  status: { type: 'string', description: 'State of the order.', example: 'paid' },
  channel: { type: 'string', description: 'Channel of the sale.', example: 'store' },
  affiliation: { type: 'string', description: 'Shop or partner that the sale belongs to.', example: 'Online store' },
  currency: { type: 'currency', description: 'Currency of the order.', example: 'CNY', pii: 'none' },
  subtotal: { type: 'money', description: 'Sum of the lines after discount, before tax and shipping.', example: { amountMinor: 114800, currency: 'CNY' } },
  discount: { type: 'money', description: 'Sum of all discounts.', example: { amountMinor: 5000, currency: 'CNY' } },
  shipping: { type: 'money', description: 'Shipping charge.', example: { amountMinor: 1000, currency: 'CNY' } },
  tax: { type: 'money', description: 'Tax.', example: { amountMinor: 0, currency: 'CNY' } },
  total: { type: 'money', description: 'What the customer pays.', example: { amountMinor: 115800, currency: 'CNY' } },
  refunded: { type: 'money', description: 'What was given back so far.', example: { amountMinor: 0, currency: 'CNY' } },
  coupon: { type: 'string', description: 'Coupon used for the order.', example: 'WELCOME' },
  paymentMethod: { type: 'string', description: 'Kind of payment; never a card or account number.', example: 'wechat-pay' },
  shippingMethod: { type: 'string', description: 'Kind of shipping.', example: 'express' },
  storeId: { type: 'string', description: 'Store of the sale.', example: 'hz-01', pii: 'none' },
  placedAt: { type: 'datetime', description: 'When the order was placed.', example: '2026-11-24T08:00:00.000Z' },
  paidAt: { type: 'datetime', description: 'When it was paid.', example: '2026-11-24T08:01:00.000Z' },
  note: { type: 'string', description: 'Note of the customer.', example: 'Please ring twice', pii: 'personal', purposes: ['service'] },
  lines: { type: 'objects', description: 'The products bought.', fields: LINE_FIELDS },
});
