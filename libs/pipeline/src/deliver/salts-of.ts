import { randomBytes } from 'node:crypto';
import type { PersonWork } from '../person/person-work.js';
import type { StoreTransaction } from '../ports/store.js';

/**
 * The salts of people whose payloads are about to be digested. One is made when it is first needed: who is never sent anything has none. They lie apart from the
 * profiles, so that erasing one row makes all digests of a person meaningless, while the chains that hold them still verify.
 * Of somebody who was erased it is stored nowhere: nothing may bind what their recipients are told to what they got before.
 *
 * @returns by profile id
 */
export async function saltsOf(tx: Pick<StoreTransaction, 'findSalts' | 'insertSalts'>, workspaceId: string, people: readonly Pick<PersonWork, 'profile' | 'isErased'>[]): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(people.filter(({ isErased }) => isErased !== true).map(({ profile: { profileId } }) => profileId))];
  const passing = new Map(people.filter(({ isErased }) => isErased === true).map(({ profile: { profileId } }) => [profileId, newSalt()]));
  if (wanted.length === 0) return passing;
  const salts = await tx.findSalts(workspaceId, wanted);
  const made = new Map(wanted.filter((id) => !salts.has(id)).map((id) => [id, newSalt()]));
  await tx.insertSalts(workspaceId, made);
  return new Map([...salts, ...made, ...passing]);
}

function newSalt(): string {
  return randomBytes(16).toString('base64url');
}
