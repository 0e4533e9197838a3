import type { FoundMatch, MatchRunRow } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import { ownKey } from '../store/store-key.js';
import type { StoredMatchSuggestion } from '../store/stored-rows.js';

/** Writes what a page of pairs came to: new ones wait, what waits or was outdated is as found now, what was decided stays. Two who were one and were taken apart are left out. */
export async function writeSuggestions({ matchSuggestions, merges }: Pick<Collections, 'matchSuggestions' | 'merges'>, session: mongo.ClientSession, { workspaceId }: MatchRunRow, found: readonly FoundMatch[], now: number): Promise<void> {
  if (found.length === 0) return;
  const ids = [...new Set(found.flatMap(({ profileIds }) => profileIds))];
  const undone = await merges.find({ workspaceId, loser: { $in: ids }, undoneAt: { $gt: 0 } }, { session, projection: { winner: 1, loser: 1 } }).toArray();
  const apart = new Set(undone.map(({ winner, loser }) => [winner, loser].sort().join('|')));
  const stored = await matchSuggestions.find({ _id: { $in: found.map(({ suggestionId }) => suggestionId) } }, { session, projection: { state: 1, wasUndone: 1 } }).toArray();
  const states = new Map(stored.map((row) => [row._id, row]));
  const writes = found.flatMap(({ suggestionId, profileIds, probability, rival, weights }): mongo.AnyBulkWriteOperation<StoredMatchSuggestion>[] => {
    const before = states.get(suggestionId);
    if (apart.has(profileIds.join('|')) || before?.wasUndone === true) return [];
    if (before !== undefined && before.state !== 'open' && before.state !== 'outdated') return [];
    const seen = { probability, rival, weights, state: 'open', seenAt: now, decidedAt: null } as const;
    return [before === undefined
      ? { insertOne: { document: { _id: ownKey(workspaceId, suggestionId), schemaVersion: 1, workspaceId, profileIds, at: now, ...seen } } }
      : { updateOne: { filter: { _id: suggestionId }, update: { $set: { ...seen, ...(before.state === 'outdated' ? { at: now } : {}) } } } }];
  });
  if (writes.length > 0) await matchSuggestions.bulkWrite(writes, { session, ordered: false });
}
