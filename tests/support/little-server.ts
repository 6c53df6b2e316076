import * as Y from 'yjs';
import type { Channel, ChannelEvents, Connect } from '../../client/channel.js';
import { DocumentIndex } from '../../shared/document-index.js';
import { CoscribeError, type ErrorCode, toCoscribeError } from '../../shared/errors.js';
import { encodeFrame, encodeUpdateList } from '../../shared/frames.js';
import type { Committed, Joined, JoinRequest, Refused, Role, UpdateKind } from '../../shared/protocol.js';
import { decodeStateVector } from '../../shared/state-vector.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { trimKnown } from '../../shared/update-trim.js';

const LIMITS = { maxUpdateBytes: 100_000, maxDeleteRanges: 1_000, maxAwarenessBytes: 1_000 };

/** A server of one document, in memory: the log and the gate of a real one. Everything takes a turn of the event loop. */
export class LittleServer {
  generation = 'generation-1';
  rows: Uint8Array[] = [];
  doc = new Y.Doc();
  role: Role = 'editor';
  /** Whether anybody gets through. */
  reachable = true;
  /** Whether edits get lost on their way, and nobody is told. */
  swallowing = false;
  /** Updates that were refused, by code. */
  readonly refused: string[] = [];
  received = 0;
  /** What everybody's join is refused with. */
  refusesWith: ErrorCode | undefined;
  readonly joins: JoinRequest[] = [];
  readonly lines = new Set<LittleLine>();
  #index = new DocumentIndex();

  get text(): string {
    return this.doc.getText('text').toString();
  }

  /** The network of one client: `up` says whether it leads anywhere. */
  readonly connectWhile =
    (up: () => boolean): Connect =>
    (_document, events) =>
      new LittleLine(this, events, up);

  readonly connect: Connect = this.connectWhile(() => true);

  /** The document begins anew. */
  reset(): void {
    this.generation = `generation-${Number(this.generation.slice(-1)) + 1}`;
    this.rows = [];
    this.doc = new Y.Doc();
    this.#index = new DocumentIndex();
    for (const line of [...this.lines]) line.lose();
  }

  join(request: JoinRequest): Joined | Refused {
    this.joins.push(request);
    if (this.refusesWith !== undefined) return refusal(new CoscribeError(this.refusesWith));
    const { generation, seq = 0, stateVector } = request;
    if (generation !== undefined && (generation !== this.generation || seq > this.rows.length))
      return refusal(new CoscribeError('generation-changed'));
    const known = stateVector && decodeStateVector(stateVector);
    const clocks = { clock: (client: number) => known?.get(client) ?? 0 };
    const content = this.rows.slice(generation === undefined ? 0 : seq).map((row) => trimKnown(row, clocks));
    return {
      ok: true,
      session: '1',
      generation: this.generation,
      head: this.rows.length,
      role: this.role,
      limits: LIMITS,
      saving: true,
      content: encodeUpdateList(content),
      awareness: new Uint8Array(),
    };
  }

  /** @param line of the sender, if it is one who has joined */
  update(update: Uint8Array, kind: UpdateKind, line?: LittleLine): Committed | Refused {
    this.received++;
    try {
      if (this.role === 'viewer') throw new CoscribeError('read-only');
      const clientId = line?.clientId ?? -1;
      const checked = checkUpdate(update, { index: this.#index, kind, clientId, limits: LIMITS });
      for (const { client } of checked.added)
        if ([...this.lines].some((other) => other !== line && other.clientId === client))
          throw new CoscribeError('missing-dependencies', 'is here');
      this.#index.admit(checked);
      this.rows.push(checked.update);
      Y.applyUpdate(this.doc, checked.update);
      const seq = this.rows.length;
      const frame = encodeFrame({ from: seq, updates: [checked.update] });
      for (const other of this.lines) if (other !== line) other.tell((events) => events.updates(frame));
      return { ok: true, seq };
    } catch (error) {
      this.refused.push(toCoscribeError(error).code);
      return refusal(toCoscribeError(error));
    }
  }
}

function refusal(error: CoscribeError): Refused {
  return { ok: false, error: error.toWire() };
}

class LittleLine implements Channel {
  /** Of whoever has joined. */
  clientId = -1;
  #open = 0;

  constructor(
    private readonly server: LittleServer,
    private readonly events: ChannelEvents,
    private readonly up: () => boolean,
  ) {}

  get #works(): boolean {
    return this.server.reachable && this.up();
  }

  open(): void {
    this.#open++;
    this.tell((events) => events.opened());
  }

  close(): void {
    this.#open++;
    this.clientId = -1;
    this.server.lines.delete(this);
  }

  destroy(): void {
    this.close();
  }

  /** The connection breaks. */
  lose(): void {
    this.close();
    this.events.closed();
  }

  join(request: JoinRequest, answer: (reply: unknown) => void): void {
    this.tell(() => {
      const reply = this.server.join(request);
      if (reply.ok) {
        this.clientId = request.clientId;
        this.server.lines.add(this);
      }
      answer(reply);
    });
  }

  update(update: Uint8Array, kind: UpdateKind, answer: (reply: unknown) => void): void {
    this.tell(() => {
      if (this.server.swallowing) return;
      const reply = this.server.update(update, kind, this);
      this.tell(() => answer(reply));
    });
  }

  awareness(): void {}

  token(): void {}

  diverged(): void {
    throw new Error('a copy shows something else than the document');
  }

  tell(what: (events: ChannelEvents) => void): void {
    const attempt = this.#open;
    queueMicrotask(() => {
      if (attempt !== this.#open) return;
      if (this.#works) what(this.events);
      else this.lose();
    });
  }
}
