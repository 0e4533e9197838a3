import { fitMatchModel } from './fit-match-model.js';
import { MATCH_FIELD_NAMES, MATCH_FIELDS, type MatchPattern } from './match-fields.js';
import { MATCH_CLASSES } from './match-model.js';
import { newMatchTally, type MatchTally } from './match-tally.js';
import { createMatchWeigher } from './weigh-match.js';

const NOTHING: MatchPattern = { name: null, birthday: null, phone: null, email: null, address: null };

/** Pairs of 2,000 people: 200 are one person, 400 live together, and the rest are strangers. */
function tally(): MatchTally {
  return {
    people: 2_000, namesakes: 300,
    candidates: {
      'same,same,same,,same': 80, 'same,same,other,,other': 60, 'near,same,same,,': 30, 'sameSound,near,other,,same': 30,
      'sameFamily,other,same,,same': 250, 'sameFamily,other,other,,same': 100, 'other,other,same,,same': 50,
      'same,other,other,,other': 100, 'other,other,other,,sameRoad': 300, 'sameFamily,same,other,,other': 20,
    },
    random: { 'other,other,other,,other': 18_000, 'sameFamily,other,other,,other': 400, 'other,sameYear,other,,other': 300 },
  };
}

describe('a fitted model', () => {
  const { model, hasConverged, history } = fitMatchModel(tally());

  it('gives the same for the same counts, and each round fits no worse than the one before', () => {
    expect(fitMatchModel(tally()).model).toEqual(model);
    expect(hasConverged).toBe(true);
    history.slice(1).forEach((posterior, at) => expect(posterior).toBeGreaterThanOrEqual((history[at] as number) - 1e-6));
  });

  it('has shares that sum up to 1 and are neither 0 nor 1', () => {
    expect(MATCH_CLASSES.reduce((sum, of) => sum + model.shares[of], 0)).toBeCloseTo(1, 9);
    for (const of of MATCH_CLASSES) {
      for (const field of MATCH_FIELD_NAMES) {
        const shares: Readonly<Record<string, number>> = model.levels[of][field];
        const values = MATCH_FIELDS[field].map((level) => shares[level] as number);
        expect(values.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
        values.forEach((share) => expect(share > 0 && share < 1).toBe(true));
      }
    }
  });

  it('finds how many pairs are of which kind', () => {
    const pairs = (2_000 * 1_999) / 2;
    expect(model.shares.same * pairs).toBeGreaterThan(150);
    expect(model.shares.same * pairs).toBeLessThan(250);
    expect(model.shares.household * pairs).toBeGreaterThan(300);
    expect(model.shares.household * pairs).toBeLessThan(500);
  });

  it('tells a family at one address with one number from one person', () => {
    const weigh = createMatchWeigher(model);
    const family = weigh({ ...NOTHING, name: 'sameFamily', birthday: 'other', phone: 'same', address: 'same' }, null);
    expect(family.probability).toBeLessThan(0.01);
    expect(family.rival).toBe('household');
    expect(weigh({ ...NOTHING, name: 'same', birthday: 'same', phone: 'same', address: 'same' }, null).probability).toBeGreaterThan(0.99);
  });

  it('says less of a common name and more of a rare one, and its weights sum up to the odds', () => {
    const weigh = createMatchWeigher(model);
    const pattern: MatchPattern = { ...NOTHING, name: 'same', address: 'other' };
    const [common, average, rare] = [50 / 2_000, null, 1 / 2_000_000].map((share) => weigh(pattern, share)) as [ReturnType<typeof weigh>, ReturnType<typeof weigh>, ReturnType<typeof weigh>];
    expect(common.probability).toBeLessThan(average.probability);
    expect(average.probability).toBeLessThan(rare.probability);
    const { weights, rival } = common;
    const odds = Math.log2(model.shares.same / model.shares[rival]) + weights.reduce((sum, { weight }) => sum + weight, 0);
    expect(2 ** odds / (1 + 2 ** odds)).toBeGreaterThanOrEqual(common.probability - 1e-9);
    expect(weights.map(({ field }) => field)).toEqual(['name', 'address']);
  });

  it('knows nothing of two of whom nothing can be compared', () => {
    const { probability, weights } = createMatchWeigher(model)(NOTHING, null);
    expect(probability).toBeCloseTo(model.shares.same, 9);
    expect(weights).toEqual([]);
  });
});

it('keeps to what is known of such files where there is nothing to learn from', () => {
  const { model } = fitMatchModel(newMatchTally());
  expect(model.levels.same.birthday.same).toBeCloseTo(0.9, 2);
  const weigh = createMatchWeigher(fitMatchModel({ ...newMatchTally(), people: 3, candidates: { 'same,same,,,same': 1 }, random: { 'other,other,,,other': 2 } }).model);
  expect(weigh({ ...NOTHING, name: 'same', birthday: 'same', address: 'same' }, null).probability).toBeGreaterThan(0.9);
});
