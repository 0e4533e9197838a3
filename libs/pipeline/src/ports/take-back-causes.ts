/**
 * Causes of a removal that a person asked for: it goes ahead of data, waits for nobody, and is sent where a connection is paused, too. The others only mirror who is
 * in a segment, and keep a person's order.
 */
export const TAKE_BACK_CAUSES = ['consent-withdrawn', 'erased'] as const;

/** Whether a row takes back what a recipient got, at a person's wish. */
export function isTakeBack(row: { class: string; cause: string | null }): boolean {
  return row.class === 'suppression' && TAKE_BACK_CAUSES.some((cause) => cause === row.cause);
}
