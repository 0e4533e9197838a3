import { decodeStoredKey, identityKey, type JsonObject, type ProfileField } from '@firsthand/domain';
import { connectionName, iso, type ExportSection } from '../export-source.js';

const profile: ExportSection = {
  name: 'profile', from: ['profiles', 'merges'], isSingle: true,
  async *read({ collections }, { workspaceId, profile: { profileId, mergedFrom, version, firstSeenAt, lastSeenAt, createdAt }, profileIds }) {
    // Moves of single identities name other people, and are left out.
    const merges = await collections.merges.find({ workspaceId, winner: { $in: profileIds }, loser: { $in: profileIds }, movedKey: { $exists: false } }, { sort: { at: 1 }, projection: { before: 0 } }).toArray();
    yield { id: profileId, mergedFrom, version, firstSeenAt: iso(firstSeenAt), lastSeenAt: iso(lastSeenAt), createdAt: iso(createdAt), merges: merges.map(({ at, winner, loser }) => ({ at: iso(at), id: winner, unitedWith: loser })) };
  },
};

const identities: ExportSection = {
  name: 'identities', from: ['identities'], columns: ['namespace', 'value', 'isVerified', 'since'],
  async *read({ collections }, { workspaceId, profile: { identities: known, verifiedKeys } }) {
    const rows = await collections.identities.find({ _id: { $in: known.map((identity) => `${workspaceId}|${identityKey(identity)}`) } }).toArray();
    const since = new Map(rows.map(({ _id, createdAt }) => [_id, createdAt]));
    for (const identity of known) {
      const key = identityKey(identity);
      yield { ...identity, isVerified: verifiedKeys.includes(key), since: iso(since.get(`${workspaceId}|${key}`) ?? null) };
    }
  },
};

const traits: ExportSection = {
  name: 'traits', from: ['profiles'], columns: ['field', 'value', 'source', 'at', 'isInUse'],
  async *read(source, { workspaceId, profile: { fields, candidates = {} } }) {
    const rowOf = (key: string, { value, at, source: connectionId, correction }: ProfileField, isInUse: boolean): JsonObject => (
      { field: `profile.${decodeStoredKey(key)}`, value, source: connectionName(source, workspaceId, connectionId) ?? connectionId, at: iso(at), isInUse, ...(correction === undefined ? {} : { correction: { ...correction } }) });
    for (const [key, field] of Object.entries(fields)) if (field.value !== null) yield rowOf(key, field, true);
    // What other sources say is kept in case the one that is believed ends.
    for (const [key, others] of Object.entries(candidates)) for (const field of others) if (field.value !== null) yield rowOf(key, field, false);
  },
};

const activity: ExportSection = {
  name: 'activity', from: ['profiles'], columns: ['name', 'count', 'first', 'last'],
  async *read(_, { profile: counted }) {
    for (const [key, { total, first, last }] of Object.entries(counted.activity)) {
      // Counters of single conditions repeat what those of the name count.
      if (!key.includes('#')) yield { name: decodeStoredKey(key), count: total, first: iso(first), last: iso(last) };
    }
  },
};

const segments: ExportSection = {
  name: 'segments', from: ['profiles'], columns: ['name', 'id', 'isMember', 'since'],
  async *read({ configuration }, { workspaceId, profile: { memberships, lists = [] } }) {
    const names = new Map(configuration.workspace(workspaceId).segments.map(({ segmentId, name }) => [segmentId, name]));
    const row = (id: string, isMember: boolean, at: number, more: JsonObject): JsonObject => ({ id, name: names.get(id) ?? null, isMember, since: iso(at), ...more });
    for (const [id, { isMember, at }] of Object.entries(memberships)) yield row(id, isMember, at, { by: 'conditions' });
    for (const { segmentId, at, origin } of lists) yield row(segmentId, true, at, { by: 'list', origin });
  },
};

/** Who the person is here, and what is known of them. */
export const PROFILE_SECTIONS: readonly ExportSection[] = [profile, identities, traits, activity, segments];
