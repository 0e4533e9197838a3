/** A row of an upload that names somebody. */
export interface ListRow {
  /** From 1 on, as the sender counts. */
  row: number;
  /** Keys of normalised identities, at least one. */
  identityKeys: readonly string[];
}

/** Whom a row names: a person, nobody who is known here, or several people. */
export type RowOwner = { row: number } & ({ profileId: string } | { fault: 'unknown' | 'ambiguous' });

/**
 * Says whom rows name. Identities that nobody has beside one that somebody has say nothing against it.
 *
 * @param owners identity key → profile id
 * @param rootOf the profile that one which was merged away has become; undefined for one that is not there
 * @example resolveRows(rows, owners, (profileId) => people.get(profileId)?.profile.profileId)
 */
export function resolveRows(rows: readonly ListRow[], owners: ReadonlyMap<string, string>, rootOf: (profileId: string) => string | undefined): RowOwner[] {
  return rows.map(({ row, identityKeys }) => {
    const found = new Set(identityKeys.flatMap((key) => {
      const owner = owners.get(key);
      return owner === undefined ? [] : (rootOf(owner) ?? []);
    }));
    const [profileId] = found;
    if (profileId === undefined) return { row, fault: 'unknown' };
    return found.size > 1 ? { row, fault: 'ambiguous' } : { row, profileId };
  });
}
