import type { DocumentId } from '../../shared/ids.js';
import type { CommitEvent, CommittedEdit } from '../hooks/hooks.js';
import type { NewLogRow } from '../storage/store.js';

/** What is kept of a document's edits while the hook is busy, and of all documents' together, in bytes. */
const MAX_BYTES = 1024 * 1024;
const MAX_BYTES_OF_ALL = 16 * MAX_BYTES;
/** What an edit takes beside its bytes, about. */
const EDIT_BYTES = 150;

/** Rows that this node has committed. */
export interface ReportedCommit {
  readonly document: DocumentId;
  readonly generation: string;
  readonly from: number;
  readonly rows: readonly NewLogRow[];
  readonly committedAt: number;
}

interface Waiting extends Omit<CommitEvent, 'document' | 'edits'> {
  to: number;
  committedAt: number;
  commits: number;
  isComplete: boolean;
  edits: CommittedEdit[];
  bytes: number;
}

interface Line {
  readonly waiting: Waiting[];
  running: Promise<void>;
}

/**
 * Tells the application what was committed: of a document one call at a time, in the order of its log. What comes during a
 * call goes into the next one, so that a slow hook costs memory, and that is bounded.
 */
export class CommitReports {
  private readonly lines = new Map<DocumentId, Line>();
  private bytes = 0;

  /** @param tell never rejects */
  constructor(private readonly tell: (event: CommitEvent) => Promise<void>) {}

  add(commit: ReportedCommit): void {
    const { document, generation } = commit;
    let line = this.lines.get(document);
    if (line === undefined) {
      line = { waiting: [], running: Promise.resolve() };
      this.lines.set(document, line);
      const begun = line;
      // Later: whoever commits is not held up.
      line.running = Promise.resolve().then(() => this.run(document, begun));
    }
    const last = line.waiting.at(-1);
    if (last?.generation === generation) this.take(last, commit);
    else line.waiting.push(this.take(begin(commit), commit));
  }

  /** Fulfils when everything is told. */
  async drained(): Promise<void> {
    while (this.lines.size > 0) await Promise.all(Array.from(this.lines.values(), ({ running }) => running));
  }

  private take(waiting: Waiting, { from, rows, committedAt }: ReportedCommit): Waiting {
    waiting.to = from + rows.length - 1;
    waiting.committedAt = committedAt;
    waiting.commits++;
    const { bytes: before } = waiting;
    for (const { update } of rows) waiting.bytes += update.length + EDIT_BYTES;
    const isTooMuch = waiting.bytes > MAX_BYTES || this.bytes + waiting.bytes - before > MAX_BYTES_OF_ALL;
    // A commit by itself is told whole, however large: it is here in any case.
    if (!waiting.isComplete || (isTooMuch && waiting.commits > 1)) {
      waiting.isComplete = false;
      waiting.edits = [];
      waiting.bytes = 0;
    } else {
      for (const [at, { author, clientId, update }] of rows.entries())
        waiting.edits.push({ seq: from + at, author, clientId, update });
    }
    this.bytes += waiting.bytes - before;
    return waiting;
  }

  private async run(document: DocumentId, { waiting }: Line): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { bytes, ...told } = next;
      await this.tell({ document, ...told });
      this.bytes -= bytes;
    }
    this.lines.delete(document);
  }
}

function begin({ generation, from, committedAt }: ReportedCommit): Waiting {
  return { generation, from, to: from, committedAt, commits: 0, isComplete: true, edits: [], bytes: 0 };
}
