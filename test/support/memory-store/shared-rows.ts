import { FirsthandError } from '@firsthand/domain';
import type { StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, present, type Tables } from './tables.js';

type SharedRows = Pick<StoreTransaction, 'markShared' | 'findMarked' | 'handOnMark' | 'findAgreed' | 'noteAgreed'>;

/** What the rows of identities that several people are known by say of all of them. */
export function sharedRows(session: MemorySession, { identities, profiles }: Tables): SharedRows {
  return {
    async markShared(workspaceId, identityKey, at) {
      const row = session.get(identities, keyOf(workspaceId, identityKey));
      if (row === undefined) throw new FirsthandError('INTERNAL', 'An identity that was to be marked is not there.');
      session.put(identities, keyOf(workspaceId, identityKey), { ...row, mark: row.mark === undefined ? { at } : { ...row.mark, ...(row.mark.after === undefined ? {} : { isAgain: true }) } });
    },

    async findMarked(workspaceId, identityKeys) {
      return new Set(identityKeys.filter((key) => session.peek(identities, keyOf(workspaceId, key))?.mark !== undefined));
    },

    async handOnMark(workspaceId, identityKey, limit, now) {
      const row = session.get(identities, keyOf(workspaceId, identityKey));
      if (row?.mark === undefined) return;
      const { mark: { after, isAgain }, ...rest } = row;
      const page = session.select(profiles, ({ profile: { workspaceId: of, sharedKeys = [], createdAt, profileId } }) => (
        of === workspaceId && sharedKeys.includes(identityKey) && (after === undefined || createdAt > after.createdAt || (createdAt === after.createdAt && profileId > after.profileId))))
        .sort(({ profile: a }, { profile: b }) => a.createdAt - b.createdAt || (a.profileId < b.profileId ? -1 : 1)).slice(0, limit);
      for (const write of page) if (write.profile.mustRefold !== true) session.put(profiles, keyOf(workspaceId, write.profile.profileId), { ...write, profile: { ...write.profile, mustRefold: true }, dueAt: now });
      const last = page.length === limit ? page.at(-1)?.profile : undefined;
      if (last !== undefined) session.put(identities, keyOf(workspaceId, identityKey), { ...row, mark: { ...row.mark, at: now, after: { createdAt: last.createdAt, profileId: last.profileId } } });
      else session.put(identities, keyOf(workspaceId, identityKey), isAgain === true ? { ...rest, mark: { at: now } } : rest);
    },

    async findAgreed(workspaceId, identityKeys) {
      return new Map(present(identityKeys, (key) => session.get(identities, keyOf(workspaceId, key))?.agreedAt));
    },

    async noteAgreed(workspaceId, agreed) {
      for (const [key, places] of agreed) {
        const row = session.get(identities, keyOf(workspaceId, key));
        const news = Object.entries(places).filter(([place, at]) => at > (row?.agreedAt?.[place] ?? -Infinity));
        if (row !== undefined && news.length > 0) session.put(identities, keyOf(workspaceId, key), { ...row, agreedAt: { ...row.agreedAt, ...Object.fromEntries(news) } });
      }
    },
  };
}
