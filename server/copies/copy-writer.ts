import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { UpdateKind } from '../../shared/protocol.js';
import type { Admission } from '../documents/admitted.js';
import { authorOf } from '../documents/clients.js';
import { DeafTransport } from '../documents/deaf-transport.js';
import type { Documents } from '../documents/documents.js';
import type { Meter } from '../documents/meter.js';
import type { Session } from '../documents/session.js';
import type { ChainedEdit, WriteGuard } from '../documents/write-guard.js';
import type { CopyAuthor } from './copy-authors.js';

interface WriterOptions {
  readonly documents: Documents;
  readonly id: DocumentId;
  readonly meter: Meter;
}

/** Why something is refused at once; else what fulfils with its `seq` once it is durable, or rejects with why it never will be. */
export type Outcome = CoscribeError | Promise<number>;

/** Hears what becomes of something that is handed in, perhaps before anybody asks. */
class OutcomeListener {
  private refused: CoscribeError | undefined;
  private isAsked = false;
  private resolve = (_: number): void => {};
  private reject = (_: CoscribeError): void => {};
  private readonly durable = new Promise<number>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  settle(outcome: number | CoscribeError): void {
    if (typeof outcome === 'number') this.resolve(outcome);
    else if (this.isAsked) this.reject(outcome);
    else this.refused = outcome;
  }

  outcome(): Outcome {
    this.isAsked = true;
    return this.refused ?? this.durable;
  }
}

/**
 * Somebody's way into a document's log without a client: a session under his name, which gets no content. Whether he may
 * is asked before: he is not at the other end of a line, so that nobody sees him, and no hook is asked about him.
 */
export class CopyWriter extends DeafTransport {
  readonly meter: Meter;
  private session: Session | undefined;
  private joinedGeneration: string | undefined;
  private isOver = false;

  constructor(
    private readonly options: WriterOptions,
    readonly author: CopyAuthor,
  ) {
    super();
    this.meter = options.meter;
  }

  /** It takes nothing more. */
  get over(): boolean {
    return this.isOver;
  }

  /** @throws CoscribeError `document-reloading` before it is open */
  get generation(): string {
    if (this.joinedGeneration === undefined) throw new CoscribeError('document-reloading');
    return this.joinedGeneration;
  }

  /** @throws CoscribeError as `Documents.open` and `Session.join` */
  async open(by: Admission): Promise<void> {
    const { documents, id } = this.options;
    const { clientId, clientKey } = this.author;
    const application = { author: authorOf(by, clientKey) };
    try {
      this.session = await documents.open(id, { ...by, application }, this, true);
      await this.session.join({ clientId, clientKey, content: false }, ({ generation }) => {
        this.joinedGeneration = generation;
      });
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /**
   * Hands in an update that shares its commit with others and may be built upon at once: if it is not stored, nothing is that was
   * handed in after it.
   */
  handIn(update: Uint8Array, kind: UpdateKind): Outcome {
    if (this.session === undefined || this.isOver) return new CoscribeError('document-reloading');
    const listener = new OutcomeListener();
    this.session.submit(update, kind, (outcome) => listener.settle(outcome));
    return listener.outcome();
  }

  /**
   * Hands in edits as `Session.submitChain`. What the document refuses at once ends the chain.
   *
   * @returns of each what `handIn` returns
   */
  handInChain(
    edits: readonly Omit<ChainedEdit, 'settle'>[],
    kind: UpdateKind,
    after?: WriteGuard['after'],
  ): readonly Outcome[] {
    const { session } = this;
    if (session === undefined || this.isOver) return edits.map(() => new CoscribeError('document-reloading'));
    const listeners = edits.map(() => new OutcomeListener());
    const chain = edits.map((edit, n) => ({
      ...edit,
      settle: (outcome: number | CoscribeError) => listeners[n]?.settle(outcome),
    }));
    session.submitChain(chain, kind, after);
    return listeners.map((listener) => listener.outcome());
  }

  /** Leaves. What was handed in is still committed and answered. */
  end(): void {
    this.isOver = true;
    this.session?.leave();
  }

  protected cutOff(): void {
    this.end();
  }
}
