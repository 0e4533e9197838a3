import fc from 'fast-check';
import { comparePeople } from './compare-people.js';
import { matchSubjectOf, type MatchSubject } from './match-subject.js';
import { patternKey } from './match-fields.js';
import { parseAddress } from './parse-address.js';
import { parseName } from './parse-name.js';
import { simplifyChinese } from './simplify-chinese.js';
import { editDistance, jaroWinkler } from './text-distance.js';

type Values = Record<string, string>;
const field = (value: string) => ({ value, at: 1, source: 's', origin: 'o', version: 1 });
const subject = ({ phones = '', emails = '', ...fields }: Values): MatchSubject => matchSubjectOf({
  fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, field(value)])),
  identities: [['phone', phones], ['email', emails]].flatMap(([namespace = '', values = '']) => values.split(' ').filter((value) => value !== '').map((value) => ({ namespace, value }))),
}, () => true);
const compare = (one: Values, other: Values) => comparePeople(subject(one), subject(other));

describe('names', () => {
  it.each([
    ['王小明', '王小明', 'same'], ['張偉', '张伟', 'same'], ['ANA LIMA', 'Ana Lima', 'same'], ['José Müller', 'Jose Muller', 'same'], ['Dr. Ana Lima', 'Lima, Ana', 'same'], ['John Michael Smith', 'John Smith', 'same'],
    ['王小明', 'Wang Xiaoming', 'sameSound'], ['王小明', 'Xiao-Ming WANG', 'sameSound'], ['Wang Xiao Ming', 'xiaoming wang', 'same'], ['欧阳娜娜', 'Ouyang Nana', 'sameSound'], ['單國強', 'Shan Guoqiang', 'sameSound'], ['吕布', 'Lyu Bu', 'sameSound'], ['王小明', '王晓明', 'sameSound'],
    ['Ana Lima', 'Lima Ana', 'sameSound'], ['Ana Lima', 'Aan Lima', 'sameFamily'], ['Sarah Johnson', 'Srah Johnson', 'near'], ['Sarah Johnson', 'Sarah Jonhson', 'near'], ['S. Johnson', 'Sarah Johnson', 'near'], ['王小明', '王小敏', 'near'],
    ['王小明', '王小红', 'sameFamily'], ['Sarah Johnson', 'Sarah Blackwood', 'sameGiven'], ['Li Na', 'Lu Na', 'sameGiven'], ['Sarah Johnson', 'Peter Brown', 'other'],
    ['王先生', '王小明', null], ['Sarah', 'Sarah Johnson', null], ['李先生', '王小明', 'other'],
  ])('%s and %s are %s', (one, other, level) => {
    expect(compare({ name: one }, { name: other }).name).toBe(level);
  });

  it('takes family and given name where they are apart, in either script', () => {
    expect(compare({ firstName: '小明', lastName: '王' }, { firstName: 'Xiao Ming', lastName: 'Wang' }).name).toBe('sameSound');
    expect(compare({ firstName: '王', lastName: '小明' }, { name: '王小明' }).name).toBe('sameSound');
  });

  it('writes the traditional characters of names and addresses as the simplified ones', () => {
    expect(simplifyChinese('張偉陳靜，臺灣廣東長寧區')).toBe('张伟陈静，台湾广东长宁区');
  });
});

describe('dates of birth, numbers and addresses of mail', () => {
  it.each([['1990-05-17', 'same'], ['1990-05-18', 'near'], ['1990-05-71', 'near'], ['1909-05-17', 'near'], ['1990-11-02', 'sameYear'], ['1984-11-02', 'other']])('1990-05-17 and %s are %s', (other, level) => {
    expect(compare({ birthday: '1990-05-17' }, { birthday: other }).birthday).toBe(level);
  });

  it('takes day and month for swapped, and a placeholder for nothing', () => {
    expect(compare({ birthday: '1990-05-07' }, { birthday: '1990-07-05' }).birthday).toBe('near');
    expect(compare({ birthday: '1900-01-01' }, { birthday: '1900-01-01' }).birthday).toBeNull();
  });

  it.each([['+8613912345678', 'same'], ['+8613912345687', 'near'], ['+8613912345078', 'near'], ['+8613812345687', 'other'], ['+861391234567', 'other']])('+8613912345678 and %s are %s', (other, level) => {
    expect(compare({ phones: '+8613912345678' }, { phones: `+4930123456 ${other}` }).phone).toBe(level);
  });

  it.each([
    ['ana.lima77@gmail.com', 'ana.lima77@gmail.com', 'same'], ['ana.lima77@gmail.com', 'analima77+shop@gmail.com', 'near'], ['sunflower@gmail.com', 'sunflowre@gmail.com', 'near'], ['sunflower@gmail.com', 'sunflower@gmial.com', 'near'],
    ['sunflower@gmail.com', 'sunflower@163.com', 'sameMailbox'], ['sunflower@gmail.com', 'moonlight@gmail.com', 'other'], ['ana@gmail.com', 'ana@163.com', 'other'],
  ])('%s and %s are %s', (one, other, level) => {
    expect(compare({ emails: one }, { emails: other }).email).toBe(level);
  });

  it('counts no name twice', () => {
    const [name, other] = [{ name: 'James Martin', emails: 'james.martin2@gmail.com' }, { name: 'James Martin', emails: 'james.martin@gmail.com' }];
    expect(compare(name, other).email).toBeNull();
    expect(compare(name, { ...other, emails: 'james.martin3@gmail.com' }).email).toBeNull();
    expect(compare({ ...name, emails: 'james.martin1987@gmail.com' }, { ...other, emails: 'james.martin1987@yahoo.com' }).email).toBe('sameMailbox');
    expect(compare({ name: '王小明', emails: 'wangxiaoming@qq.com' }, { name: '王小明', emails: 'wangxiaoming@163.com' }).email).toBeNull();
  });
});

describe('addresses', () => {
  const WENSAN = { street: '文三路138号3幢501室', city: '杭州市', country: 'CN' };
  it.each([
    [{ street: '浙江省杭州市西湖区文三路138号3幢501室' }, 'same'], [{ street: '文三路138号3-501', city: '杭州' }, 'same'], [{ street: '文三路１３８号三幢５０１室', city: '杭州市' }, 'same'],
    [{ street: '138 Wensan Road, Building 3, Room 501', city: 'Hangzhou', country: 'CN' }, 'same'], [{ street: '138 Wensan Lu', city: 'Hangzhou' }, 'same'], [{ street: '文三路138号' }, 'same'],
    [{ street: '文三路138号3幢502室', city: '杭州市' }, 'near'], [{ street: '文三路139号', city: '杭州市' }, 'sameRoad'], [{ street: '文三路138号3幢501室', city: '上海市' }, 'other'], [{ street: '文二西路9号' }, 'other'],
  ])('%j', (other, level) => {
    expect(compare(WENSAN, other).address).toBe(level);
  });

  it.each([
    ['88 Oak Street, Apt 5', '88 Oak St #5', 'same'], ['88 North Oak Street', '88 N. Oak St.', 'same'], ['88 Washington Avenue', '88 Washignton Ave', 'near'], ['Hauptstraße 5', 'Hauptstr. 5', 'same'], ['88 Oak Street, Apt 5', '88 Oak Street, Apt 6', 'near'], ['88 Oak Street', '88 Oak Road', 'other'],
  ])('%s and %s are %s', (one, other, level) => {
    expect(compare({ street: one, city: 'Boston' }, { street: other, city: 'boston' }).address).toBe(level);
  });

  it('reads directions of Chinese roads in both scripts', () => {
    expect(parseAddress({ street: '南京西路88号', city: '上海市' })).toEqual(parseAddress({ street: '88 Nanjing West Road', city: 'Shanghai', country: 'CN' }));
    expect(parseAddress({ city: '上海市' })).toBeNull();
  });
});

describe('any two people', () => {
  const part = fc.oneof(fc.constantFrom('王小明', '李', 'Wang Xiaoming', 'Ana', 'Lima', 'O’Neil-Smith', '欧阳娜娜', '88 Oak St', '文三路138号3幢501室', '1990-05-07', '1990-07-05', '+8613912345678', 'ana@example.com', ''), fc.string({ unit: 'grapheme', maxLength: 20 }));
  const person = fc.record({ name: part, firstName: part, lastName: part, birthday: part, street: part, city: part, email: part, phone: part });

  it('are compared the same way round or the other, and nothing breaks', () => {
    fc.assert(fc.property(person, person, (one, other) => {
      expect(patternKey(compare(one, other))).toBe(patternKey(compare(other, one)));
    }));
  });

  it.each([['l', '懶'], ['Wang X', 'Xiaoming Wang'], ['Xiaoming', 'X']])('have names that are compared so, too: %s, %s', (one, other) => {
    expect(patternKey(compare({ name: one }, { name: other }))).toBe(patternKey(compare({ name: other }, { name: one })));
  });

  it('are alike with themselves in all that they say whole', () => {
    fc.assert(fc.property(person, (one) => {
      const pattern = compare(one, one);
      for (const level of Object.values(pattern)) expect([null, 'same']).toContain(level);
    }));
  });

  it('edits are a distance: nothing for one text, the same both ways, never more than the longer text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
      const distance = editDistance(one, other, 20);
      expect(distance).toBe(editDistance(other, one, 20));
      expect(distance === 0).toBe(one === other);
      expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
      expect(jaroWinkler(one, other)).toBeCloseTo(jaroWinkler(other, one), 10);
    }));
    expect(editDistance('kitten', 'sitting', 5)).toBe(3);
    expect(editDistance('kitten', 'sitting', 1)).toBe(2);
    expect(jaroWinkler('martha', 'marhta')).toBeCloseTo(0.961, 3);
    expect(parseName({ name: '  ' })).toBeNull();
  });
});
