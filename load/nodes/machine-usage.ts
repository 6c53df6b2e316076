import { cpus } from 'node:os';

/**
 * Looks at all processes of this machine.
 *
 * @returns tells which share of all its cores, 0 to 1, was busy since this call
 */
export function watchMachine(): () => number {
  const before = times();
  return () => {
    const after = times();
    const all = after.all - before.all;
    // What the system says of idle time may go back a little.
    return all > 0 ? Math.min(1, Math.max(0, 1 - (after.idle - before.idle) / all)) : 0;
  };
}

/** Of all cores since the machine's start, in milliseconds. */
function times(): { readonly idle: number; readonly all: number } {
  let [idle, all] = [0, 0];
  for (const { times: core } of cpus()) {
    idle += core.idle;
    all += core.user + core.nice + core.sys + core.irq + core.idle;
  }
  return { idle, all };
}
