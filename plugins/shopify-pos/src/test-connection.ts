import { InvalidCredentials } from '@firsthand/plugin-sdk';
import { callShopify, type ShopifyContext } from './admin/call-shopify.js';
import { isObject } from './is-object.js';

const SCOPES = ['read_customers', 'write_customers'];
/** What somebody is known by there: protected customer data, which a token with every scope may still not be given. */
const PROTECTED = 'query { customers(first: 1) { nodes { firstName lastName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } } }';

/**
 * Checks that the access token is of the shop and may read and write customers, their names and addresses among it. A connection without a token only takes webhooks: there is nothing to ask.
 *
 * @throws InvalidCredentials, RateLimited, RetryableError
 */
export async function testConnection(context: ShopifyContext): Promise<void> {
  const { accessToken = '', shop: expected } = context.settings;
  if (accessToken === '') return;
  const { data: { shop, currentAppInstallation: app } } = await callShopify(context, 'query { shop { myshopifyDomain } currentAppInstallation { accessScopes { handle } } }', {});
  if (!isObject(shop) || shop.myshopifyDomain !== expected) throw new InvalidCredentials('The access token belongs to another shop.');
  const scopes = isObject(app) && Array.isArray(app.accessScopes) ? app.accessScopes.filter(isObject).map(({ handle }) => handle) : [];
  const missing = SCOPES.filter((scope) => !scopes.includes(scope));
  if (missing.length > 0) throw new InvalidCredentials(`The access token lacks the scope ${missing.join(' and ')}.`);
  const denied = (await callShopify(context, PROTECTED, {})).failures.get('customers');
  if (denied !== undefined) throw denied;
}
