import type { DeltaOperation } from '../../server/workers/copy-work.js';

/** One character, or what is embedded, with what is said about it. */
interface Unit {
  readonly insert: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A text as whoever follows it by Quill's deltas has it. */
export class DeltaText {
  private units: Unit[] = [];

  constructor(delta: readonly DeltaOperation[] = []) {
    this.apply(delta);
  }

  /** @throws RangeError if it goes beyond the end */
  apply(delta: readonly DeltaOperation[]): void {
    const next: Unit[] = [];
    let at = 0;
    for (const { retain = 0, insert, delete: removed = 0, attributes = {} } of delta) {
      if (typeof insert === 'string')
        for (let index = 0; index < insert.length; index++) next.push({ insert: insert[index], attributes });
      else if (insert !== undefined) next.push({ insert, attributes });
      for (const unit of this.units.slice(at, at + retain))
        next.push({ ...unit, attributes: withoutNull({ ...unit.attributes, ...attributes }) });
      at += retain + removed;
      if (at > this.units.length) throw new RangeError(`the delta goes to ${at} of ${this.units.length}`);
    }
    this.units = [...next, ...this.units.slice(at)];
  }

  /** Character by character, so that it does not matter how they are gathered. */
  show(): unknown {
    return this.units.map(({ insert, attributes }) => [insert, sorted(attributes)]);
  }
}

function withoutNull(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));
}

function sorted(attributes: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
}
