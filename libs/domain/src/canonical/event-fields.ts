import { LINE_FIELDS, PRODUCT_FIELDS } from './commerce-fields.js';
import { defineFields } from './field-definition.js';

const BEHAVIOUR = { owner: 'any', pii: 'pseudonymous', retentionDays: 730, purposes: ['analytics', 'marketing', 'advertising'] } as const;
const PLAIN = { ...BEHAVIOUR, pii: 'none' } as const;

/** What every event says of itself. */
export const EVENT_FIELDS = defineFields(PLAIN, {
  type: { type: 'string', values: ['track', 'identify', 'page', 'screen', 'group', 'alias', 'delete'], description: 'Kind of call, as in the Segment spec.', example: 'track' },
  name: { type: 'string', description: 'Title Case "Object Action".', example: 'Order Completed' },
  messageId: { type: 'string', description: 'Id given by the source; the same id twice is one event.', example: 'evt-8f2c', pii: 'pseudonymous' },
  occurredAt: { type: 'datetime', description: 'When it happened.', example: '2026-11-24T08:00:00.000Z', pii: 'pseudonymous' },
});

/** Properties of events: the Segment ecommerce spec (version 2), page and screen calls, and the app lifecycle. */
export const PROPERTY_FIELDS = {
  ...PRODUCT_FIELDS,
  ...defineFields(PLAIN, {
    quantity: { type: 'number', description: 'How many pieces.', example: 1 },
    position: { type: 'integer', description: 'Place in the list, from 1.', example: 3 },
    coupon: { type: 'string', description: 'Coupon code.', example: 'WELCOME' },
    couponId: { type: 'string', description: 'Id of the coupon.', example: 'cp-1' },
    couponName: { type: 'string', description: 'Name of the coupon.', example: 'Welcome 10 %' },
    discount: { type: 'money', description: 'Discount.', example: { amountMinor: 1000, currency: 'CNY' } },
    currency: { type: 'currency', description: 'Currency of the amounts.', example: 'CNY' },
    value: { type: 'money', description: 'Value of the event to the brand.', example: { amountMinor: 59900, currency: 'CNY' } },
    revenue: { type: 'money', description: 'Revenue without shipping and tax.', example: { amountMinor: 114800, currency: 'CNY' } },
    subtotal: { type: 'money', description: 'Revenue after discounts, before shipping and tax.', example: { amountMinor: 114800, currency: 'CNY' } },
    shipping: { type: 'money', description: 'Shipping charge.', example: { amountMinor: 1000, currency: 'CNY' } },
    tax: { type: 'money', description: 'Tax.', example: { amountMinor: 0, currency: 'CNY' } },
    total: { type: 'money', description: 'Sum with shipping and tax.', example: { amountMinor: 115800, currency: 'CNY' } },
    reason: { type: 'string', description: 'Why, e.g. a coupon was denied.', example: 'expired' },
    affiliation: { type: 'string', description: 'Shop or partner.', example: 'Online store' },
    listId: { type: 'string', description: 'Id of a product list.', example: 'l-2' },
    listName: { type: 'string', description: 'Name of a product list.', example: 'New arrivals' },
    promotionId: { type: 'string', description: 'Id of a promotion.', example: 'pr-9' },
    creative: { type: 'string', description: 'Creative of a promotion.', example: 'banner-top' },
    step: { type: 'integer', description: 'Step of the checkout, from 1.', example: 2 },
    shippingMethod: { type: 'string', description: 'Kind of shipping.', example: 'express' },
    paymentMethod: { type: 'string', description: 'Kind of payment; never a card or account number.', example: 'wechat-pay' },
    shareVia: { type: 'string', description: 'Where a product or cart was shared.', example: 'wechat' },
    rating: { type: 'number', description: 'Rating given.', example: 5 },
    method: { type: 'string', description: 'How it was done, e.g. the way of signing in.', example: 'sms' },
    formId: { type: 'string', description: 'Id of a form.', example: 'newsletter' },
    label: { type: 'string', description: 'Label of what was used, e.g. a button.', example: 'Buy now' },
    status: { type: 'string', description: 'State after the event.', example: 'paid' },
  }),
  ...defineFields(BEHAVIOUR, {
    orderId: { type: 'string', description: 'Id of the order.', example: 'o-20261124-0042' },
    checkoutId: { type: 'string', description: 'Id of the checkout.', example: 'c-88' },
    cartId: { type: 'string', description: 'Id of the cart.', example: 'cart-7' },
    wishlistId: { type: 'string', description: 'Id of the wishlist.', example: 'w-1' },
    wishlistName: { type: 'string', description: 'Name of the wishlist.', example: 'For winter' },
    reviewId: { type: 'string', description: 'Id of a review.', example: 'r-5' },
    reviewBody: { type: 'string', description: 'Text of a review.', example: 'Fits well', pii: 'personal', purposes: ['service', 'analytics'] },
    shareMessage: { type: 'string', description: 'Text written while sharing.', example: 'Look!', pii: 'personal', purposes: ['service'] },
    recipient: { type: 'string', description: 'To whom something was shared.', example: 'a friend', pii: 'personal', purposes: ['service'] },
    query: { type: 'string', description: 'Words searched for.', example: 'running shoes' },
    path: { type: 'string', description: 'Path of the page.', example: '/shoes' },
    title: { type: 'string', description: 'Title of the page.', example: 'Shoes' },
    referrer: { type: 'string', description: 'Page before this one.', example: 'https://search.example.com/' },
    search: { type: 'string', description: 'Query part of the page address.', example: '?color=black' },
    hash: { type: 'string', description: 'Fragment of the page address.', example: '#reviews' },
    keywords: { type: 'strings', description: 'Keywords of the page.', example: ['shoes', 'sale'] },
    screenName: { type: 'string', description: 'Screen of the app or mini-program.', example: 'pages/product/index' },
    scene: { type: 'string', description: 'Scene a mini-program was opened from.', example: '1011' },
    groupId: { type: 'string', description: 'Organisation or household of a group call.', example: 'g-17' },
    groupName: { type: 'string', description: 'Its name.', example: 'Example Trading Co.' },
    appVersion: { type: 'string', description: 'App version of an install or update.', example: '4.2.0', pii: 'none' },
    previousVersion: { type: 'string', description: 'App version before an update.', example: '4.1.3', pii: 'none' },
    fromBackground: { type: 'boolean', description: 'Whether the app came from the background.', example: true, pii: 'none' },
    storeId: { type: 'string', description: 'Store of the event.', example: 'hz-01', pii: 'none' },
    pointsChanged: { type: 'integer', description: 'Loyalty points earned or spent.', example: 120 },
    pointsBalance: { type: 'integer', description: 'Loyalty points afterwards.', example: 1320 },
    products: { type: 'objects', description: 'Products of an order, cart or list event.', fields: LINE_FIELDS },
    filters: { type: 'objects', description: 'Filters set on a product list.', fields: defineFields(PLAIN, {
      type: { type: 'string', description: 'What is filtered.', example: 'size' },
      value: { type: 'string', description: 'The value chosen.', example: '42' },
    }) },
    sorts: { type: 'objects', description: 'Sortings set on a product list.', fields: defineFields(PLAIN, {
      type: { type: 'string', description: 'What is sorted by.', example: 'price' },
      value: { type: 'string', description: 'The direction.', example: 'desc' },
    }) },
  }),
};
