import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from './until.js';

export interface BusReport {
  readonly node?: string;
  readonly refused?: string;
  readonly heard?: number;
  readonly connected?: boolean;
  readonly gone?: string;
}

const running = new Set<BusProcess>();

/** Ends every child that a test has left running. */
export async function killBusProcesses(): Promise<void> {
  for (const child of running) await child.kill();
}

/** A child process that runs `bus-child.mjs`; Node ends it at the first unhandled rejection. */
export class BusProcess {
  readonly reports: BusReport[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(url: string, env: NodeJS.ProcessEnv = {}) {
    this.child = fork(join(process.cwd(), 'tests', 'support', 'bus-child.mjs'), [url], {
      env: { ...process.env, ...env },
      execArgv: [],
    });
    this.child.on('message', (report) => this.reports.push(report as BusReport));
    this.ended = once(this.child, 'exit');
    running.add(this);
  }

  /** This process' node. @throws Error if the bus was refused */
  async node(): Promise<string> {
    await this.has(({ node, refused }) => node !== undefined || refused !== undefined, 'the bus is open');
    const [{ node, refused } = {}] = this.reports;
    if (node === undefined) throw new Error(refused);
    return node;
  }

  async has(what: (report: BusReport) => boolean, name: string): Promise<void> {
    await until(() => this.reports.some(what), name);
  }

  get heard(): number[] {
    return this.reports.flatMap(({ heard }) => heard ?? []);
  }

  publish(number: number): void {
    this.child.send(number);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Asks it to stop in order; its exit code. */
  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    await this.ended;
    running.delete(this);
    return this.child.exitCode;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
    running.delete(this);
  }
}
