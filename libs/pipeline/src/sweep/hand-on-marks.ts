import type { SweepOptions } from './sweep-options.js';
import { eachOf } from './each-of.js';

/** So many people are marked in one transaction. */
const PAGE = 200;
/** Half as many of a tick as it can write of those who are due: who is due for another reason is not kept waiting by a crowd. */
const MAX_PAGES = 5;

/** Hands what is marked at identities on to the people who are known by them, page by page and in turns: from then on they are due, each by themselves. Throws the first failure, after all the rest is done. */
export async function handOnMarks({ store, clock }: Pick<SweepOptions, 'store' | 'clock'>): Promise<void> {
  for (let left = MAX_PAGES; left > 0;) {
    const marks = await store.findMarks(left);
    if (marks.length === 0) return;
    await eachOf(marks, ({ workspaceId, identityKey }) => store.transaction((tx) => tx.handOnMark(workspaceId, identityKey, PAGE, clock())));
    left -= marks.length;
  }
}
