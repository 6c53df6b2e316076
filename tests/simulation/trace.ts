import type { Timeline } from './timeline.js';

const KEPT = 120;

/** The last things that happened, for the report of a failure. */
export class Trace {
  readonly #lines: string[] = [];

  constructor(private readonly timeline: Timeline) {}

  note(line: string): void {
    this.#lines.push(`${this.timeline.now.toFixed(1).padStart(9)} ms  ${line}`);
    if (this.#lines.length > 2 * KEPT) this.#lines.splice(0, KEPT);
  }

  toString(): string {
    return this.#lines.slice(-KEPT).join('\n');
  }
}
