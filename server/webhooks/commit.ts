/** Changes `from` to `to`, which this node has committed. */
export interface Commit {
  readonly generation: string;
  readonly from: number;
  readonly to: number;
}

/** Commits to one document, the earlier one first, as one; of another generation only the later one counts. */
export function joined(earlier: Commit | undefined, later: Commit): Commit {
  return earlier?.generation === later.generation ? { ...later, from: earlier.from } : later;
}
