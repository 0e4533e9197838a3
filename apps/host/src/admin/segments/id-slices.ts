/** Of one slice; the driver gives up a connection after 30 s. */
const MAX_SLICE_MS = 20_000;
const MAX_TIME_EXPIRED = 50;

const EDGES = [...'123456789abcdef'];

/** A part of all profile ids: those after `from`, and up to `to` where that is given. */
export interface IdSlice {
  from?: string;
  to?: string;
}

/**
 * All profile ids in sixteen parts, in their order, alike in size since ids are random: what takes long over everybody is asked part by part, each answered
 * well before the connection's own patience ends.
 */
export const ID_SLICES: readonly IdSlice[] = ['', ...EDGES].map((edge, index): IdSlice => ({ ...(edge === '' ? {} : { from: edge }), ...(index === EDGES.length ? {} : { to: EDGES[index] as string }) }));

/**
 * Adds up what each slice gives, one after the other; null when it takes longer than `withinMs` in all, or a slice longer than 20 s.
 *
 * @param count is told how long the store may take, in ms
 * @example await sumOverSlices((slice, maxTimeMS) => …, 60_000)
 */
export async function sumOverSlices<K extends string>(count: (slice: IdSlice, maxTimeMS: number) => Promise<Record<K, number>>, withinMs: number): Promise<Record<K, number> | null> {
  const deadline = performance.now() + withinMs;
  const sums: Partial<Record<K, number>> = {};
  for (const slice of ID_SLICES) {
    const left = Math.floor(deadline - performance.now());
    const counts = left > 0 ? await count(slice, Math.min(left, MAX_SLICE_MS)).catch(nullWhenTooLong) : null;
    if (counts === null) return null;
    for (const [key, value] of Object.entries(counts) as [K, number][]) sums[key] = (sums[key] ?? 0) + value;
  }
  return sums as Record<K, number>;
}

function nullWhenTooLong(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === MAX_TIME_EXPIRED) return null;
  throw error;
}
