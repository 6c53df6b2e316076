import * as Y from 'yjs';
import type { Connect } from '../../client/channel.js';
import { CoscribeProvider } from '../../client/provider.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';
import type { Clock } from '../../shared/time.js';
import { CodePoints } from './code-points.js';
import { type Counters, type HeldRow, Line } from './line.js';
import { type Patch, TraceError } from './trace.js';

export interface ClientOptions {
  readonly connect: Connect;
  readonly document: string;
  /** Whether the client gets nothing of others before it is let through. */
  readonly holding: boolean;
  readonly clientId?: number;
  readonly name: string;
  readonly counters: Counters;
  readonly clock: Clock;
}

const COLORS = ['#2563eb', '#db2777', '#059669', '#d97706', '#7c3aed', '#dc2626'];

/** One person of a replay: a real provider over a socket of its own, and its text. */
export class ReplayClient {
  readonly line: Line;
  readonly provider: CoscribeProvider;
  private readonly text: Y.Text;
  private readonly codePoints = new CodePoints();
  /** Whether the text was changed from elsewhere, so that `codePoints` no longer fits. */
  private stale = true;

  constructor(options: ClientOptions) {
    const { connect, document, holding, clientId, name, counters, clock } = options;
    const doc = new Y.Doc();
    if (clientId !== undefined) doc.clientID = clientId;
    this.line = new Line(holding, clock, counters);
    this.text = doc.getText(DEFAULT_TEXT);
    const color = COLORS[name.length % COLORS.length] ?? '#2563eb';
    this.provider = new CoscribeProvider({
      document,
      doc,
      presence: { name, color },
      connectChannel: this.line.over(connect),
      clock,
    });
    doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin === this.provider) this.stale = true;
    });
  }

  get content(): string {
    return this.text.toString();
  }

  get unsaved(): number {
    return this.provider.unsavedChanges;
  }

  /** Makes one recorded transaction in the document as it is. @throws TraceError if it does not fit */
  edit(patches: readonly Patch[], what: string): void {
    if (this.stale) this.codePoints.reset(this.content);
    this.stale = false;
    this.provider.doc.transact(() => {
      for (const [position, deleteCount, insert] of patches) this.patch(position, deleteCount, insert, what);
    });
  }

  /** Merges a row that the log has, and that must not wait for rows before it. */
  mergeEarly(row: HeldRow): void {
    if (row.merged) return;
    row.merged = true;
    Y.applyUpdate(this.provider.doc, row.update, this.provider);
  }

  private patch(position: number, deleteCount: number, insert: string, what: string): void {
    const from = this.codePoints.toUnits(position);
    const deleted = this.codePoints.toUnits(position + deleteCount) - from;
    if (from + deleted > this.text.length) {
      throw new TraceError(
        `${what} reaches to the character ${position + deleteCount}, where there is none: the recording is damaged.`,
      );
    }
    if (deleted > 0) this.text.delete(from, deleted);
    if (insert !== '') this.text.insert(from, insert);
    this.codePoints.replaced(from, deleted, insert);
  }
}
