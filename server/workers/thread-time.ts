import { readFileSync } from 'node:fs';

/** proc(5) counts in hundredths of a second (`USER_HZ`), whatever the kernel's own clock is. */
const MS_PER_TICK = 10;

/**
 * Processor time that a thread of this process has used, in milliseconds.
 *
 * @param threadId as the operating system numbers threads
 * @returns `undefined` where that cannot be known
 */
export function threadTime(threadId: number | undefined): number | undefined {
  if (threadId === undefined) return undefined;
  try {
    const stat = readFileSync(`/proc/self/task/${threadId}/stat`, 'latin1');
    // The second field is a name in brackets, which may hold spaces; 14 and 15 are user and system time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks * MS_PER_TICK : undefined;
  } catch {
    return undefined;
  }
}
