import type { LoadOptions } from '../../load/options/options.js';
import { readLoadOptions } from '../../load/options/read-options.js';

/** What a command line of `coscribe load` means, with a seed, and nothing from this process' environment. */
export function loadOptions(line: string, isTerminal = false): LoadOptions {
  const argv = line.split(' ').filter((word) => word !== '');
  return readLoadOptions(['--seed', '7', ...argv], { env: {}, isTerminal });
}
