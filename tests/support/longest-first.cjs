const { relative, resolve } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

const TESTS = resolve(__dirname, '..');

/** Files that take long though they are short; whoever comes late here leaves a core idle at the end. */
const LONG = [
  /^simulation\//,
  /^integration\/cluster\//,
  /^hostile\//,
  /^integration\//,
  /^package\//,
  /^examples\//,
  /^browser\//,
  /^docs\/readme/,
];

/** Begins with the files that take longest. Jest goes by what it remembers, and in a fresh clone by sizes of files. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = LONG.findIndex((pattern) => pattern.test(relative(TESTS, path)));
      return place < 0 ? LONG.length : place;
    };
    // Stable: within a rank jest's own order stays.
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
