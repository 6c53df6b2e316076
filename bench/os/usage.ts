import { readdirSync, readFileSync } from 'node:fs';

/** What the operating system says that a process has used, all its threads together. */
export interface CpuReading {
  /** On a CPU so far, in nanoseconds, by thread that is alive. */
  readonly threads: ReadonlyMap<string, number>;
  /** Of all threads that ever were, in nanoseconds, exact to a tick only. */
  readonly ticked: number;
}

export interface MemoryReading {
  /** Resident now and at most so far, in bytes. */
  readonly resident: number;
  readonly peak: number;
}

/** USER_HZ, which is 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICK_NS = 10_000_000;
/** Each of the two readings that are compared may be a tick off, in user and in system time. */
const TICK_ERROR_NS = 4 * TICK_NS;

/**
 * @param pid number of the process, or `self`
 * @throws Error if there is no such process, or this is not Linux
 */
export function readCpu(pid: number | 'self'): CpuReading {
  const threads = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const line = readIfThere(`/proc/${pid}/task/${thread}/schedstat`);
    // A thread may end while we look.
    if (line !== undefined) threads.set(thread, Number(line.split(' ')[0]));
  }
  // Fields from the third on; the second, the name, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return { threads, ticked: (Number(fields[11]) + Number(fields[12])) * TICK_NS };
}

/** CPU time between two readings of the same process, in nanoseconds. */
export function cpuBetween(before: CpuReading, after: CpuReading): number {
  let exact = 0;
  for (const [thread, ns] of after.threads) exact += ns - (before.threads.get(thread) ?? 0);
  // A thread that has ended took its account with it; the coarse one still has its time.
  const coarse = after.ticked - before.ticked;
  return coarse - exact > TICK_ERROR_NS ? coarse : exact;
}

/** @throws Error if there is no such process, or this is not Linux */
export function readMemory(pid: number | 'self'): MemoryReading {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return { resident: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 };
}

/** How long a core was busy since the machine started, whoever used it, in nanoseconds, exact to a tick. */
export function readCore(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))?.[1];
  // user, nice, system, idle, iowait, irq, softirq, steal; the guests after them are counted in `user` already.
  const [user, nice, system, , , irq, softirq, steal] = (line ?? '').split(' ').map(Number);
  return (
    [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) * TICK_NS
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
