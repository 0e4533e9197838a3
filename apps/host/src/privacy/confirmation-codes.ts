import type { OneTimeCodes } from '@firsthand/access';
import { FirsthandError, identityKey, parseIdentityKey, type Identity } from '@firsthand/domain';
import { findConfirmation, MOST_PER_CONTACT, type ConfirmationRow, type OneTimeCodeStore } from '@firsthand/pipeline';
import type { AdminContext } from '../admin/admin-context.js';
import { readContact, takeOneTimeCode, type CodeAsker } from './one-time-codes.js';

/** A text message is read at once; the page that its code opens is looked at for longer. */
const CODE_MS = 86_400_000;

export interface ConfirmationCodeDependencies {
  codes: OneTimeCodes;
  codeStore: OneTimeCodeStore;
  clock: () => number;
}

/** The code that a text message carries, and until when it opens, epoch ms. A message that is sent again has the same one, and five tries more: of hundred million codes, three times at most. */
export async function issueConfirmationCode({ codes, codeStore, clock }: ConfirmationCodeDependencies, { workspaceId, identityKey: contact, nonce, expiresAt: rowExpiresAt }: ConfirmationRow): Promise<{ code: string; expiresAt: number }> {
  const now = clock();
  const [code, identity, expiresAt] = [codes.codeFrom(nonce), ofConfirmation(parseIdentityKey(contact)), Math.min(rowExpiresAt, now + CODE_MS)];
  const isIssued = await codeStore.issueOneTimeCode({ workspaceId, key: codes.keyOf(workspaceId, identity) }, { digest: codes.digestOf(workspaceId, identity, code), now, expiresAt, windowMs: CODE_MS, mostPerWindow: MOST_PER_CONTACT + 1 });
  if (!isIssued) throw new FirsthandError('UNAVAILABLE', 'Too many codes were sent to this number.');
  return { code, expiresAt };
}

/**
 * Takes a code, once, for the token that opens what waits to be confirmed. It confirms nothing by itself: the page with the button comes next.
 *
 * @throws FirsthandError `UNAUTHENTICATED` for a code that is wrong, used, over or tried too often, `INVALID_REQUEST` for what is no number or address, `RATE_LIMITED`
 */
export async function takeConfirmationCode(admin: AdminContext, { workspaceId, contact, language, address }: CodeAsker, given: string): Promise<string> {
  const identity = readContact(contact, language);
  await takeOneTimeCode(admin, { workspaceId, identity: ofConfirmation(identity), address }, given);
  const { expiresAt, ...place } = await findConfirmation({ workspaceId, identityKey: identityKey(identity) }, admin);
  return admin.confirmationLinks.mint(place, expiresAt);
}

/** A code that confirms does not open the person's page, nor the other way round. */
function ofConfirmation({ namespace, value }: Identity): Identity {
  return { namespace: `confirmation of ${namespace}`, value };
}
