import type { TextDifference } from '../shared/text-diff.js';
import { insertedLength, type TextOp } from './text-delta.js';

/**
 * `both`: in the field and in the document. `document`: somebody inserted it, the field does not show it yet.
 * `field`: somebody deleted it, the field still shows it.
 */
type Where = 'both' | 'document' | 'field';

interface Run {
  readonly where: Where;
  readonly length: number;
}

/**
 * How the text in a field and the text in the document differ while remote changes are held back from the field
 * (until the next frame, or during an IME composition). Both are read from one list of runs, so that an edit of the field can be told as an
 * edit of the document, and a place in the field as a place in the document:
 *
 *     field      both    field   both
 *     document   both            both    document
 */
export class HeldChanges {
  /** Behind the last run everything is in both. */
  #runs: Run[] = [];

  /** Whether something is held back. */
  get any(): boolean {
    return this.#runs.length > 0;
  }

  clear(): void {
    this.#runs = [];
  }

  /** What turns the text of the field into `document`, the text of the document: ascending, in places of the field. */
  edits(document: string): TextDifference[] {
    const edits: TextDifference[] = [];
    let inField = 0;
    let inDocument = 0;
    for (const { both, field, inserted } of groupsOf(this.#runs)) {
      inField += both;
      inDocument += both;
      const insert = document.slice(inDocument, inDocument + inserted);
      if (field + inserted > 0) edits.push({ index: inField, remove: field, insert });
      inField += field;
      inDocument += inserted;
    }
    return edits;
  }

  /** Takes some of these edits, by their numbers, out: the field shows them from now on, the rest is held on. */
  take(chosen: ReadonlySet<number>): HeldChanges {
    const taken = new HeldChanges();
    const now = new Walk([], () => true);
    const later = new Walk([], () => true);
    let number = 0;
    let inEdit = false;
    for (const run of this.#runs) {
      if (run.where === 'both') {
        if (inEdit) number += 1;
        inEdit = false;
        now.put(run);
        later.put(run);
        continue;
      }
      inEdit = true;
      const isChosen = chosen.has(number);
      (isChosen ? now : later).put(run);
      const { where, length } = run;
      if (isChosen ? where === 'document' : where === 'field') {
        (isChosen ? later : now).put({ where: 'both', length });
      }
    }
    taken.#runs = now.finish();
    this.#runs = later.finish();
    return taken;
  }

  /** Somebody changed the document. */
  addRemote(delta: readonly TextOp[]): void {
    const walk = new Walk(this.#runs, (where) => where !== 'field');
    for (const op of delta) {
      if (op.retain !== undefined) walk.keep(op.retain);
      else if (op.delete !== undefined) {
        walk.take(op.delete, (run) => {
          if (run.where !== 'document') walk.put({ where: 'field', length: run.length });
        });
      } else walk.put({ where: 'document', length: insertedLength(op.insert) });
    }
    this.#runs = walk.finish();
  }

  /** The field was changed: `remove` units at `index` became `insert`. Returns what to do to the document. */
  addLocal(index: number, remove: number, insert: string): TextOp[] {
    const delta: TextOp[] = [];
    const walk = new Walk(this.#runs, (where) => where !== 'document');
    const passed = walk.keep(index);
    // A replacement stays where the replaced characters are, an insertion behind the character before it.
    if (remove > 0) passed.push(...walk.skipUncounted());
    const before = lengthIn(passed, 'field');
    if (before > 0) delta.push({ retain: before });
    if (insert !== '') {
      delta.push({ insert });
      walk.put({ where: 'both', length: insert.length });
    }
    walk.take(remove, (run) => {
      if (run.where === 'both') delta.push({ delete: run.length });
      if (run.where !== 'document') return;
      delta.push({ retain: run.length });
      walk.put(run);
    });
    this.#runs = walk.finish();
    return delta;
  }

  /** The place in the document of a place in the field; `after` says on which side of held insertions it is. */
  toDocument(index: number, after: boolean): number {
    const walk = new Walk(this.#runs, (where) => where !== 'document');
    const passed = walk.keep(index);
    if (after) passed.push(...walk.skipUncounted());
    return lengthIn(passed, 'field');
  }
}

/** The length of the runs in one of the two texts, given the kind of run that is missing there. */
function lengthIn(runs: readonly Run[], missing: Where): number {
  return runs.reduce((sum, run) => sum + (run.where === missing ? 0 : run.length), 0);
}

/** The runs as edits, each with the length of what both texts have before it. */
function* groupsOf(runs: readonly Run[]): Generator<{ both: number; field: number; inserted: number }> {
  let group = { both: 0, field: 0, inserted: 0 };
  for (const { where, length } of runs) {
    if (where === 'both' && group.field + group.inserted > 0) {
      yield group;
      group = { both: 0, field: 0, inserted: 0 };
    }
    if (where === 'both') group.both += length;
    else if (where === 'field') group.field += length;
    else group.inserted += length;
  }
  yield group;
}

/** One pass over the runs, counting in the text that `counts` describes, and writing the next list of runs. */
class Walk {
  readonly #rest: Run[];
  readonly #counts: (where: Where) => boolean;
  readonly #done: Run[] = [];

  constructor(runs: readonly Run[], counts: (where: Where) => boolean) {
    this.#rest = [...runs].reverse();
    this.#counts = counts;
  }

  /** Moves on by `length` counted units, and says what it passed. Stops before what is not counted. */
  keep(length: number): Run[] {
    const passed: Run[] = [];
    this.take(length, (run) => {
      passed.push(run);
      this.put(run);
    });
    return passed;
  }

  /** Hands out the runs of the next `length` counted units and the uncounted ones among them. */
  take(length: number, each: (run: Run) => void): void {
    let left = length;
    while (left > 0) {
      const run = this.#rest.pop() ?? { where: 'both' as const, length: left };
      if (!this.#counts(run.where)) {
        each(run);
        continue;
      }
      const part = Math.min(left, run.length);
      if (part < run.length) this.#rest.push({ where: run.where, length: run.length - part });
      each({ where: run.where, length: part });
      left -= part;
    }
  }

  /** Moves over the uncounted runs that come next, and says which. */
  skipUncounted(): Run[] {
    const passed: Run[] = [];
    for (
      let run = this.#rest.at(-1);
      run !== undefined && !this.#counts(run.where);
      run = this.#rest.at(-1)
    ) {
      this.#rest.pop();
      this.put(run);
      passed.push(run);
    }
    return passed;
  }

  put(run: Run): void {
    const last = this.#done.at(-1);
    if (last?.where === run.where)
      this.#done[this.#done.length - 1] = { ...last, length: last.length + run.length };
    else this.#done.push(run);
  }

  finish(): Run[] {
    while (this.#rest.length > 0) this.put(this.#rest.pop() ?? { where: 'both', length: 0 });
    if (this.#done.at(-1)?.where === 'both') this.#done.pop();
    return this.#done;
  }
}
