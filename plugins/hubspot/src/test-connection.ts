import { InvalidCredentials } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';
import { isObject } from './is-object.js';

/**
 * Checks that the token is good, that it belongs to the account of the settings, and that it may read contacts.
 *
 * @throws InvalidCredentials, RateLimited, RetryableError
 */
export async function testConnection(context: HubspotContext): Promise<void> {
  const account = (await callHubspot(context, 'GET', '/account-info/v3/details')).json();
  if (!isObject(account) || String(account.portalId) !== context.settings.portalId) throw new InvalidCredentials('The access token belongs to another HubSpot account than the Hub ID.');
  await callHubspot(context, 'GET', '/crm/v3/objects/contacts?limit=1');
}
