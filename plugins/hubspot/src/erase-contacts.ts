import { InvalidPayload, type JsonObject, type SendResult } from '@firsthand/plugin-sdk';
import { callHubspot, type HubspotContext } from './call-hubspot.js';
import { recordIdOf } from './record-id.js';

/** By what a recipient knows the person, as it was sent. */
interface Named {
  contactId?: string;
  email?: string;
}

/**
 * Deletes contacts for good (GDPR art. 17): with all that is attached to them, and not restorable; by their id, and where there is none of it by their email. HubSpot takes one per
 * request; one that it does not have is done already. After a failure that concerns all (credentials, rate limit, outage) no more is asked.
 */
export async function eraseContacts(context: HubspotContext & { items: readonly { payload: Named }[] }): Promise<SendResult[]> {
  const results: SendResult[] = [];
  let stop: Error | undefined;
  for (const { payload } of context.items) {
    const error = stop ?? (await eraseContact(context, payload));
    if (error !== undefined && !(error instanceof InvalidPayload)) stop = error;
    results.push(error === undefined ? { ok: true } : { ok: false, error });
  }
  return results;
}

async function eraseContact(context: HubspotContext, { contactId, email }: Named): Promise<Error | undefined> {
  const objectId = recordIdOf(contactId, context.settings);
  if (objectId === undefined && email === undefined) return new InvalidPayload('There is neither an id of a contact of this account nor an email to erase.');
  try {
    if (objectId !== undefined && (await gdprDelete(context, { objectId }))) return undefined;
    if (email !== undefined) await gdprDelete(context, { objectId: email, idProperty: 'email' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new InvalidPayload('The contact could not be erased.');
  }
}

/** Whether HubSpot had it. */
async function gdprDelete(context: HubspotContext, body: JsonObject): Promise<boolean> {
  return (await callHubspot(context, 'POST', '/crm/v3/objects/contacts/gdpr-delete', body, [404])).status !== 404;
}
