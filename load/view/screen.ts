/** Where a view is written: a terminal, or something that keeps lines. */
export interface Output {
  readonly isTTY: boolean;
  /** Width of the terminal. */
  readonly columns: number;
  write(text: string): void;
}

/** Lines that change in place at the end of a terminal, below lines that stay. */
export class Screen {
  private drawn: readonly string[] = [];

  constructor(private readonly output: Output) {}

  /** A line that stays. */
  say(line: string): void {
    const lines = this.drawn;
    this.wipe();
    this.output.write(`${line}\n`);
    if (lines.length > 0) this.draw(lines);
  }

  /** Shows these lines instead of the ones before. */
  draw(lines: readonly string[]): void {
    if (lines.join('\n') === this.drawn.join('\n')) return;
    // In one go, so that nothing flickers: up, and each line over the one that was there.
    const up = this.up();
    const rows = lines.map((line) => `${line}\u001b[K\n`).join('');
    this.output.write(`${up}${rows}\u001b[J`);
    this.drawn = lines;
  }

  /** Takes what changes away. */
  wipe(): void {
    if (this.drawn.length > 0) this.output.write(`${this.up()}\u001b[J`);
    this.drawn = [];
  }

  /** To the first of the lines that were drawn: in a terminal that has become narrower each of them takes several rows. */
  private up(): string {
    const columns = Math.max(1, this.output.columns);
    const rows = this.drawn.reduce((sum, { length }) => sum + Math.max(1, Math.ceil(length / columns)), 0);
    return rows === 0 ? '' : `\u001b[${rows}A\r`;
  }
}
