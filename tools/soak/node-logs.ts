import type { CoscribeNode } from '../services/node.js';
import type { Stage } from './stage.js';

/** A disk that others use too may stall a commit for seconds, in every fault. What became of the edits is looked at anyway. */
const ALWAYS_EXPECTED = /"msg":"cannot save/;

/** What nodes wrote that needs an operator, each line once. */
export class NodeLogs {
  private readonly seen = new Set<string>();

  constructor(private readonly stage: Stage) {}

  /** Lines that nobody has asked for before, but for those that were to be expected. */
  unexpected(expected: readonly RegExp[]): string[] {
    return this.stage.nodes.flatMap((node) =>
      alarmsOf(node)
        .map((line) => `${this.stage.nameOf(node)}: ${line}`)
        .filter(
          (line) => this.isNew(line) && ![ALWAYS_EXPECTED, ...expected].some((pattern) => pattern.test(line)),
        ),
    );
  }

  private isNew(line: string): boolean {
    if (this.seen.has(line)) return false;
    this.seen.add(line);
    return true;
  }
}

/** Messages of the level `error`, and whatever is on standard error. */
function alarmsOf(node: CoscribeNode): string[] {
  const lines = node.output().split('\n');
  const fromStandardError: string[] = [];
  let isStandardError = false;
  for (const line of lines) {
    if (line.startsWith('--- ')) isStandardError = line === '--- standard error';
    else if (isStandardError && line !== '') fromStandardError.push(line);
  }
  return [...lines.filter((line) => line.startsWith('{"level":"error"')), ...fromStandardError];
}
