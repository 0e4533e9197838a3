import { keySpellings, parseIdentityKey, withoutDisowned } from '@firsthand/domain';
import { ownIdsOfSource } from '../own-ids.js';
import { nextVersion, type PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { identityKeysOf, withRecord, type Candidate } from './apply-context.js';
import type { KnownPeople } from './known-people.js';

/** Records without what their system takes for their person's. */
export interface WithoutParted {
  candidates: Candidate[];
  /** Of whom these records say more by which that system finds the other's record. */
  touched: PersonWork[];
}

/**
 * Of two who were told apart here while a system holds one record of both, takes off what that system says of the record all that names the other: it is of the one whose it is, and does not make them one again. Where the system has merged into it
 * a record that it has made of the other since, it says so anew, and they are.
 *
 * @param known everybody whom the candidates name
 * @param digest of an identity key, as profiles have it of who was told apart from them
 */
export function leaveOutParted(candidates: readonly Candidate[], known: KnownPeople, { sources, identityRules }: Pick<WorkspaceConfiguration, 'sources' | 'identityRules'>, digest: (key: string) => string): WithoutParted {
  const touched = new Set<PersonWork>();
  if (![...known.works.values()].some(({ profile }) => profile.parted !== undefined)) return { candidates: [...candidates], touched: [] };
  const left = candidates.map((candidate) => {
    const isOwnId = ownIdsOfSource(sources.get(candidate.item.record.connectionId), identityRules);
    const strangers = isOwnId === undefined ? new Set<string>() : strangersIn(identityKeysOf(candidate), known, { isOwn: (key) => isOwnId(parseIdentityKey(key)), digest, touched });
    return withRecord(candidate, withoutDisowned(candidate.record, (key) => strangers.has(key)));
  });
  return { candidates: left, touched: [...touched] };
}

function strangersIn(keys: readonly string[], { owners, works }: KnownPeople, { isOwn, digest, touched }: { isOwn(key: string): boolean; digest(key: string): string; touched: Set<PersonWork> }): Set<string> {
  const strangers = new Set<string>();
  for (const profileId of new Set(keys.flatMap((key) => owners.get(key) ?? []))) {
    for (const { mergeId, id, strangers: known } of works.get(profileId)?.profile.parted ?? []) {
      if (known === undefined || !isOwn(id)) continue;
      const taken = keys.filter((key) => owners.get(key) !== profileId && keySpellings(key).some((one) => known.includes(digest(one))));
      const others = new Set(taken.flatMap((key) => owners.get(key) ?? []));
      const theirs = keys.filter((key) => others.has(owners.get(key) ?? ''));
      if (theirs.some((key) => isOwn(key) && !taken.includes(key))) continue;
      for (const key of [...taken, ...theirs]) strangers.add(key);
      for (const other of others) if (noteFound(works.get(other), mergeId, theirs.filter((key) => owners.get(key) === other))) touched.add(works.get(other) as PersonWork);
    }
  }
  return strangers;
}

/** Notes by what of theirs the other's record is found too. Gives whether any of it is new. */
function noteFound(person: PersonWork | undefined, mergeId: string, keys: readonly string[]): boolean {
  const entry = person?.profile.parted?.find((one) => one.mergeId === mergeId && one.own !== undefined);
  if (person === undefined || entry?.own === undefined) return false;
  const own = [...new Set([...entry.own, ...keys])].sort();
  if (own.length === entry.own.length) return false;
  person.profile = { ...person.profile, version: nextVersion(person), parted: (person.profile.parted ?? []).map((one) => (one === entry ? { ...one, own } : one)) };
  person.isTouched = true;
  return true;
}
