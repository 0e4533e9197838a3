import { isAnswer, type Answer } from './answer.js';
import type { Message } from './message.js';

/** What the script remembers on the device. */
export interface Memory {
  /** Of the browser; there only while tracking is allowed. */
  anonymousId?: string;
  userId?: string;
  answer?: Answer;
  /** Answers that the host has not confirmed yet. */
  unsent: Message[];
}

/** Where it lies in the page's own storage. */
export const MEMORY_KEY = 'firsthand-privacy';
/** Where the page may store nothing, an answer lasts as long as the page. */
let kept: string | undefined;

/** Reads what is remembered, each time anew: another tab may have changed it. What cannot be read is no answer. */
export function recall(): Memory {
  let text = kept ?? '{}';
  try {
    text = kept ?? localStorage.getItem(MEMORY_KEY) ?? text;
  } catch {
    // Storage is closed to this page.
  }
  try {
    const { anonymousId, userId, answer, unsent } = JSON.parse(text) as Partial<Memory>;
    return { anonymousId, userId, answer: isAnswer(answer) ? answer : undefined, unsent: Array.isArray(unsent) ? unsent : [] };
  } catch {
    return { unsent: [] };
  }
}

/** Changes what is remembered. */
export function remember(change: Partial<Memory>): void {
  const text = JSON.stringify({ ...recall(), ...change });
  try {
    localStorage.setItem(MEMORY_KEY, text);
    kept = undefined;
  } catch {
    // Closed, or full.
    kept = text;
  }
}
