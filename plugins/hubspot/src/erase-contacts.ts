import { InvalidPayload, type SendResult } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';

/**
 * Deletes contacts for good (GDPR art. 17): with all that is attached to them, and not restorable. HubSpot takes one per request; one that it does not
 * have is done already. After a failure that concerns all (credentials, rate limit, outage) no more is asked.
 */
export async function eraseContacts(context: HubspotContext & { items: readonly { payload: { email?: string } }[] }): Promise<SendResult[]> {
  const results: SendResult[] = [];
  let stop: Error | undefined;
  for (const { payload } of context.items) {
    const error = stop ?? (await eraseContact(context, payload.email));
    if (error !== undefined && !(error instanceof InvalidPayload)) stop = error;
    results.push(error === undefined ? { ok: true } : { ok: false, error });
  }
  return results;
}

async function eraseContact(context: HubspotContext, email: string | undefined): Promise<Error | undefined> {
  if (email === undefined) return new InvalidPayload('There is no email to erase.');
  try {
    await callHubspot(context, 'POST', '/crm/v3/objects/contacts/gdpr-delete', { objectId: email, idProperty: 'email' }, [404]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new InvalidPayload('The contact could not be erased.');
  }
}
