import type * as Y from 'yjs';
import { deltaOf } from './copy-cut-pairs.js';
import type { Follow } from './copy-follow.js';
import { plainDelta, unitsOf } from './copy-json.js';
import type { CopyRoots } from './copy-roots.js';

/** A text, followed as deltas. */
export class TextFollow implements Follow {
  /** Absent as long as nothing can be seen in the root: it may become anything. */
  private text: Y.Text | undefined;
  private deltas: object[][] = [];

  constructor(
    private readonly roots: CopyRoots,
    private readonly name: string,
  ) {
    this.observe();
  }

  news(): string | undefined {
    if (this.text === undefined) {
      const text = this.observe();
      return text && JSON.stringify(plainDelta(text.toDelta()));
    }
    const { deltas } = this;
    this.deltas = [];
    // It may have become empty, and then something else.
    if (deltas.length > 0) this.roots.text(this.name);
    const [delta] = deltas;
    // Yjs removes formats without effect in a transaction of its own, which changes nothing that can be seen.
    if (deltas.length > 1) throw new RangeError('a text has changed in several transactions');
    return delta && JSON.stringify(plainDelta(delta));
  }

  shown(): string {
    if (this.text === undefined) return '{"text":""}';
    const delta: readonly { insert?: unknown; attributes?: unknown }[] = this.text.toDelta();
    const isPlain = delta.every(
      ({ insert, attributes }) => typeof insert === 'string' && attributes === undefined,
    );
    return JSON.stringify({
      text: unitsOf(this.text),
      ...(!isPlain && { delta: plainDelta(delta) }),
    });
  }

  stop(): void {
    this.text?.unobserve(this.seen);
  }

  private observe(): Y.Text | undefined {
    this.text = this.roots.text(this.name);
    this.text?.observe(this.seen);
    return this.text;
  }

  private readonly seen = (event: Y.YTextEvent): void => {
    const delta = [...deltaOf(event)];
    if (delta.length > 0) this.deltas.push(delta);
  };
}
