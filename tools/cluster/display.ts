import type { ClusterStatus, PartStatus } from './status.js';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): void;
}

const HEAD = ['', 'address', 'pid', 'connections', 'state'] as const;

/** Shows how a cluster is: a table that changes on a terminal, a line for each change elsewhere. */
export class Display {
  /** The table that is on the terminal. */
  private drawn: readonly string[] = [];
  private readonly states = new Map<string, string>();
  private isReady = false;

  constructor(private readonly output: Output) {}

  /** A line that stays. */
  say(line: string): void {
    this.wipe();
    this.output.write(`${line}\n`);
  }

  show(status: ClusterStatus): void {
    if (this.output.isTTY === true) this.draw(table(status));
    else this.tellChanges(status);
  }

  /** Takes the table away, so that something else can be written. */
  wipe(): void {
    if (this.drawn.length > 0) this.output.write(`\u001b[${this.drawn.length}A\r\u001b[J`);
    this.drawn = [];
  }

  private draw(lines: readonly string[]): void {
    if (lines.join() === this.drawn.join()) return;
    this.wipe();
    this.output.write(`${lines.join('\n')}\n`);
    this.drawn = lines;
  }

  private tellChanges({ url, parts }: ClusterStatus): void {
    for (const { name, address, pid, state } of parts) {
      // Of a countdown only the beginning is told.
      const told = `${state.replace(/, again in .*/, '')}${pid === undefined ? '' : ` (pid ${pid})`}`;
      if (this.states.get(name) === told) continue;
      this.states.set(name, told);
      this.say(`${name} at ${address}: ${told}`);
    }
    if (this.isReady || !parts.every(isWell)) return;
    this.isReady = true;
    this.say(`Ready at ${url}`);
  }
}

function table({ url, parts }: ClusterStatus): string[] {
  const rows = parts.map(({ name, address, pid, connections, state }) => [
    name,
    address,
    `${pid ?? ''}`,
    `${connections ?? ''}`,
    state,
  ]);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [[...HEAD], ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const heading = parts.every(isWell) ? `Ready at ${url}` : `Not everything is well at ${url}`;
  return ['', heading, '', ...lines, '', 'Ctrl-C stops everything in order, a second one at once.'];
}

function isWell({ state }: PartStatus): boolean {
  return state === 'ready' || state === 'running' || state === 'yours';
}
