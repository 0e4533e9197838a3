/**
 * The event names that every workspace has: the calls without an event name, and those of the Segment spec (ecommerce v2, mobile lifecycle, consent). Spelled as the spec spells
 * them, also where the convention for names of one's own would not.
 *
 * @example STANDARD_EVENTS.includes('Order Completed') // true
 */
export const STANDARD_EVENTS: readonly string[] = [
  'Page Viewed', 'Screen Viewed', 'Profile Updated', 'Group Joined', 'Identities Linked',
  'Products Searched', 'Product List Viewed', 'Product List Filtered',
  'Promotion Viewed', 'Promotion Clicked',
  'Product Clicked', 'Product Viewed', 'Product Added', 'Product Removed', 'Cart Viewed',
  'Checkout Started', 'Checkout Step Viewed', 'Checkout Step Completed', 'Payment Info Entered',
  'Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled',
  'Coupon Entered', 'Coupon Applied', 'Coupon Denied', 'Coupon Removed',
  'Product Added to Wishlist', 'Product Removed from Wishlist', 'Wishlist Product Added to Cart',
  'Product Shared', 'Cart Shared', 'Product Reviewed',
  'Application Installed', 'Application Opened', 'Application Updated', 'Application Backgrounded', 'Application Foregrounded',
  'Application Crashed', 'Application Uninstalled', 'Install Attributed',
  'Push Notification Received', 'Push Notification Tapped', 'Push Notification Bounced', 'Deep Link Opened', 'Deep Link Clicked',
  'Signed Up', 'Signed In', 'Signed Out', 'Segment Consent Preference Updated',
];
