import { readFileSync } from 'node:fs';
import { residentBytes } from '../../tools/services/memory.js';

/** Of Linux, on every platform that Node runs on: `getconf CLK_TCK`, proc(5). */
const TICKS_PER_SECOND = 100;
/** Fields of /proc/PID/stat after the command's name, which may hold anything: `utime` and `stime` of proc(5). */
const USER_FIELD = 11;
const SYSTEM_FIELD = 12;

export interface ProcessUsage {
  /** Processor time since its start, in seconds, in steps of ten milliseconds. */
  readonly cpuSeconds: number;
  /** Bytes in memory. */
  readonly rss: number | undefined;
}

/** What a process has used up to now; `undefined` where the system does not tell, or if it is gone. */
export function processUsage(pid: number | undefined): ProcessUsage | undefined {
  if (pid === undefined) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[USER_FIELD]) + Number(fields[SYSTEM_FIELD]);
    return { cpuSeconds: ticks / TICKS_PER_SECOND, rss: residentBytes(pid) };
  } catch {
    return undefined;
  }
}
