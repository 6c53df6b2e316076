const { join, resolve, sep } = require('node:path');

const ROOT = resolve(__dirname, '../..');
const BENCH = join(ROOT, 'bench') + sep;

/**
 * How jest finds packages. bench/ has packages of its own, for the peers' launchers only: its sources run as
 * dist/bench, beside the project's packages, and are tested with these, whether those are installed or not. (Two copies
 * of Yjs in one process do not know each other's documents.)
 */
module.exports = (request, options) => {
  const isPackage = !/^(\.|\/|node:)/.test(request);
  const fromBench = isPackage && `${options.basedir}${sep}`.startsWith(BENCH);
  return options.defaultResolver(request, fromBench ? { ...options, basedir: ROOT } : options);
};
