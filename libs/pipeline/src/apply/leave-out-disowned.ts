import { disownedMask, keySpellings, withoutDisowned } from '@firsthand/domain';
import { identityKeysOf, withRecord, type Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/**
 * Takes identities off records whose person has disowned them: an address that was corrected, and that a source still sends along, would bring the two together again. A record that names nothing else
 * is left as it is: it is of whoever has the identity. The raw record goes with what is taken off.
 *
 * @param known everybody whom the candidates name
 * @param digest of an identity key, as tombstones have it: what a profile disowns of somebody who was erased stands there by it
 * @example const own = leaveOutDisowned(fresh, known, digest);
 */
export function leaveOutDisowned(candidates: readonly Candidate[], { owners, works }: KnownPeople, digest: (key: string) => string): Candidate[] {
  if (![...works.values()].some(({ profile }) => profile.disowned !== undefined)) return [...candidates];
  const disowned = new Map([...works].flatMap(([id, { profile }]) => (profile.disowned === undefined ? [] : [[id, new Set(profile.disowned)] as const])));
  // Whom identities that nobody has come to by this batch: a record may name the person by one of them alone.
  const reached = new Map(owners);
  const strangersOf = (candidate: Candidate): ((key: string) => boolean) => {
    const people = new Set(identityKeysOf(candidate).flatMap((key) => reached.get(key) ?? []));
    return (key) => [...people].some((id) => keySpellings(key).some((one) => disowned.get(id)?.has(one) === true || disowned.get(id)?.has(disownedMask(digest(one))) === true));
  };
  for (let isMore = true; isMore;) {
    isMore = false;
    for (const candidate of candidates) {
      const isStranger = strangersOf(candidate);
      const keys = identityKeysOf(candidate).filter((key) => !isStranger(key));
      const person = keys.map((key) => reached.get(key)).find((id) => id !== undefined && disowned.has(id));
      if (person === undefined) continue;
      for (const key of keys) {
        if (reached.has(key)) continue;
        reached.set(key, person);
        isMore = true;
      }
    }
  }
  return candidates.map((candidate) => withRecord(candidate, withoutDisowned(candidate.record, strangersOf(candidate))));
}
