import { setTimeout as pause } from 'node:timers/promises';
import type { DeltaOperation } from '../../server/copies/copies.js';

const AGAIN_AFTER_MS = 50;

/** Follows a text over server-sent events as a browser's EventSource does: it comes back with the id it has seen last. */
export class TextFollower {
  text: string | undefined;
  snapshots = 0;
  deltas = 0;
  private lastId: string | undefined;
  private readonly ended = new AbortController();

  constructor(
    private readonly address: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {
    void this.follow();
  }

  close(): void {
    this.ended.abort();
  }

  private async follow(): Promise<void> {
    const { signal } = this.ended;
    while (!signal.aborted) {
      try {
        const known = this.lastId === undefined ? {} : { 'Last-Event-ID': this.lastId };
        const answer = await fetch(this.address, { signal, headers: { ...this.headers, ...known } });
        if (answer.ok && answer.body !== null) await this.read(answer.body);
      } catch {
        // The connection is gone; the next one goes on where this one was.
      }
      await pause(AGAIN_AFTER_MS);
    }
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.take(block);
    }
  }

  private take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).trimStart();
      fields.set(name, fields.has(name) ? `${fields.get(name)}\n${value}` : value);
    }
    const data = fields.get('data');
    if (data === undefined) return;
    const event = fields.get('event');
    if (event === 'snapshot') {
      this.snapshots++;
      ({ text: this.text } = JSON.parse(data) as { readonly text: string });
    } else if (event === 'delta') {
      this.deltas++;
      const { delta } = JSON.parse(data) as { readonly delta: readonly DeltaOperation[] };
      this.text = applied(this.text ?? '', delta);
    }
    // Only once it is taken: an event of which the end is missing comes again.
    this.lastId = fields.get('id') ?? this.lastId;
  }
}

function applied(text: string, delta: readonly DeltaOperation[]): string {
  let result = '';
  let at = 0;
  for (const { retain = 0, insert = '', delete: gone = 0 } of delta) {
    result += text.slice(at, at + retain) + (typeof insert === 'string' ? insert : '\ufffc');
    at += retain + gone;
  }
  return result + text.slice(at);
}
