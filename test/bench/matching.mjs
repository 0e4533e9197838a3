/**
 * How good the matcher is on made-up people of known truth, and how its work grows: node test/bench/matching.mjs [count …]. No server is needed; build first (`npm run build`). The same seed gives the same figures,
 * but for the seconds.
 */
import { makePeople } from './make-people.mjs';
import { seededRandom } from '../support/seeded-random.mjs';
import { judge, matchPeople } from './match-people.mjs';

const SEED = 6;
const THRESHOLDS = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99];
const counts = process.argv.slice(2).filter((word) => /^\d+$/u.test(word)).map(Number);

for (const count of counts.length > 0 ? counts : [10_000, 50_000, 100_000]) {
  const people = makePeople({ count, seed: SEED });
  const began = performance.now();
  const { fitted, scored, figures } = matchPeople(people, { random: seededRandom(SEED) });
  const seconds = (performance.now() - began) / 1_000;
  const missed = count > 50_000 ? '' : `; ${(100 * reached(people, scored)).toFixed(1)} % of the real pairs share a block`;
  console.log(`\n${count.toLocaleString('en')} profiles: ${figures.pairs.toLocaleString('en')} pairs compared, ${(figures.pairs / count).toFixed(1)} per profile, ${figures.skippedBlocks} of ${figures.blocks.toLocaleString('en')} blocks too large${missed}; `
    + `fitted in ${fitted.iterations} rounds${fitted.hasConverged ? '' : ' (not converged)'}; ${seconds.toFixed(1)} s`);
  console.log('| At least | Suggested | Precision | Recall | F1 |\n|---|---|---|---|---|');
  for (const threshold of THRESHOLDS) {
    const { suggested, precision, recall, f1 } = judge(people, scored, threshold);
    console.log(`| ${threshold} | ${suggested.toLocaleString('en')} | ${precision.toFixed(3)} | ${recall.toFixed(3)} | ${f1.toFixed(3)} |`);
  }
  if (process.argv.includes('--model')) console.log(JSON.stringify(fitted.model, null, 1));
}

function reached(people, scored) {
  return judge(people, scored.map((pair) => ({ ...pair, probability: 1 })), 1).recall;
}
