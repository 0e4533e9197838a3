import { foldConsent, isRepeat, type ConsentRecord, type ConsentState } from '@firsthand/domain';
import type { PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';
import { foldIntoPerson } from './fold-into-person.js';
import { sealed } from './sealed.js';

/** What one event carries, for the person it is of. */
export interface EventConsents {
  person: PersonWork;
  records: readonly ConsentRecord[];
}

/**
 * Folds what events carry into their people, in the order given, and gives what is to be recorded: only what says something new, for each event of a page repeats the same
 * categories and signals. An unverified grant changes nothing yet, but must be there when the person is verified.
 */
export async function foldEventConsents(tx: StoreTransaction, workspaceId: string, events: readonly EventConsents[]): Promise<ConsentRecord[]> {
  const claims = await readClaims(tx, workspaceId, events.flatMap(({ person, records }) => records.filter((record) => isClaim(person, record)).map(({ identityKey }) => identityKey)));
  return events.flatMap(({ person, records }) => records.flatMap((draft) => foldOne(person, draft, claims) ?? []));
}

function foldOne(person: PersonWork, draft: ConsentRecord, claims: ClaimStates): ConsentRecord | undefined {
  const claimed = claims.get(draft.identityKey);
  if (isRepeat(person.consents, draft) || (isClaim(person, draft) && claimed !== undefined && isRepeat(claimed, draft))) return undefined;
  const record = sealed(draft);
  const isClaimNews = claimed !== undefined && foldConsent(claimed, record, [record.identityKey]);
  return foldIntoPerson(person, record) || (isClaim(person, record) && isClaimNews) ? record : undefined;
}

/** Identity key → what would stand of it if its device were proven to be the person's. */
type ClaimStates = ReadonlyMap<string, ConsentState>;

/** What was recorded of identities until now: read only where an event brings a grant that waits for its person. */
async function readClaims(tx: StoreTransaction, workspaceId: string, identityKeys: readonly string[]): Promise<ClaimStates> {
  const states = new Map<string, ConsentState>(identityKeys.map((key) => [key, {}]));
  if (states.size === 0) return states;
  for (const record of await tx.findConsentRecords(workspaceId, [...states.keys()])) foldConsent(states.get(record.identityKey) ?? {}, record, [record.identityKey]);
  return states;
}

/** Whether a grant waits for its person to be verified on the device. */
function isClaim({ profile }: PersonWork, { decision, isVerified, identityKey }: ConsentRecord): boolean {
  return decision === 'granted' && !isVerified && !profile.verifiedKeys.includes(identityKey);
}
