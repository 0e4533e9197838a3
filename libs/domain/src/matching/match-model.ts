import type { MatchField, MatchLevel } from './match-fields.js';

/**
 * What a pair can be. Two classes are not enough where people live together: whoever shares address, number and family name would be taken for one person, since those do not come independently. A class
 * of its own for people of one household keeps them apart (Larsen & Rubin, "Iterative automated record linkage using mixture models", JASA 96, 2001).
 */
export const MATCH_CLASSES = ['same', 'household', 'other'] as const;
export type MatchClass = (typeof MATCH_CLASSES)[number];

/** How often two are how alike in a field, where both say something of it; sums up to 1. */
export type LevelShares = { readonly [F in MatchField]: { readonly [L in MatchLevel<F>]: number } };

/**
 * What matching knows: Fellegi and Sunter's m-probabilities are the levels of `same`, their u-probabilities those of `other` ("A theory for record linkage", JASA 64, 1969).
 */
export interface MatchModel {
  /** Of all pairs of two people. */
  shares: Readonly<Record<MatchClass, number>>;
  levels: Readonly<Record<MatchClass, LevelShares>>;
  /** How many people it was fitted on. */
  people: number;
  /** How likely two people who are not one have names that sound the same. */
  namesakes: number;
}

/**
 * Where fitting begins, and what it keeps to where the data says little: how often people of one kind agree, by what is known of customer files. For strangers these are the orders of
 * magnitude of a large file: what a sample of random pairs does not show is rare, not impossible. See {@link PRIOR_PAIRS} for how much they count.
 */
export const PRIOR_LEVELS: Readonly<Record<MatchClass, LevelShares>> = {
  same: {
    name: { same: 0.68, sameSound: 0.12, near: 0.12, sameGiven: 0.05, sameFamily: 0.005, other: 0.025 },
    birthday: { same: 0.9, near: 0.07, sameYear: 0.01, other: 0.02 },
    phone: { same: 0.5, near: 0.1, other: 0.4 },
    email: { same: 0.35, near: 0.1, sameMailbox: 0.1, other: 0.45 },
    address: { same: 0.5, near: 0.1, sameRoad: 0.02, other: 0.38 },
  },
  household: {
    name: { same: 0.005, sameSound: 0.005, near: 0.03, sameGiven: 0.01, sameFamily: 0.65, other: 0.3 },
    birthday: { same: 0.03, near: 0.01, sameYear: 0.03, other: 0.93 },
    phone: { same: 0.5, near: 0.01, other: 0.49 },
    email: { same: 0.05, near: 0.03, sameMailbox: 0.01, other: 0.91 },
    address: { same: 0.88, near: 0.07, sameRoad: 0.01, other: 0.04 },
  },
  other: {
    name: { same: 0.00005, sameSound: 0.00002, near: 0.0001, sameGiven: 0.005, sameFamily: 0.02, other: 0.97483 },
    birthday: { same: 0.00005, near: 0.0015, sameYear: 0.02, other: 0.97845 },
    phone: { same: 1e-7, near: 1e-6, other: 0.9999989 },
    email: { same: 1e-7, near: 1e-6, sameMailbox: 1e-6, other: 0.9999979 },
    address: { same: 1e-6, near: 1e-6, sameRoad: 0.001, other: 0.998998 },
  },
};

/** How many pairs the prior of a class is worth; for strangers, of whom there are nearly all pairs, as a share of these. */
export const PRIOR_PAIRS: Readonly<Record<Exclude<MatchClass, 'other'>, number>> = { same: 60, household: 60 };
export const PRIOR_SHARE_OF_STRANGERS = 0.2;
