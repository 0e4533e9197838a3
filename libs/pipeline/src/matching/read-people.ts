import { blockingKeys, nameKey, type MatchSubject } from '@firsthand/domain';
import { loadPeople } from '../person/load-people.js';
import type { Store } from '../ports/store.js';
import { matchable, type MatchContext } from './may-match.js';

/** A person as a run compares them. */
export interface IndexedPerson {
  profileId: string;
  subject: MatchSubject;
  /** Digests, sorted. */
  keys: readonly string[];
  /** Of the whole name; null where it is not known. */
  nameKey: string | null;
}

export interface ReadOptions {
  store: Pick<Store, 'transaction'>;
  /** Of a text, under a key of the installation, in letters, digits, `-` and `_`. */
  digest(workspaceId: string, text: string): string;
}

/**
 * Reads people who may be matched, by their ids. Whoever is gone, was merged away or may not be matched is left out.
 *
 * @returns by profile id; a person of whom nothing can be compared has no keys
 */
export async function readPeople({ store, digest }: ReadOptions, context: MatchContext, profileIds: readonly string[]): Promise<Map<string, IndexedPerson>> {
  const { configuration, now } = context;
  const { workspaceId } = configuration;
  const people = await store.transaction((tx) => loadPeople(tx, configuration, profileIds, now));
  const read = new Map<string, IndexedPerson>();
  for (const [asked, person] of people) {
    // An alias: who it leads to is asked for by their own id.
    if (person.profile.profileId !== asked) continue;
    const subject = matchable(person, context);
    if (subject === null) continue;
    const name = nameKey(subject);
    const digestOf = (key: string): string => `${key === name ? 'n' : 'k'}${digest(workspaceId, key)}`;
    read.set(asked, { profileId: asked, subject, keys: blockingKeys(subject).map(digestOf).sort(), nameKey: name === null ? null : digestOf(name) });
  }
  return read;
}
