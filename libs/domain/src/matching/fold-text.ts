/** Letters that Unicode does not take apart into a base and a mark. */
const UNDIVIDED: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ı: 'i' };

/**
 * A text as it is compared: compatible forms made one (full-width digits among them), small letters, accents gone, anything else than letters and digits a single blank.
 *
 * @example foldText('  Müller-LÜDENSCHEIDT ') // 'muller ludenscheidt'
 */
export function foldText(text: string): string {
  const base = text.normalize('NFKD').replace(/\p{Mark}+/gu, '').toLowerCase().replace(/[ßæœøđðþłı]/gu, (letter) => UNDIVIDED[letter] as string);
  return base.replace(/[^\p{Letter}\p{Number}]+/gu, ' ').trim();
}

/** Whether a text holds a Chinese character. */
export function isHan(text: string): boolean {
  return /\p{Script=Han}/u.test(text);
}
