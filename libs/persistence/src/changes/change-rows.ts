import type { StoreTransaction } from '@firsthand/pipeline';
import mongoose from 'mongoose';
import { ownKey, storeKey } from '../store/store-key.js';
import type { TransactionScope } from '../transaction/transaction-scope.js';
import { insertAll } from '../transaction/write-commands.js';

type ChangeRows = Pick<StoreTransaction, 'insertChangeBlock' | 'findOpenChanges' | 'numberChanges'>;

/** Changes of people for those who follow them: a row per transaction, numbered afterwards. */
export function changeRows(scope: TransactionScope): ChangeRows {
  const { collections: { changeBlocks, changeHeads }, session, read } = scope;
  return {
    async insertChangeBlock({ blockId, workspaceId, at, keptUntil, changes }) {
      await insertAll(scope, changeBlocks, [{
        _id: ownKey(workspaceId, blockId), schemaVersion: 1, workspaceId, at, count: changes.length, content: JSON.stringify(changes), isOpen: true, expireAt: new Date(keptUntil),
        // The server puts its own time there, which grows with each write and over elections: whoever writes after another's commit comes after them.
        order: new mongoose.mongo.Timestamp({ t: 0, i: 0 }),
      }]);
    },

    async findOpenChanges(workspaceId, limit) {
      const found = await changeBlocks.find({ workspaceId, isOpen: true }, { ...read, sort: { order: 1 }, limit, projection: { count: 1 } }).toArray();
      return found.map(({ _id, count }) => ({ blockId: _id, count }));
    },

    async numberChanges(workspaceId, blocks) {
      const sum = blocks.reduce((all, { count }) => all + count, 0);
      const head = await changeHeads.findOneAndUpdate({ _id: storeKey(workspaceId, 'head') }, { $inc: { last: sum }, $setOnInsert: { schemaVersion: 1, workspaceId } }, { session, upsert: true, returnDocument: 'after' });
      let last = (head?.last ?? sum) - sum;
      await changeBlocks.bulkWrite(blocks.map(({ blockId, count }) => {
        last += count;
        return { updateOne: { filter: { _id: blockId }, update: { $set: { last }, $unset: { isOpen: 1 as const } } } };
      }), { session });
    },
  };
}
