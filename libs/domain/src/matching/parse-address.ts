import { soundOf } from './chinese-sound.js';
import { foldText, isHan } from './fold-text.js';
import { simplifyChinese } from './simplify-chinese.js';

/** An address in its parts, as it is compared. */
export interface MatchAddress {
  /** The city as said, or folded; empty where it is not known. */
  area: string;
  /** Empty where it is not known. */
  postalCode: string;
  /** Road, or estate, as said, with its kind in short: `wensanrd`. */
  road: string;
  /** The first number: of the house, or the building of an estate. */
  number: string;
  /** All numbers after it: stairs, floor, flat. */
  unit: string;
}

/** The parts of an address as profiles have them. */
export interface AddressFields {
  street?: string | undefined;
  city?: string | undefined;
  region?: string | undefined;
  postalCode?: string | undefined;
  country?: string | undefined;
}

/** Kinds of road, and what they are in short. */
const LATIN_KINDS: Readonly<Record<string, string>> = {
  road: 'rd', rd: 'rd', street: 'st', st: 'st', str: 'strasse', avenue: 'ave', ave: 'ave', av: 'ave', boulevard: 'blvd', blvd: 'blvd', lane: 'ln', ln: 'ln', drive: 'dr', dr: 'dr', place: 'pl', pl: 'pl', square: 'sq', sq: 'sq',
  highway: 'hwy', hwy: 'hwy', court: 'ct', ct: 'ct', terrace: 'ter', ter: 'ter', parkway: 'pkwy', pkwy: 'pkwy', n: 'north', s: 'south', e: 'east', w: 'west',
};
/** What Chinese roads are called in Latin letters, on top. */
const PINYIN_KINDS: Readonly<Record<string, string>> = {
  lu: 'rd', jie: 'st', dajie: 'st', dadao: 'ave', xiang: 'ln', hutong: 'ln', nong: 'ln', long: 'ln', east: 'dong', west: 'xi', north: 'bei', south: 'nan', middle: 'zhong', central: 'zhong', e: 'dong', w: 'xi', n: 'bei', s: 'nan',
};
const HAN_KINDS: readonly (readonly [RegExp, string])[] = [[/(?:大道)$/u, 'ave'], [/(?:大街|街)$/u, 'st'], [/(?:路|道)$/u, 'rd'], [/(?:巷|弄|胡同|里)$/u, 'ln']];
const UNIT_WORDS: ReadonlySet<string> = new Set('apt apartment unit suite ste room rm flat floor fl building bldg block no number'.split(' '));
/** What stands before the road. Municipalities are province and city at once. */
const HAN_AREA = /^(?:中国)?(?<province>.{2,7}?(?:省|自治区|特别行政区))?(?<city>.{2,6}?(?:市|自治州|地区|盟))?(?<district>.{1,6}?(?:区|县|旗|市)(?!.{0,2}\d*[号栋幢]))?(?<town>.{1,6}?(?:街道|镇|乡))?/u;
const NUMERALS = '〇一二三四五六七八九';

/**
 * Takes an address apart. Chinese ones are written from the province to the flat, and read so: 浙江省杭州市西湖区文三路138号3幢501室; Latin ones by their road, the words for its kind in short, with what comes after
 * `Apt`, `Unit`, `#` as the flat. `138 Wensan Road` and 文三路138号 are one road and number.
 *
 * @returns null where no road or estate is named: a city alone is no address
 * @example parseAddress({ street: '文三路138号3幢501室', city: '杭州市' }) // { area: 'hangzhou', postalCode: '', road: 'wensanrd', number: '138', unit: '3-501' }
 */
export function parseAddress({ street = '', city = '', region = '', postalCode = '', country = '' }: AddressFields): MatchAddress | null {
  if (street.trim() === '') return null;
  const postal = foldText(postalCode).replaceAll(' ', '');
  const found = isHan(street) ? hanStreet(street) : latinStreet(street, country === 'CN' || isHan(city));
  if (found.road === '') return null;
  const area = areaOf(city) || found.area || areaOf(region);
  return { area, postalCode: postal, road: found.road, number: found.number, unit: found.unit };
}

type Street = Pick<MatchAddress, 'area' | 'road' | 'number' | 'unit'>;

function hanStreet(street: string): Street {
  const text = simplifyChinese(street.normalize('NFKC')).replace(/[\s,，。()（）]+/gu, '').replace(/[〇一二三四五六七八九](?=[号栋幢座单元室楼])/gu, (numeral) => String(NUMERALS.indexOf(numeral)));
  const { groups = {}, 0: head = '' } = HAN_AREA.exec(text) ?? { groups: {}, 0: '' };
  const rest = text.slice(head.length);
  const at = rest.search(/\d/u);
  const name = at === -1 ? rest : rest.slice(0, at);
  const numbers = rest.match(/\d+/gu) ?? [];
  const kind = HAN_KINDS.find(([ending]) => ending.test(name));
  const road = kind === undefined ? soundOf(name) : `${soundOf(name.replace(kind[0], ''))}${kind[1]}`;
  return { area: areaOf(groups.city ?? ''), road, number: numbers[0] ?? '', unit: numbers.slice(1).join('-') };
}

function latinStreet(street: string, isInChina: boolean): Street {
  const isPinyin = isInChina || /\b(?:lu|jie|dajie|dadao|hutong)\b/iu.test(street);
  // The part with the house number is the street; a district or a city may stand beside it.
  const parts = street.replaceAll('#', ' unit ').split(',').map((part) => foldText(part).split(' ').filter((word) => word !== ''));
  const main = parts.find((part) => part.some(isNumber) && part.some((word) => !isNumber(word) && !UNIT_WORDS.has(word))) ?? parts[0] ?? [];
  const all = [...main, ...parts.filter((part) => part !== main && part.some((word) => UNIT_WORDS.has(word))).flat()];
  const road: string[] = [];
  const units: string[] = [];
  let number = '';
  for (let at = 0; at < all.length; at += 1) {
    const word = all[at] as string;
    if (UNIT_WORDS.has(word)) {
      const of = all[at + 1];
      if (of === undefined || !isNumber(of)) continue;
      if ((word === 'no' || word === 'number') && number === '') number = of;
      else units.push(of);
      at += 1;
    } else if (!isNumber(word)) road.push(short(word, isPinyin));
    else if (number === '') number = word;
    else units.push(word);
  }
  return { area: '', road: road.join('').replace(/str$/u, 'strasse'), number, unit: units.join('-') };
}

function isNumber(word: string): boolean {
  return /^\d+[a-z]?$/u.test(word);
}

function short(word: string, isPinyin: boolean): string {
  return (isPinyin ? PINYIN_KINDS[word] : undefined) ?? LATIN_KINDS[word] ?? word;
}

function areaOf(city: string): string {
  if (isHan(city)) return soundOf(simplifyChinese(city).replace(/(?:市|省|自治区|特别行政区|地区|自治州)$/u, ''));
  return foldText(city).replace(/ (?:city|shi|municipality)$/u, '').replaceAll(' ', '');
}
