import type { Clock } from '../../shared/time.js';
import type { Progress } from './play.js';

const REDRAW_MS = 100;
const LINE_EVERY_MS = 5_000;
const BAR = 24;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): void;
}

/** Shows how far a replay has come: one line that changes on a terminal, a line now and then elsewhere. */
export class ProgressLine {
  private lastAt: number;

  constructor(
    private readonly output: Output,
    private readonly clock: Clock,
  ) {
    this.lastAt = clock.monotonic();
  }

  show(progress: Progress): void {
    const now = this.clock.monotonic();
    const terminal = this.output.isTTY === true;
    const isLast = progress.done === progress.total && progress.unsaved === 0;
    if (now - this.lastAt < (terminal ? REDRAW_MS : LINE_EVERY_MS) && !(isLast && terminal)) return;
    this.lastAt = now;
    if (terminal) this.output.write(`\r${bar(progress)} ${line(progress)}\u001b[K`);
    else this.output.write(`${line(progress)}\n`);
  }

  /** Leaves the line, so that something else can be written. */
  end(): void {
    if (this.output.isTTY === true) this.output.write('\r\u001b[K');
  }
}

function bar({ done, total }: Progress): string {
  const filled = total === 0 ? BAR : Math.round((BAR * done) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
}

function line({ done, total, unsaved, elapsedMs }: Progress): string {
  const rate = Math.round(done / Math.max(elapsedMs / 1000, 0.001));
  const seconds = (elapsedMs / 1000).toFixed(1);
  return `${done} of ${total} transactions, ${rate}/s, ${unsaved} unsaved, ${seconds} s`;
}
