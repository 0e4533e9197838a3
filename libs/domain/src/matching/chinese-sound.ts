import { pinyin } from 'pinyin-pro';

/**
 * How Chinese is read, in Hanyu Pinyin without tones and without blanks, as passports write it but for `ü`, which is `u`; what is no Chinese is left out. Names and roads of two scripts meet by it.
 *
 * @param text simplified, see {@link simplifyChinese}
 * @param isFamilyName that several characters are read as in family names: 单 is `shan`, 曾 is `zeng`
 * @example soundOf('小明') // 'xiaoming'
 */
export function soundOf(text: string, { isFamilyName = false }: { isFamilyName?: boolean } = {}): string {
  const syllables = pinyin(text, { toneType: 'none', type: 'array', nonZh: 'removed', ...(isFamilyName ? { surname: 'all' } : {}) });
  return syllables.join('').replaceAll('ü', 'u');
}

const SYLLABLE = '(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|er|a|o|e|i|u|v)';
const SPOKEN = new RegExp(`^(?:${SYLLABLE}){1,3}$`, 'u');

const FAMILY_SOUNDS: ReadonlySet<string> = new Set(
  ('wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng yu dong xiao cheng cao yuan deng fu shen zeng peng lu su jiang cai jia ding wei xue ye yan pan du dai xia zhong tian '
  + 'ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan duan lei qian yin yi chang wen qiao lai gong pang zhai ni niu zhuang lyu lv mo mi tong ouyang sima zhuge shangguan situ dongfang xiahou huangfu yuchi gongsun murong linghu duanmu nangong').split(' '),
);

/** Whether a folded word may be a Chinese family name in Latin letters. */
export function isFamilySound(word: string): boolean {
  return FAMILY_SOUNDS.has(word);
}

/** Whether a folded word can be read as one to three syllables of Pinyin: what is said of a given name. */
export function isSpoken(word: string): boolean {
  return SPOKEN.test(word);
}
