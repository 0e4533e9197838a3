import { isFamilySound, isSpoken, soundOf } from './chinese-sound.js';
import { foldText, isHan } from './fold-text.js';
import { simplifyChinese } from './simplify-chinese.js';

/** A name in its parts, as it is compared. A part that is not known is empty; not both are. */
export interface MatchName {
  /** As written: folded, or simplified Chinese. */
  family: string;
  given: string;
  /** As said: Pinyin for Chinese, the spelling for all else. */
  familySound: string;
  givenSound: string;
  isHan: boolean;
}

/** The parts of a name as profiles have them. */
export interface NameFields {
  name?: string | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
}

const COMPOUND_FAMILIES: ReadonlySet<string> = new Set('欧阳 司马 诸葛 上官 司徒 东方 独孤 南宫 夏侯 皇甫 尉迟 公孙 慕容 令狐 端木 百里 呼延 轩辕 宇文 长孙 鲜于 闻人 澹台 西门 申屠 太史 完颜 纳兰 第五 公羊 东郭 万俟'.split(' '));
const COURTESIES = /(?:先生|女士|小姐|太太|同志|老师)$/u;
const TITLES: ReadonlySet<string> = new Set('mr mrs ms miss mx dr prof sir herr frau jr sr ii iii'.split(' '));

/**
 * Takes a name apart. Of Chinese the first character is the family name, the first two where they are one of the compound ones (欧阳). Of Latin letters the last word is, unless a comma or a Chinese family
 * name at the beginning says otherwise: 王小明, `Wang Xiaoming`, `Xiao-Ming WANG` and `Wang, Xiao Ming` are one name. Middle names are left out, since one system has them and the other does not.
 *
 * @returns null where nothing is left to compare
 * @example parseName({ name: '王小明' }) // { family: '王', given: '小明', familySound: 'wang', givenSound: 'xiaoming', isHan: true }
 */
export function parseName({ name, firstName, lastName }: NameFields): MatchName | null {
  const isWhole = present(firstName) && present(lastName);
  const text = isWhole ? `${lastName}${firstName}` : [name, firstName, lastName].find(present);
  if (text === undefined) return null;
  if (isHan(text)) return isWhole ? hanName(hanOnly(lastName), hanOnly(firstName)) : splitHan(hanOnly(text).replace(COURTESIES, ''));
  if (isWhole) return latinName(words(lastName), words(firstName));
  if (present(name)) return splitLatin(name);
  return present(firstName) ? latinName([], words(firstName)) : latinName(words(lastName ?? ''), []);
}

function present(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

function hanOnly(text: string): string {
  return simplifyChinese(text.normalize('NFKC')).replace(/[^\p{Script=Han}]/gu, '');
}

function splitHan(text: string): MatchName | null {
  const characters = [...text];
  const length = characters.length > 2 && COMPOUND_FAMILIES.has(characters.slice(0, 2).join('')) ? 2 : 1;
  return hanName(characters.slice(0, length).join(''), characters.slice(length).join(''));
}

function hanName(family: string, given: string): MatchName | null {
  if (family === '' && given === '') return null;
  return { family, given, familySound: soundOf(family, { isFamilyName: true }), givenSound: soundOf(given), isHan: true };
}

function words(text: string): string[] {
  // A hyphen joins: Xiao-Ming is one name, and so is Jean-Luc.
  return foldText(text.replace(/[-'’.]/gu, (mark) => (mark === '.' ? ' ' : ''))).split(' ').filter((word) => word !== '' && !TITLES.has(word));
}

function splitLatin(name: string): MatchName | null {
  const [before = '', after] = name.split(',', 2);
  if (after !== undefined && words(after).length > 0) return latinName(words(before), words(after));
  const all = words(before);
  const [first = '', ...rest] = all;
  const last = all.at(-1) ?? '';
  if (rest.length > 0 && isFamilySound(first) && rest.every(isSpoken)) return latinName([first], rest);
  if (rest.length > 0 && isFamilySound(last) && all.slice(0, -1).every(isSpoken)) return latinName([last], all.slice(0, -1));
  return rest.length === 0 ? latinName([], all) : latinName([last], all.slice(0, -1));
}

function latinName(families: readonly string[], givens: readonly string[]): MatchName | null {
  const isPinyin = families.length === 1 && isFamilySound(families[0] as string) && givens.length > 0 && givens.every(isSpoken);
  // Syllables of one Chinese given name belong together; of others the first one is what people are called by.
  const [family, given] = isPinyin ? [families.join(''), givens.join('')].map(withoutUmlaut) as [string, string] : [families.join(''), givens[0] ?? ''];
  return family === '' && given === '' ? null : { family, given, familySound: family, givenSound: given, isHan: false };
}

/** Passports write `ü` as `yu`, keyboards as `v`. */
function withoutUmlaut(sound: string): string {
  return sound.replace(/([ln])(?:v|yu)/gu, '$1u');
}
