import { seededRandom } from '../support/seeded-random.mjs';

/** Made-up people with known truth, for measuring the matcher: `truth` says whose profile each is. The same seed makes the same people. */

const HAN_FAMILIES = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文'];
const HAN_GIVEN = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文辉建国志玲红小雨欣怡子涵梓轩浩宇晨思琪佳慧婷雪梅兰春海波鹏飞龙凤云天亮俊凯博睿诗琳瑶颖倩莹月晓东南林森峰岩泽瑞祥福康宁安乐嘉铭'];
const HOMOPHONES = { 小: '晓', 晓: '小', 伟: '玮', 静: '婧', 丽: '莉', 辉: '晖', 志: '智', 琪: '淇', 佳: '嘉', 嘉: '佳', 颖: '莹', 明: '铭', 铭: '明', 浩: '皓', 晨: '辰', 文: '雯', 红: '虹', 梅: '玫', 玲: '铃', 雪: '学' };
const TRADITIONAL = { 张: '張', 刘: '劉', 陈: '陳', 杨: '楊', 赵: '趙', 黄: '黃', 吴: '吳', 孙: '孫', 马: '馬', 罗: '羅', 郑: '鄭', 谢: '謝', 韩: '韓', 冯: '馮', 萧: '蕭', 邓: '鄧', 许: '許', 吕: '呂', 苏: '蘇', 卢: '盧', 蒋: '蔣', 贾: '賈', 叶: '葉', 阎: '閻', 钟: '鍾', 陆: '陸', 顾: '顧', 龙: '龍', 万: '萬', 伟: '偉', 静: '靜', 丽: '麗', 强: '強', 军: '軍', 杰: '傑', 华: '華', 辉: '輝', 国: '國', 红: '紅', 凤: '鳳', 云: '雲', 宁: '寧', 乐: '樂', 铭: '銘', 兰: '蘭', 鹏: '鵬', 飞: '飛' };
const PINYIN = pairs('王wang李li张zhang刘liu陈chen杨yang赵zhao黄huang周zhou吴wu徐xu孙sun胡hu朱zhu高gao林lin何he郭guo马ma罗luo梁liang宋song郑zheng谢xie韩han唐tang冯feng于yu董dong萧xiao程cheng曹cao袁yuan邓deng许xu傅fu沈shen曾zeng彭peng吕lu苏su卢lu蒋jiang蔡cai贾jia丁ding魏wei薛xue叶ye阎yan余yu潘pan杜du戴dai夏xia钟zhong汪wang田tian任ren姜jiang范fan方fang石shi姚yao谭tan廖liao邹zou熊xiong金jin陆lu郝hao孔kong白bai崔cui康kang毛mao邱qiu秦qin江jiang史shi顾gu侯hou邵shao孟meng龙long万wan段duan雷lei钱qian汤tang尹yin黎li易yi常chang武wu乔qiao贺he赖lai龚gong文wen伟wei芳fang娜na敏min静jing丽li强qiang磊lei军jun洋yang勇yong艳yan杰jie娟juan涛tao明ming超chao秀xiu霞xia平ping刚gang桂gui英ying华hua辉hui建jian国guo志zhi玲ling红hong小xiao雨yu欣xin怡yi子zi涵han梓zi轩xuan浩hao宇yu晨chen思si琪qi佳jia慧hui婷ting雪xue梅mei兰lan春chun海hai波bo鹏peng飞fei凤feng云yun天tian亮liang俊jun凯kai博bo睿rui诗shi琳lin瑶yao颖ying倩qian莹ying月yue晓xiao东dong南nan森sen峰feng岩yan泽ze瑞rui祥xiang福fu宁ning安an乐le嘉jia铭ming');
const LATIN_GIVEN = 'James Mary John Patricia Robert Jennifer Michael Linda William Elizabeth David Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen Anna Daniel Nancy Matthew Lisa Anthony Betty Mark Sandra Paul Ashley Steven Emily Andrew Kimberly Joshua Donna Kevin Carol Brian Michelle George Amanda Edward Laura Ronald Sofia Timothy Clara Jason Emma Jeffrey Olivia Ryan Lucia Jacob Nora Gary Elena Nicholas Alice Eric Chloe Jonathan Julia Stephen Marta Larry Ines Justin Paula Scott Irene Brandon Eva Benjamin Rosa Samuel Helena Gregory Nina Frank Vera Raymond Ada Patrick Ida Alexander Mia Jack Lena Dennis Zoe Jerry Maya Tyler Iris Aaron Jürgen André Zoë José Björn François'.split(' ');
const LATIN_COMMON = 'Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Clark Lewis Robinson Walker Müller Schmidt Rossi Dubois'.split(' ');
const NAME_STARTS = 'Ash Black Wood Hart Cart West Nor Sut Whit Brad Al Ber Cal Dal Ed Far Gar Hal In Jar Kel Lan Mar Nash Ot Pen Quin Rad Sal Tor Ul Van Wal Yar'.split(' ');
const NAME_ENDS = 'ford ton well wood ley man son field worth by ham combe wick more bridge stone berg'.split(' ');
const CITIES = [['北京市', 'Beijing', '朝阳区'], ['上海市', 'Shanghai', '浦东新区'], ['广东省广州市', 'Guangzhou', '天河区'], ['广东省深圳市', 'Shenzhen', '南山区'], ['浙江省杭州市', 'Hangzhou', '西湖区'], ['四川省成都市', 'Chengdu', '武侯区'], ['湖北省武汉市', 'Wuhan', '江汉区'], ['江苏省南京市', 'Nanjing', '鼓楼区'], ['陕西省西安市', 'Xian', '雁塔区'], ['山东省青岛市', 'Qingdao', '市南区']];
const ROADS = [['中山', 'Zhongshan'], ['人民', 'Renmin'], ['解放', 'Jiefang'], ['建设', 'Jianshe'], ['文三', 'Wensan'], ['和平', 'Heping'], ['新华', 'Xinhua'], ['长江', 'Changjiang'], ['黄河', 'Huanghe'], ['光明', 'Guangming'], ['学院', 'Xueyuan'], ['体育', 'Tiyu'], ['科技', 'Keji'], ['花园', 'Huayuan'], ['桃园', 'Taoyuan'], ['滨江', 'Binjiang'], ['环城', 'Huancheng'], ['青年', 'Qingnian'], ['幸福', 'Xingfu'], ['友谊', 'Youyi']];
const DIRECTIONS = [['', ''], ['', ''], ['东', ' East'], ['西', ' West'], ['南', ' South'], ['北', ' North']];
const LATIN_CITIES = 'London Leeds Bristol Boston Chicago Denver Austin Dublin Sydney Toronto'.split(' ');
const STREETS = 'Oak Maple Park Main Church Station Victoria Mill High Green King Queen Lake Hill River Spring Chapel Manor Garden Bridge Elm Cedar Washington Franklin'.split(' ');
const KINDS = [['Street', 'St'], ['Road', 'Rd.'], ['Avenue', 'Ave'], ['Lane', 'Ln'], ['Drive', 'Dr']];
const HOSTS = ['gmail.com', 'outlook.com', 'qq.com', '163.com', 'icloud.com', 'yahoo.com'];

function pairs(text) {
  return Object.fromEntries([...text.matchAll(/(\p{Script=Han})([a-z]+)/gu)].map(([, character, sound]) => [character, sound]));
}

/**
 * @param {{ count: number, seed: number }} options
 * @returns {{ truth: number, profile: { fields: Record<string, { value: string }>, identities: { namespace: string, value: string }[] } }[]}
 */
export function makePeople({ count, seed }) {
  const draw = tools(seededRandom(seed));
  const made = [];
  let person = 0;
  // A mailbox has one owner.
  const taken = new Set();
  while (made.length < count) {
    for (const one of makeHousehold(draw)) {
      while (taken.has(one.email)) one.email = one.email.replace('@', `${draw.below(10)}@`);
      taken.add(one.email);
      const copies = draw.chance(0.13) ? (draw.chance(0.15) ? 3 : 2) : 1;
      made.push({ truth: person, profile: toProfile(draw, draw.thin(one)) });
      for (let copy = 1; copy < copies; copy += 1) made.push({ truth: person, profile: toProfile(draw, draw.thin(spoil(draw, one))) });
      person += 1;
    }
  }
  return draw.shuffle(made.slice(0, count));
}

function tools(random) {
  const chance = (share) => random() < share;
  const below = (most) => Math.floor(random() * most);
  const pick = (list) => list[below(list.length)];
  return {
    random, chance, below, pick,
    /** The first ones far more often. */
    pickCommon: (list) => list[Math.floor(random() ** 2.2 * list.length)],
    digits: (length) => Array.from({ length }, () => below(10)).join(''),
    shuffle(list) {
      for (let at = list.length - 1; at > 0; at -= 1) {
        const other = below(at + 1);
        [list[at], list[other]] = [list[other], list[at]];
      }
      return list;
    },
    /** No system has everything. */
    thin: (one) => ({ ...one, ...(chance(0.25) ? { birthday: null } : {}), ...(chance(0.3) ? { address: null } : {}), ...(chance(0.3) ? { email: null } : {}), ...(chance(0.2) ? { phone: null } : {}) }),
    /** One of these, by share. */
    among(choices) {
      let left = random();
      for (const [share, make] of choices) if ((left -= share) < 0) return make();
      return choices.at(-1)[1]();
    },
  };
}

/** One person alone, or people at one address: a couple, a family, twins; some with one number for all. */
function makeHousehold(draw) {
  const isChinese = draw.chance(0.5);
  const size = draw.chance(0.55) ? 1 : 2 + draw.below(3);
  const address = makeAddress(draw, isChinese);
  const family = makeFamily(draw, isChinese);
  const shared = size > 1 && draw.chance(0.3) ? makePhone(draw, isChinese) : null;
  const twinsFrom = size > 2 && draw.chance(0.1) ? 1 : Infinity;
  const members = [];
  for (let at = 0; at < size; at += 1) {
    const isTwin = at > twinsFrom && at <= twinsFrom + 1;
    const one = { isChinese, address, family: at === 1 && isChinese && draw.chance(0.8) ? makeFamily(draw, isChinese) : family, given: makeGiven(draw, isChinese), birthday: isTwin ? members[at - 1].birthday : makeBirthday(draw, at > 1), phone: shared ?? makePhone(draw, isChinese) };
    if (isTwin) one.family = members[at - 1].family;
    members.push({ ...one, email: makeEmail(draw, one) });
  }
  return members;
}

function makeFamily(draw, isChinese) {
  if (isChinese) return draw.chance(0.01) ? draw.pick(['欧阳', '司马', '诸葛', '上官']) : draw.pickCommon(HAN_FAMILIES);
  return draw.chance(0.35) ? draw.pickCommon(LATIN_COMMON) : draw.pick(NAME_STARTS) + draw.pick(NAME_ENDS);
}

function makeGiven(draw, isChinese) {
  if (!isChinese) return draw.pickCommon(LATIN_GIVEN);
  return draw.chance(0.25) ? draw.pickCommon(HAN_GIVEN) : draw.pick(HAN_GIVEN) + draw.pick(HAN_GIVEN);
}

function makeBirthday(draw, isChild) {
  const year = isChild ? 1998 + draw.below(12) : 1945 + draw.below(60);
  return `${year}-${String(1 + draw.below(12)).padStart(2, '0')}-${String(1 + draw.below(28)).padStart(2, '0')}`;
}

function makePhone(draw, isChinese) {
  return isChinese ? `+861${draw.pick(['38', '39', '50', '58', '86', '88', '77'])}${draw.digits(8)}` : `+1${2 + draw.below(8)}${draw.digits(2)}${2 + draw.below(8)}${draw.digits(6)}`;
}

function makeEmail(draw, one) {
  const host = draw.pick(HOSTS);
  if (host === 'qq.com') return `${1 + draw.below(9)}${draw.digits(8)}@qq.com`;
  const name = soundOf(one.given) + (draw.chance(0.5) ? '.' : '') + soundOf(one.family);
  return `${name}${draw.chance(0.7) ? draw.below(2000) : ''}@${host}`;
}

function soundOf(text) {
  const plain = { 欧阳: 'ouyang', 司马: 'sima', 诸葛: 'zhuge', 上官: 'shangguan' }[text];
  return plain ?? [...text.normalize('NFKD').replace(/\p{Mark}/gu, '').toLowerCase()].map((character) => PINYIN[character] ?? character).join('');
}

function makeAddress(draw, isChinese) {
  const number = 1 + draw.below(400);
  const flat = draw.chance(0.6) ? [1 + draw.below(20), 100 * (1 + draw.below(20)) + 1 + draw.below(4)] : null;
  if (isChinese) return { isChinese, city: draw.pick(CITIES), road: draw.pick(ROADS), direction: draw.pick(DIRECTIONS), number, flat };
  return { isChinese, city: draw.pick(LATIN_CITIES), road: draw.pick(STREETS), kind: draw.pick(KINDS), number, flat };
}

/** As another system has the same person. */
function spoil(draw, one) {
  const copy = { ...one, script: one.isChinese && draw.chance(0.25) ? 'pinyin' : one.isChinese && draw.chance(0.08) ? 'traditional' : undefined };
  draw.among([
    [0.62, () => undefined],
    [0.07, () => { copy.isSwapped = true; }],
    [0.1, () => { if (one.isChinese) copy.given = [...one.given].map((character) => HOMOPHONES[character] ?? character).join(''); else copy.given = typo(draw, one.given); }],
    [0.07, () => { if (!one.isChinese) copy.family = typo(draw, one.family); else copy.script = 'pinyin'; }],
    [0.04, () => { if (!one.isChinese) copy.given = one.given[0]; }],
    [0.05, () => { copy.family = makeFamily(draw, one.isChinese); }],
    [0.05, () => { copy.given = makeGiven(draw, one.isChinese); }],
  ]);
  draw.among([[0.9, () => undefined], [0.04, () => { const [year, month, day] = one.birthday.split('-'); if (Number(day) <= 12) copy.birthday = `${year}-${day}-${month}`; }], [0.05, () => { copy.birthday = one.birthday.slice(0, -1) + draw.below(10); }], [0.01, () => { copy.birthday = makeBirthday(draw, false); }]]);
  draw.among([[0.45, () => undefined], [0.15, () => { const at = 4 + draw.below(one.phone.length - 4); copy.phone = one.phone.slice(0, at) + draw.below(10) + one.phone.slice(at + 1); }], [0.4, () => { copy.phone = makePhone(draw, one.isChinese); }]]);
  const [mailbox, host] = one.email.split('@');
  draw.among([[0.3, () => undefined], [0.12, () => { copy.email = `${typo(draw, mailbox)}@${host}`; }], [0.05, () => { copy.email = `${mailbox}@${host.replace('mail', 'mial')}`; }], [0.13, () => { copy.email = `${mailbox}@${draw.pick(HOSTS)}`; }], [0.4, () => { copy.email = makeEmail(draw, one); }]]);
  draw.among([[0.65, () => undefined], [0.1, () => { copy.address = { ...one.address, number: one.address.number + draw.below(3) }; }], [0.25, () => { copy.address = makeAddress(draw, one.isChinese); }]]);
  return copy;
}

function typo(draw, text) {
  const at = 1 + draw.below(Math.max(1, text.length - 2));
  return draw.among([[0.35, () => text.slice(0, at) + (text[at + 1] ?? '') + text[at] + text.slice(at + 2)], [0.3, () => text.slice(0, at) + text.slice(at + 1)], [0.35, () => text.slice(0, at) + String.fromCharCode(97 + draw.below(26)) + text.slice(at + 1)]]);
}

function toProfile(draw, { isChinese, script, isSwapped, family, given, birthday, phone, email, address }) {
  const fields = {};
  const set = (name, value) => { fields[name] = { value }; };
  const [shownFamily, shownGiven] = script === 'pinyin' ? [capital(soundOf(family)), capital(soundOf(given))] : [family, given].map((text) => (script === 'traditional' ? [...text].map((character) => TRADITIONAL[character] ?? character).join('') : text));
  const [first, last] = isSwapped ? [shownFamily, shownGiven] : [shownGiven, shownFamily];
  if (draw.chance(0.5)) {
    set('firstName', first);
    set('lastName', last);
  } else set('name', isChinese && script !== 'pinyin' ? last + first : isChinese && draw.chance(0.5) ? `${last} ${first}` : `${first} ${last}`);
  if (birthday !== null) set('birthday', birthday);
  if (address !== null) for (const [name, value] of Object.entries(writeAddress(draw, address))) set(name, value);
  const identities = [...(phone === null ? [] : [{ namespace: 'phone', value: phone }]), ...(email === null ? [] : [{ namespace: 'email', value: email.toLowerCase() }])];
  return { fields, identities };
}

function writeAddress(draw, { isChinese, city, road, direction, kind, number, flat }) {
  if (!isChinese) {
    const street = `${number} ${road} ${draw.pick(kind)}`;
    return { street: flat === null ? street : `${street}${draw.pick([', Apt ', ' #', ', Unit '])}${flat[1]}`, city, country: 'US' };
  }
  const town = city[0].replace(/^.*省/u, '');
  const [building, room] = flat ?? [];
  return draw.among([
    [0.4, () => ({ street: `${city[0]}${city[2]}${road[0]}${direction[0]}路${number}号${flat === null ? '' : `${building}幢${room}室`}`, country: 'CN' })],
    [0.45, () => ({ street: `${road[0]}${direction[0]}路${number}号${flat === null ? '' : `${building}-${room}`}`, city: town, country: 'CN' })],
    [0.15, () => ({ street: `${number} ${road[1]}${direction[1]} ${draw.pick(['Road', 'Rd', 'Lu'])}${flat === null ? '' : `, Building ${building}, Room ${room}`}`, city: city[1], country: 'CN' })],
  ]);
}

function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
