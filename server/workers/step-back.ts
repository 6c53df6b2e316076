import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/** Niceness: with the main thread busy on the same core, this one gets about a tenth of the time. */
const NICENESS = 10;

/**
 * Gives the calling thread a low priority. On Linux a niceness belongs to a thread, and a process number of 0 means the calling
 * thread (setpriority(2)). Elsewhere it would be that of the whole process, which must stay as it is.
 *
 * @returns the thread's number, or nothing where threads have no priority of their own
 */
export function stepBack(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    setPriority(0, NICENESS);
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    // A container may forbid either; the work is done all the same.
    return undefined;
  }
}
