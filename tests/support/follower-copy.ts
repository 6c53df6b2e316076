import { applyPatch, type Operation } from 'rfc6902';
import type { StreamEvent } from './event-reader.js';

interface Delta {
  readonly retain?: number;
  readonly insert?: string | object;
  readonly delete?: number;
}

/** An embed, as it counts in deltas. */
const EMBED = '\ufffc';

/** What a plain text becomes by a delta, formats aside. @throws RangeError if it does not fit */
export function applyDelta(text: string, delta: readonly Delta[]): string {
  let at = 0;
  let result = '';
  for (const { retain = 0, insert = '', delete: removed = 0 } of delta) {
    if (at + retain + removed > text.length)
      throw new RangeError(`a delta for more than ${text.length} characters`);
    result += text.slice(at, at + retain) + (typeof insert === 'string' ? insert : EMBED);
    at += retain + removed;
  }
  return result + text.slice(at);
}

/** What somebody has who follows a document without Yjs. */
export class FollowerCopy {
  text = '';
  json: { value: unknown } = { value: undefined };
  /** How often everything had to be sent. */
  snapshots = 0;
  private seq = -1;
  private taken = 0;

  /** Takes what has come since. @throws Error if something comes twice, or does not fit */
  take({ events }: { readonly events: readonly StreamEvent[] }): void {
    for (const event of events.slice(this.taken)) this.apply(event);
    this.taken = events.length;
  }

  /** Goes on with another stream. */
  comesBack(): void {
    this.taken = 0;
  }

  private apply({ name, data }: StreamEvent): void {
    const told = JSON.parse(data) as {
      readonly seq: number;
      readonly text?: string;
      readonly json?: unknown;
      readonly delta: readonly Delta[];
      readonly patch: Operation[];
    };
    if (name === 'snapshot') {
      this.snapshots++;
      this.text = told.text ?? '';
      this.json = { value: told.json };
    } else {
      if (told.seq <= this.seq) throw new Error(`${told.seq} comes after ${this.seq}`);
      if (name === 'delta') this.text = applyDelta(this.text, told.delta);
      else this.patch(told.patch);
    }
    this.seq = told.seq;
  }

  private patch(operations: Operation[]): void {
    const moved = operations.map((one) => ({ ...one, path: `/value${one.path}` }) as Operation);
    const [problem] = applyPatch(this.json, moved).filter((error) => error !== null);
    if (problem !== undefined) throw problem;
  }
}
