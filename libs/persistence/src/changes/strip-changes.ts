import type { PersonChange } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { RemovalScope } from '../erasure/removal-part.js';

/**
 * Takes people out of the changes that are kept for those who follow them. The numbers of all others stay, and that a person was removed goes on to be told: whoever has a copy of them has to hear of it.
 *
 * @param blockIds where they are, by their rows of `changes`
 */
export async function stripChanges({ collections: { changeBlocks }, session, subject: { profileIds } }: Pick<RemovalScope, 'collections' | 'session' | 'subject'>, blockIds: readonly string[]): Promise<void> {
  const theirs = new Set(profileIds);
  const found = await changeBlocks.find({ _id: { $in: [...blockIds] } }, { session, projection: { content: 1 } }).toArray();
  const updates = found.flatMap(({ _id, content }): mongo.AnyBulkWriteOperation<typeof found[number]>[] => {
    const changes = JSON.parse(content) as (PersonChange | null)[];
    if (!changes.some((change) => isOf(change, theirs))) return [];
    return [{ updateOne: { filter: { _id }, update: { $set: { content: JSON.stringify(changes.map((change) => (isOf(change, theirs) ? null : change))) } } } }];
  });
  if (updates.length > 0) await changeBlocks.bulkWrite(updates, { session });
}

function isOf(change: PersonChange | null, people: ReadonlySet<string>): boolean {
  if (change === null) return false;
  if (change.kind === 'identity' && change.act === 'removed') return false;
  return people.has(change.profileId) || ('other' in change && people.has(change.other));
}
