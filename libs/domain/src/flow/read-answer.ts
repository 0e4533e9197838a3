import type { JsonValue } from '../json.js';

/** An answer is JSON text of so many bytes at most, */
export const MAX_ANSWER_BYTES = 16_384;
/** and nested so deep at most. */
export const MAX_ANSWER_DEPTH = 8;

/**
 * Checks the answer to a call: a JSON object, bounded in size and depth. Gives the text that is kept, or why it is not taken.
 *
 * @example readAnswer({ score: 7 }) // { ok: true, text: '{"score":7}' }
 */
export function readAnswer(answer: unknown): { ok: true; text: string } | { ok: false; reason: string } {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return { ok: false, reason: 'is no JSON object' };
  if (!isWithin(answer, MAX_ANSWER_DEPTH)) return { ok: false, reason: `is nested deeper than ${MAX_ANSWER_DEPTH} levels, or is no JSON` };
  const text = JSON.stringify(answer);
  return Buffer.byteLength(text) <= MAX_ANSWER_BYTES ? { ok: true, text } : { ok: false, reason: `is larger than ${MAX_ANSWER_BYTES} bytes` };
}

/** Whether it is plain JSON of at most so many levels; a circle is deeper than any. */
function isWithin(value: unknown, levels: number): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || levels === 0) return false;
  return Object.values(value).every((inner) => isWithin(inner, levels - 1));
}
