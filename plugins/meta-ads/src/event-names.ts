/** Canonical event names and Meta's standard events (Meta Pixel "Reference", standard events). */
const STANDARD_EVENTS = new Map([
  ['Order Completed', 'Purchase'],
  ['Checkout Started', 'InitiateCheckout'],
  ['Payment Info Entered', 'AddPaymentInfo'],
  ['Product Added', 'AddToCart'],
  ['Wishlist Product Added to Cart', 'AddToCart'],
  ['Product Added to Wishlist', 'AddToWishlist'],
  ['Product Viewed', 'ViewContent'],
  ['Products Searched', 'Search'],
  ['Page Viewed', 'PageView'],
  ['Screen Viewed', 'PageView'],
  ['Signed Up', 'CompleteRegistration'],
]);

/**
 * The name that Meta knows an event by; a name without a standard event goes as a custom event, as it is.
 *
 * @example metaEventName('Order Completed') // 'Purchase'
 */
export function metaEventName(name: string): string {
  return STANDARD_EVENTS.get(name) ?? name;
}
