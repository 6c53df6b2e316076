import type { CommandIo } from '../command.js';

const REDRAW_MS = 100;

/** A line on a terminal that says how far something has come; nothing elsewhere. */
export class Progress {
  private shownAt = 0;

  constructor(
    private readonly output: CommandIo['stderr'],
    private readonly what: string,
  ) {}

  show(done: number, total: number, unit = ''): void {
    if (this.output.isTTY !== true) return;
    const now = performance.now();
    if (now - this.shownAt < REDRAW_MS && done < total) return;
    this.shownAt = now;
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    this.output.write(`\r${this.what}: ${done} of ${total}${unit} (${percent} %)\u001b[K`);
  }

  /** Leaves the line, so that something else can be written. */
  end(): void {
    if (this.output.isTTY === true) this.output.write('\r\u001b[K');
  }
}

/** Waits; a command is ended by its signal. */
export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
