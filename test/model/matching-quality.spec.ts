import { makePeople } from '../bench/make-people.mjs';
import { seededRandom } from '../support/seeded-random.mjs';
import { judge, matchPeople } from '../bench/match-people.mjs';

/** As `node test/bench/matching.mjs` measures, at small size: 1,200 profiles, Chinese and Latin, with families and twins at one address. */
describe('the matcher, on made-up people of known truth', () => {
  const people = makePeople({ count: 1_200, seed: 6 });
  const { scored, figures, fitted, tally } = matchPeople(people, { random: seededRandom(6) });

  it('is right in what it suggests, and finds most of what can be found', () => {
    const { precision, recall, real } = judge(people, scored, 0.9);
    expect(real).toBeGreaterThan(120);
    expect(precision).toBeGreaterThan(0.95);
    expect(recall).toBeGreaterThan(0.6);
    expect(judge(people, scored, 0.5).recall).toBeGreaterThan(0.75);
    expect(fitted.hasConverged).toBe(true);
  });

  it('takes no family for one person: where they share address and number, they are told by what they do not share', () => {
    const strangers = scored.filter(({ one, other, pattern }) => people[one]?.truth !== people[other]?.truth && pattern.address === 'same' && pattern.phone === 'same');
    expect(strangers.length).toBeGreaterThan(50);
    expect(strangers.filter(({ probability }) => probability >= 0.9).length / strangers.length).toBeLessThan(0.02);
  });

  it('compares a few pairs of each profile, however many there are', () => {
    const more = makePeople({ count: 3_600, seed: 6 });
    const perProfile = figures.pairs / people.length;
    const larger = matchPeople(more, { random: seededRandom(6) }).figures.pairs / more.length;
    // Three times the people make nine times the pairs: compared are hardly more of each.
    expect(perProfile).toBeLessThan(5);
    expect(larger).toBeLessThan(2 * perProfile + 1);
    expect(Object.values(tally.candidates).reduce((sum, count) => sum + count, 0)).toBe(figures.pairs);
  });

  it('gives the same again for the same seed', () => {
    const again = matchPeople(makePeople({ count: 300, seed: 9 }), { random: seededRandom(9) });
    expect(matchPeople(makePeople({ count: 300, seed: 9 }), { random: seededRandom(9) }).scored).toEqual(again.scored);
  });
});
