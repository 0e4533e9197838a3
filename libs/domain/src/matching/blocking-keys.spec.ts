import fc from 'fast-check';
import { blockingKeys, nameKey, sharedBlock } from './blocking-keys.js';
import { matchSubjectOf, type MatchSubject } from './match-subject.js';

const subject = (fields: Record<string, string>, phone = '', email = ''): MatchSubject => matchSubjectOf({
  fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value, at: 1, source: 's', origin: 'o', version: 1 }])),
  identities: [...(phone === '' ? [] : [{ namespace: 'phone', value: phone }]), ...(email === '' ? [] : [{ namespace: 'email', value: email }])],
}, () => true);
const meet = (one: MatchSubject, other: MatchSubject): boolean => sharedBlock(blockingKeys(one), blockingKeys(other), () => false) !== null;

describe('people who are one share a block whatever error was made', () => {
  const ana = subject({ name: 'Ana Lima', birthday: '1990-05-07', street: '88 Oak Street', city: 'Boston' }, '+12025550123', 'ana.lima@example.com');
  it.each([
    ['another script', subject({ name: '王小明' }), subject({ name: 'Xiaoming Wang' })],
    ['day and month swapped, and the name the other way round', ana, subject({ name: 'Lima Ana', birthday: '1990-07-05' })],
    ['a slip in the name', ana, subject({ name: 'Anna Lima', birthday: '1990-05-07' })],
    ['another number at the end', ana, subject({ name: 'Anna Lima' }, '+12025550124')],
    ['another number at the beginning', ana, subject({ name: 'Anna Lima' }, '+12035550123')],
    ['another provider', ana, subject({}, '', 'ana.lima@other.example')],
    ['only the house', ana, subject({ street: '88 Oak St.' })],
  ])('%s', (_error, one, other) => expect(meet(one, other)).toBe(true));

  it('and strangers do not', () => expect(meet(ana, subject({ name: 'Bo Chen', birthday: '1984-11-02', street: '5 Elm Road', city: 'Boston' }, '+12025559999', 'bo@example.com'))).toBe(false));
});

it('says whose name is whose by its sound, without its order', () => {
  expect(nameKey(subject({ name: '张伟' }))).toBe(nameKey(subject({ name: 'Wei Zhang' })));
  expect(nameKey(subject({ name: '王先生' }))).toBeNull();
});

it('compares a pair in one block alone: the least that both have and that is not passed over', () => {
  const keys = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 6 }).map((list) => [...list].sort());
  fc.assert(fc.property(keys, keys, keys, (one, other, skipped) => {
    const both = one.filter((key) => other.includes(key) && !skipped.includes(key));
    expect(sharedBlock(one, other, (key) => skipped.includes(key))).toBe(both[0] ?? null);
  }));
});
