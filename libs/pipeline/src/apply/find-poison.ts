import type { ApplyItem } from './apply-context.js';

/** Thrown to roll a trial back. */
class TrialOver extends Error {}

/** When a record is not to blame for a failure. */
export interface Innocence {
  /** The failure may pass by itself: a lost race, a lock, an outage. */
  isPassing(error: unknown): boolean;
  /** Asked before a single record is blamed: whether the store itself answers. */
  isHealthy(): Promise<boolean>;
}

/**
 * Finds the records that make a batch throw, by halves: each part is tried in a transaction of its own that is rolled back.
 * What may pass and what an outage does blames nobody: the error is thrown on instead.
 */
export async function findPoison(
  items: readonly ApplyItem[],
  attempt: (part: readonly ApplyItem[], thenThrow: Error) => Promise<unknown>,
  { isPassing, isHealthy }: Innocence,
): Promise<Set<string>> {
  const poison = new Set<string>();
  const search = async (part: readonly ApplyItem[]): Promise<void> => {
    const error = await trial(part, attempt);
    if (error === null) return;
    if (isPassing(error)) throw error;
    if (part.length > 1) {
      const middle = part.length >> 1;
      await search(part.slice(0, middle));
      await search(part.slice(middle));
      return;
    }
    if (!(await isHealthy())) throw error;
    for (const { id } of part) poison.add(id);
  };
  await search(items);
  return poison;
}

async function trial(part: readonly ApplyItem[], attempt: (part: readonly ApplyItem[], thenThrow: Error) => Promise<unknown>): Promise<unknown> {
  const over = new TrialOver();
  try {
    await attempt(part, over);
    return null;
  } catch (error) {
    return error === over ? null : error;
  }
}
