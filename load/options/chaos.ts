import { suggestion } from '../../tools/command-line/nearest.js';
import { readDuration } from '../../tools/command-line/quantities.js';
import { UsageError } from '../../tools/usage-error.js';
import type { FaultKind, FaultRate } from '../result.js';
import type { ServersOption } from './options.js';
import { FAULTS } from './table.js';
import { readRate } from './values.js';

const EVERY = '20s';

/**
 * `kill=2/min,redis`. Faults without a rate share the one of `--every`.
 *
 * @throws UsageError, also if what they would break was not started by the tool
 */
export function readChaos(
  raw: string | undefined,
  every: string | undefined,
  servers: ServersOption,
): readonly FaultRate[] {
  if (raw === undefined) {
    if (every !== undefined) throw new UsageError('--every is for --chaos: --chaos kill --every 20s.');
    return [];
  }
  if (servers.kind === 'urls')
    throw new UsageError(
      '--chaos breaks only what the tool has started: leave the address out, or use --nodes 3.',
    );
  const faults = raw.split(',').map((part) => readFault(part.trim()));
  const twice = faults.find(({ kind }, at) => faults.findIndex((other) => other.kind === kind) !== at);
  if (twice !== undefined) throw new UsageError(`--chaos names ${twice.kind} twice.`);
  const shared = faults.filter(({ perMinute }) => perMinute === undefined).length;
  const perMinute = 60_000 / readDuration('--every', every ?? EVERY) / Math.max(1, shared);
  if (every !== undefined && shared === 0)
    throw new UsageError('--every is for faults without a rate of their own, and all of these have one.');
  return faults.map((fault) => ({ kind: fault.kind, perMinute: fault.perMinute ?? perMinute }));
}

function readFault(part: string): { kind: FaultKind; perMinute: number | undefined } {
  const [name = '', rate] = part.split('=');
  const kind = FAULTS.find((fault) => fault === name);
  if (kind === undefined)
    throw new UsageError(
      `--chaos: there is no fault "${name}"; there are ${FAULTS.join(', ')}${suggestion(name, FAULTS) || '.'}`,
    );
  const perMinute = rate === undefined ? undefined : readRate(`--chaos ${name}`, rate, 'min');
  if (perMinute === 0) throw new UsageError(`--chaos ${name}=${rate} never happens; leave it out.`);
  return { kind, perMinute };
}
