import type { Collections } from '@firsthand/persistence';

/** Work that nobody waits for lets go what is taken in, once that waits for longer. */
const PATIENCE_MS = 2_000;

/** Whether records that came in wait for longer than moments: by the index that claims them, one look-up. */
export async function hasWaitingRecords({ inbox }: Pick<Collections, 'inbox'>, now: number): Promise<boolean> {
  return (await inbox.findOne({ isImport: false, dueAt: { $lte: now - PATIENCE_MS } }, { projection: { _id: 1 } })) !== null;
}
