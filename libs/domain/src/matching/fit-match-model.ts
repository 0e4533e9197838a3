import { MATCH_FIELD_NAMES, MATCH_FIELDS, patternLevels, type MatchLevel } from './match-fields.js';
import { MATCH_CLASSES, PRIOR_LEVELS, PRIOR_PAIRS, PRIOR_SHARE_OF_STRANGERS, type LevelShares, type MatchClass, type MatchModel } from './match-model.js';
import type { MatchTally } from './match-tally.js';

/** A model, and how fitting it went. */
export interface FittedModel {
  model: MatchModel;
  iterations: number;
  hasConverged: boolean;
  /** Log posterior (likelihood and prior) after each iteration: it never falls. */
  history: number[];
}

interface Pattern {
  levels: (MatchLevel | null)[];
  pairs: number;
  /** Taken at random, and sharing no block: they are of other people. */
  isOther: boolean;
}

const MAX_ITERATIONS = 500;
/** Of the log posterior, per candidate pair. */
const TOLERANCE = 1e-9;
/** Of a level: nothing is impossible, and nothing certain. */
const FLOOR = 1e-9;
const CEILING = 1 - 1e-6;
/** Expected before anything is seen, per person: profiles that are a second one of somebody, and pairs who live together. */
const DOUBLES = 0.05;
const HOUSEHOLD_PAIRS = 0.3;
/** How many pairs the prior of a share is worth: without it a class of which nothing was seen would be impossible from then on. */
const SHARE_PAIRS: Readonly<Record<MatchClass, number>> = { same: 1, household: 1, other: 0 };

/**
 * Fits the model by expectation and maximisation (Dempster, Laird & Rubin, "Maximum likelihood from incomplete data via the EM algorithm", JRSS B 39, 1977; for record linkage Winkler 1988) over the counts of patterns,
 * in logarithms. Pairs that share no block are too many to be looked at: those taken at random stand for them, each for as many as there are of it, and give the u-probabilities; the pairs of blocks add what
 * random ones hardly ever show. What the data says little of keeps to {@link PRIOR_LEVELS} (a posterior mode). The same tally gives the same model.
 *
 * @example const { model, hasConverged } = fitMatchModel(tally);
 */
export function fitMatchModel(tally: MatchTally): FittedModel {
  const { people } = tally;
  const allPairs = Math.max(1, (people * (people - 1)) / 2);
  const patterns = patternsOf(tally, allPairs);
  let model: MatchModel = { shares: firstShares(people, allPairs), levels: PRIOR_LEVELS, people, namesakes: Math.max(tally.namesakes, 1) / allPairs };
  const worth: PriorWorth = { ...PRIOR_PAIRS, other: Math.max(1, PRIOR_SHARE_OF_STRANGERS * allPairs) };
  const history: number[] = [];
  const enough = TOLERANCE * Math.max(1, patterns.reduce((sum, { pairs, isOther }) => sum + (isOther ? 0 : pairs), 0));
  for (let iteration = 1; iteration <= MAX_ITERATIONS; iteration += 1) {
    const step = iterate(model, patterns, worth);
    history.push(step.posterior);
    model = step.model;
    if (iteration > 1 && step.posterior - (history.at(-2) as number) < enough) return { model, iterations: iteration, hasConverged: true, history };
  }
  return { model, iterations: MAX_ITERATIONS, hasConverged: false, history };
}

function patternsOf({ candidates, random }: MatchTally, allPairs: number): Pattern[] {
  const found = Object.entries(candidates).map(([key, pairs]): Pattern => ({ levels: patternLevels(key), pairs, isOther: false }));
  const sampled = Object.values(random).reduce((sum, pairs) => sum + pairs, 0);
  const inBlocks = found.reduce((sum, { pairs }) => sum + pairs, 0);
  const each = sampled === 0 ? 0 : Math.max(0, allPairs - inBlocks) / sampled;
  return [...found, ...Object.entries(random).map(([key, pairs]): Pattern => ({ levels: patternLevels(key), pairs: pairs * each, isOther: true }))];
}

function firstShares(people: number, allPairs: number): Record<MatchClass, number> {
  const [same, household] = [DOUBLES, HOUSEHOLD_PAIRS].map((perPerson) => Math.min(0.2, (perPerson * Math.max(people, 1)) / allPairs)) as [number, number];
  return { same, household, other: 1 - same - household };
}

interface Step {
  model: MatchModel;
  posterior: number;
}

/** How many pairs the prior of each class is worth. */
type PriorWorth = Readonly<Record<MatchClass, number>>;

/** One round: how likely each pattern is of which class, and then what the classes are like. */
function iterate(model: MatchModel, patterns: readonly Pattern[], worth: PriorWorth): Step {
  const logs = logsOf(model);
  const pairs: Record<MatchClass, number> = { same: 0, household: 0, other: 0 };
  const counts = Object.fromEntries(MATCH_CLASSES.map((of) => [of, MATCH_FIELD_NAMES.map(() => new Map<MatchLevel, number>())])) as Record<MatchClass, Map<MatchLevel, number>[]>;
  let posterior = logPrior(model, worth);
  for (const pattern of patterns) {
    const joint = logs.jointOf(pattern.levels);
    const total = pattern.isOther ? joint.other : logSum(Object.values(joint));
    posterior += pattern.pairs * total;
    for (const of of MATCH_CLASSES) {
      const part = pattern.pairs * (pattern.isOther ? Number(of === 'other') : Math.exp(joint[of] - total));
      pairs[of] += part;
      pattern.levels.forEach((level, field) => {
        const inField = counts[of][field] as Map<MatchLevel, number>;
        if (level !== null) inField.set(level, (inField.get(level) ?? 0) + part);
      });
    }
  }
  return { model: { ...model, shares: sharesOf(pairs), levels: levelsOf(counts, worth) }, posterior };
}

function sharesOf(pairs: Record<MatchClass, number>): Record<MatchClass, number> {
  const weighted = MATCH_CLASSES.map((of): [MatchClass, number] => [of, pairs[of] + SHARE_PAIRS[of]]);
  const sum = weighted.reduce((all, [, one]) => all + one, 0);
  return Object.fromEntries(weighted.map(([of, one]) => [of, one / sum])) as Record<MatchClass, number>;
}

function levelsOf(counts: Record<MatchClass, Map<MatchLevel, number>[]>, worth: PriorWorth): Record<MatchClass, LevelShares> {
  return Object.fromEntries(MATCH_CLASSES.map((of) => [of, Object.fromEntries(MATCH_FIELD_NAMES.map((field, at) => {
    const prior: Readonly<Record<string, number>> = PRIOR_LEVELS[of][field];
    const weighted = MATCH_FIELDS[field].map((level): [string, number] => [level, (counts[of][at]?.get(level) ?? 0) + worth[of] * (prior[level] as number)]);
    const sum = weighted.reduce((all, [, part]) => all + part, 0);
    return [field, Object.fromEntries(weighted.map(([level, part]) => [level, Math.min(CEILING, Math.max(FLOOR, part / sum))]))];
  }))])) as unknown as Record<MatchClass, LevelShares>;
}

/** Up to a constant. */
function logPrior({ shares, levels }: MatchModel, worth: PriorWorth): number {
  let sum = 0;
  for (const of of MATCH_CLASSES) {
    sum += SHARE_PAIRS[of] * Math.log(shares[of]);
    for (const field of MATCH_FIELD_NAMES) {
      const prior: Readonly<Record<string, number>> = PRIOR_LEVELS[of][field];
      const now: Readonly<Record<string, number>> = levels[of][field];
      for (const level of MATCH_FIELDS[field]) sum += worth[of] * (prior[level] as number) * Math.log(now[level] as number);
    }
  }
  return sum;
}

/** The logarithms of a model, by place of the field. */
export function logsOf({ shares, levels }: Pick<MatchModel, 'shares' | 'levels'>): { jointOf(pattern: readonly (MatchLevel | null)[]): Record<MatchClass, number> } {
  const logs = MATCH_CLASSES.map((of) => ({ of, share: Math.log(shares[of]), fields: MATCH_FIELD_NAMES.map((field) => new Map(Object.entries(levels[of][field]).map(([level, share]) => [level, Math.log(share)]))) }));
  return {
    jointOf: (pattern) => Object.fromEntries(logs.map(({ of, share, fields }) => [
      of, pattern.reduce((sum, level, at) => (level === null ? sum : sum + (fields[at]?.get(level) as number)), share),
    ])) as Record<MatchClass, number>,
  };
}

/** log(Σ exp), without leaving the range of numbers. */
export function logSum(values: readonly number[]): number {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
