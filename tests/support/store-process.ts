import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const SUPPORT = join(process.cwd(), 'tests', 'support');
/** `npm test` finds one, or installs it. */
const COMPILER = process.env.CC || 'cc';

export interface StoreReport {
  readonly opened?: boolean;
  readonly seq?: number;
  readonly text?: string;
  readonly code?: string;
  /** `seq` of a snapshot that was written. */
  readonly snapshot?: number;
}

/** Running children; a test that fails must not leave one behind. */
const running = new Set<StoreProcess>();

/** Ends every child that a test has left running. */
export async function killStoreProcesses(): Promise<void> {
  for (const child of running) await child.kill();
}

/** A child process that runs `store-child.mjs`. */
export class StoreProcess {
  readonly reports: StoreReport[] = [];
  private readonly child: ChildProcess;
  private waiting: (() => void)[] = [];

  constructor(
    file: string,
    mode: 'append' | 'serve' | 'snapshots' | 'unsynced',
    env: NodeJS.ProcessEnv = {},
  ) {
    this.child = fork(join(SUPPORT, 'store-child.mjs'), [file, mode], {
      env: { ...process.env, ...env },
      execArgv: [],
    });
    this.child.on('message', (report) => {
      this.reports.push(report as StoreReport);
      this.wake();
    });
    running.add(this);
    this.child.on('exit', () => {
      running.delete(this);
      this.wake();
    });
  }

  /** Fulfils when that many reports are there. @throws Error if the process ends before */
  reported(count: number): Promise<void> {
    return this.until((reports) => reports.length >= count);
  }

  /** Fulfils when the reports are enough. @throws Error if the process ends before */
  async until(enough: (reports: readonly StoreReport[]) => boolean): Promise<void> {
    while (!enough(this.reports)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error('the process has ended');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Has the process append one row, and gives what it reports. */
  async append(): Promise<StoreReport | undefined> {
    const before = this.reports.length;
    this.child.send('append');
    await this.reported(before + 1);
    return this.reports[before];
  }

  /** Ends the process as a power cut would; fulfils when it is gone. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Why the disk of `disk-shim.c` cannot be used on this machine; `undefined` if it can. */
export function diskShimMissing(): string | undefined {
  if (process.platform !== 'linux') return 'the fault-injecting disk works on Linux only';
  if (spawnSync(COMPILER, ['--version']).status !== 0)
    return 'no C compiler "cc" (Debian: apt-get install gcc libc6-dev)';
  return undefined;
}

/** Compiles `disk-shim.c` to this file. */
export function buildDiskShim(file: string): void {
  const { status, stderr } = spawnSync(COMPILER, [
    '-shared',
    '-fPIC',
    '-O1',
    '-o',
    file,
    join(SUPPORT, 'disk-shim.c'),
  ]);
  if (status !== 0) throw new Error(`disk-shim.c does not compile: ${stderr}`);
}
