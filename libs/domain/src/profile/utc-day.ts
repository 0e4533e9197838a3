/** A day in milliseconds: 24 hours, always. */
export const DAY_MS = 86_400_000;

/** Days seen lately: each event asks for its own and for the oldest that is kept. */
const texts = new Map<number, string>();
const MAX_TEXTS = 1_000;

/**
 * The UTC day of a time (epoch ms), as the counters name it. Days compare as text in the order of time.
 *
 * @example utcDay(1795478400000) // '2026-11-24'
 */
export function utcDay(at: number): string {
  const day = Math.floor(at / DAY_MS);
  let text = texts.get(day);
  if (text === undefined) {
    if (texts.size >= MAX_TEXTS) texts.clear();
    texts.set(day, (text = new Date(at).toISOString().slice(0, 10)));
  }
  return text;
}
