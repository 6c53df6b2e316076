import type { Problem, ProblemKind } from '../messages.js';

/** Of each kind; more are counted only, so that many of one kind do not hide the one of another. */
const MAX_OF_KIND = 16;

/** The gravest first. */
const KINDS: readonly ProblemKind[] = [
  'acked-lost',
  'not-typed',
  'gone',
  'differs',
  'unfinished',
  'refused',
  'unreadable',
];

/** What is wrong: of each kind the first few as sentences, the others as a number. */
export class Problems {
  readonly #kept = new Map<ProblemKind, Map<string, Problem>>();
  readonly #last = new Map<ProblemKind, { readonly document: string; count: number }>();

  /** The same sentence about the same document counts once, as long as it is remembered. */
  add(kind: ProblemKind, document: string, message: string): void {
    const kept = this.#kept.get(kind) ?? new Map<string, Problem>();
    this.#kept.set(kind, kept);
    const key = `${document} ${message}`;
    if (kept.has(key)) return;
    if (kept.size < MAX_OF_KIND) {
      kept.set(key, { kind, document, message });
      return;
    }
    this.#last.set(kind, { document, count: 1 + (this.#last.get(kind)?.count ?? 0) });
  }

  list(): Problem[] {
    return KINDS.flatMap((kind) => {
      const kept = [...(this.#kept.get(kind)?.values() ?? [])];
      const more = this.#last.get(kind);
      if (more === undefined) return kept;
      const message = `and ${more.count} more of the kind "${kind}".`;
      return [...kept, { kind, document: more.document, message }];
    });
  }
}
