import { logsOf, logSum } from './fit-match-model.js';
import { MATCH_FIELD_NAMES, type MatchField, type MatchLevel, type MatchPattern } from './match-fields.js';
import { MATCH_CLASSES, type MatchClass, type MatchModel } from './match-model.js';

/** What a field says for (above 0) or against (below 0) two profiles being one person, in bits. */
export interface MatchWeight {
  field: MatchField;
  level: MatchLevel;
  weight: number;
}

/** How likely two profiles are one person, and why. */
export interface MatchScore {
  /** 0 to 1. */
  probability: number;
  /** What they most likely are if not one person: the weights are against this. */
  rival: Exclude<MatchClass, 'same'>;
  /** Of the fields that both have. */
  weights: MatchWeight[];
}

/** A common name is not made rarer than it is, nor a rare one proof by itself. */
const MOST_RARE = 1_000;
const MOST_COMMON = 100;

/** Weighs patterns by one model. */
export type MatchWeigher = (pattern: MatchPattern, namesakeShare: number | null) => MatchScore;

/**
 * Weighs patterns by a model: log2(m/u) per field (Fellegi & Sunter 1969), and the probability that follows with what was expected before (Bayes). `namesakeShare` is, of two who have a name in common
 * (`same`, `sameSound`), how likely a third person has it too: a name that many have, 王伟 or John Smith, says less, and a rare one more (Winkler, "Frequency-based matching in Fellegi-Sunter model of record
 * linkage", 2000). Null for the average.
 *
 * @example createMatchWeigher(model)(comparePeople(one, other), 12 / 50_000).probability // 0.93…
 */
export function createMatchWeigher(model: MatchModel): MatchWeigher {
  const { jointOf } = logsOf(model);
  return (pattern, namesakeShare) => {
    const joint = jointOf(MATCH_FIELD_NAMES.map((field) => pattern[field]));
    const isNamesake = pattern.name === 'same' || pattern.name === 'sameSound';
    const common = namesakeShare === null || !isNamesake ? 0 : Math.log(Math.min(MOST_COMMON, Math.max(1 / MOST_RARE, namesakeShare / model.namesakes)));
    joint.other += common;
    const rival = joint.household > joint.other ? 'household' : 'other';
    const probability = Math.exp(joint.same - logSum(MATCH_CLASSES.map((of) => joint[of])));
    const weights = MATCH_FIELD_NAMES.flatMap((field): MatchWeight[] => {
      const level = pattern[field];
      if (level === null) return [];
      const rarity = field === 'name' && rival === 'other' ? common : 0;
      return [{ field, level, weight: (Math.log(shareOf(model, 'same', field, level) / shareOf(model, rival, field, level)) - rarity) / Math.LN2 }];
    });
    return { probability, rival, weights };
  };
}

function shareOf({ levels }: MatchModel, of: MatchClass, field: MatchField, level: MatchLevel): number {
  const shares: Readonly<Record<string, number>> = levels[of][field];
  return shares[level] as number;
}
