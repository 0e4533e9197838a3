const Sequencer = require('@jest/test-sequencer').default;

/** Those that take some time. Where nothing was measured before, Jest goes by size, and one of them that comes last keeps one core alone. */
const LONGEST = ['npm-start', 'csv-import', 'destination-trouble', 'killed-at-work', 'scaffolded-plugin', 'sync-histories', 'hostile-input'].map((name) => `/${name}.spec.ts`);

/** Jest's order of specs, the longest ahead. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = LONGEST.findIndex((name) => path.endsWith(name));
      return index < 0 ? LONGEST.length : index;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
