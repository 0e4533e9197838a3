import { blockingKeys, comparePeople, createMatchWeigher, fitMatchModel, LARGEST_BLOCK, matchSubjectOf, nameKey, newMatchTally, sharedBlock, tallyPair } from '@firsthand/domain';

const RANDOM_PAIRS = 20_000;

/**
 * Matches people in memory, by the rules and in the order of the product's own pass: blocks, counts of patterns, the model, then each pair again for its probability.
 * @param {{ profile: object, truth: number }[]} people
 */
export function matchPeople(people, { random }) {
  const subjects = people.map(({ profile }) => matchSubjectOf(profile, () => true));
  const keys = subjects.map(blockingKeys);
  const blocks = new Map();
  keys.forEach((own, at) => own.forEach((key) => {
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, [at]);
    else block.push(at);
  }));
  const isSkipped = (key) => blocks.get(key).length > LARGEST_BLOCK;
  const tally = newMatchTally();
  tally.people = people.length;
  const names = subjects.map(nameKey);
  for (const key of new Set(names)) if (key !== null) tally.namesakes += (blocks.get(key).length * (blocks.get(key).length - 1)) / 2;
  const figures = { blocks: blocks.size, skippedBlocks: 0, pairs: 0 };
  const found = [];
  for (const [key, members] of blocks) {
    if (isSkipped(key)) {
      figures.skippedBlocks += 1;
      continue;
    }
    for (let at = 0; at < members.length; at += 1) {
      for (let place = at + 1; place < members.length; place += 1) {
        const [one, other] = [members[at], members[place]];
        if (sharedBlock(keys[one], keys[other], isSkipped) !== key) continue;
        const pattern = comparePeople(subjects[one], subjects[other]);
        figures.pairs += 1;
        tallyPair(tally.candidates, pattern);
        found.push({ one, other, pattern });
      }
    }
  }
  for (let at = 0; at < RANDOM_PAIRS; at += 1) {
    const [one, other] = [Math.floor(random() * people.length), Math.floor(random() * people.length)];
    if (one !== other && sharedBlock(keys[one], keys[other], isSkipped) === null) tallyPair(tally.random, comparePeople(subjects[one], subjects[other]));
  }
  const fitted = fitMatchModel(tally);
  const weigh = createMatchWeigher(fitted.model);
  const scored = found.map(({ one, other, pattern }) => {
    const share = pattern.name === 'same' || pattern.name === 'sameSound' ? (blocks.get(names[one])?.length ?? 2) - 1 : null;
    return { one, other, pattern, ...weigh(pattern, share === null ? null : share / (people.length - 1)) };
  });
  return { subjects, tally, fitted, scored, figures };
}

/** How many of the pairs above a threshold are right, and how many of the right ones are above it. */
export function judge(people, scored, threshold) {
  const sizes = new Map();
  for (const { truth } of people) sizes.set(truth, (sizes.get(truth) ?? 0) + 1);
  const real = [...sizes.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
  const above = scored.filter(({ probability }) => probability >= threshold);
  const right = above.filter(({ one, other }) => people[one].truth === people[other].truth).length;
  const precision = above.length === 0 ? 1 : right / above.length;
  const recall = real === 0 ? 1 : right / real;
  return { threshold, real, suggested: above.length, precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}
