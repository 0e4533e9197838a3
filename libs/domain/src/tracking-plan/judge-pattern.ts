import { isSafePattern } from 'redos-detector';

/** A longer one is hard to read, and to judge. */
export const MAX_PATTERN = 220;
/** In how many ways a text may be matched at any point before the pattern is refused, */
const MAX_SCORE = 10;
/** and how far that is looked into, some 0.1 s: what is not decided by then is refused. What plans ask for is decided within a few steps. */
const MAX_STEPS = 1_000;

/**
 * Says why a regular expression may not judge what strangers send; null for one that may. It must begin at the start of the text, so that its work is at most that of one try, and
 * must not have many ways to match the same text: of several the engine tries all before it gives up, which with repetitions grows with a power of the text's length, or faster
 * (OWASP, "Regular expression Denial of Service").
 *
 * @param pattern as JSON Schema has it, with the flag `u`
 * @example judgePattern('^(a+)+$') // 'can take very long on some texts: …'
 */
export function judgePattern(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN) return `is longer than ${MAX_PATTERN} characters.`;
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'is no regular expression (ECMA-262, with the flag u).';
  }
  if (!pattern.startsWith('^') || hasOpenAlternative(pattern)) return 'is looked for at every place of a text: begin it with ^, and put alternatives in a group.';
  try {
    const { safe, error } = isSafePattern(pattern, { unicode: true, maxScore: MAX_SCORE, maxSteps: MAX_STEPS });
    if (safe && error === null) return null;
  } catch {
    return 'has parts that cannot be judged: leave out look-behinds and back-references.';
  }
  return 'can take very long on some texts: let no two parts that repeat match the same characters.';
}

/** Whether there is an alternative outside of every group: it does not begin where the pattern does. */
function hasOpenAlternative(pattern: string): boolean {
  let depth = 0;
  let isInClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '\\') at += 1;
    else if (isInClass) isInClass = character !== ']';
    else if (character === '[') isInClass = true;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === '|' && depth === 0) return true;
  }
  return false;
}
