import { InvalidPayload, RetryableError, type SendResult } from '@firsthand/plugin-sdk';
import { HubspotRefusal, type HubspotContext } from './call-hubspot.js';
import { sendContacts, type ContactInput } from './send-contacts.js';

/** There is no such contact any more, or another one has its email. */
const ELSEWHERE = new Set<string | undefined>(['OBJECT_NOT_FOUND', 'CONFLICT', 'OBJECT_ALREADY_EXISTS']);

/**
 * Makes or changes up to 100 contacts: those of a known id by that, and their email with them; the others by their email. Where the id is gone, or another contact has the email, it
 * is the contact of that email. One result per input, in order.
 *
 * @throws what {@link sendContacts} throws, when it concerns all.
 */
export async function writeContacts(context: HubspotContext, inputs: readonly ContactInput[]): Promise<SendResult[]> {
  const results: SendResult[] = inputs.map(() => ({ ok: false, error: new InvalidPayload('There is neither an id of a contact nor an email.') }));
  const send = async (kind: 'update' | 'upsert', places: readonly number[]): Promise<void> => {
    if (places.length === 0) return;
    const some = places.map((place) => inputs[place] as ContactInput);
    const outcomes = await settle(some, () => sendContacts(context, kind, some), (error) => places.length === inputs.length && !(kind === 'update' && error instanceof InvalidPayload));
    places.forEach((place, index) => {
      results[place] = outcomes[index] ?? { ok: false, error: new RetryableError('HubSpot gave no result.') };
    });
  };
  const places = inputs.map((_, place) => place);
  const isKnown = (place: number): boolean => inputs[place]?.id !== undefined;
  const hasEmail = (place: number): boolean => inputs[place]?.email !== undefined;
  // Side by side: the decision that lets them go holds for a second.
  await Promise.all([send('update', places.filter(isKnown)), send('upsert', places.filter((place) => !isKnown(place) && hasEmail(place)))]);
  await send('upsert', places.filter((place) => isKnown(place) && hasEmail(place) && isElsewhere(results[place])));
  return results;
}

function isElsewhere(result: SendResult | undefined): boolean {
  return result?.ok === false && result.error instanceof HubspotRefusal && ELSEWHERE.has(result.error.category);
}

/** What concerns all is thrown on where there is nothing else to tell. */
async function settle(inputs: readonly ContactInput[], run: () => Promise<SendResult[]>, isThrown: (error: unknown) => boolean): Promise<SendResult[]> {
  try {
    return await run();
  } catch (error) {
    if (isThrown(error)) throw error;
    const failure = error instanceof Error ? error : new RetryableError('The contacts could not be written.');
    return inputs.map(() => ({ ok: false, error: failure }));
  }
}
