import * as Y from 'yjs';
import { applyUpdates } from '../apply-updates.js';
import type { KeepHost } from '../keeping.js';
import type { Change } from '../outbox.js';
import type { Position } from '../replica.js';
import { isSameBytes } from '../same-bytes.js';
import { isNews } from './restore-copy.js';
import type { TabLine } from './surroundings.js';
import { forgetMessage, type Message, type SentChange, VERSION } from './tab-message.js';

/** A tab asks the others for what it lacks once in so many milliseconds at most. */
const ASK_EVERY_MS = 1_000;

interface TabTalkOptions {
  readonly tab: string;
  readonly host: KeepHost;
  readonly open: (received: (message: unknown) => void) => TabLine | undefined;
  /** Another tab gave this, and the server may not have it. */
  took(change: Change): void;
  /** Another tab gave what the server has up to there. */
  caughtUp(position: Position): void;
  /** Another tab is there. */
  met(tab: string): void;
  /** What is kept was wiped. */
  forgotten(): void;
}

/**
 * The tabs that show a document tell one another what they change while the server does not do it, and what they have, so that
 * all show the same without a network, and whichever comes through first saves it. Only copies of the same generation do so;
 * those that have nothing of any server yet are alike, too. (If they took the generation of another tab, one that has not
 * heard of a reset would give it to the one that has just begun anew.) Who may not write does not take part: it could save nothing of
 * what it gets.
 */
export class TabTalk {
  readonly #options: TabTalkOptions;
  readonly #line: TabLine | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: TabTalkOptions) {
    this.#options = options;
    this.#line = options.open((message) => {
      if (isMessage(message) && message.from !== options.tab) this.#received(message);
    });
  }

  /** Something was changed here. */
  changed(change: Change): void {
    if (!this.#options.host.isLive()) this.#post({ kind: 'changes', changes: [sent(change)] });
  }

  /** Says what is here, and hears what others have. */
  greet(): void {
    const { host } = this.#options;
    this.#askedAt = host.clock.monotonic();
    this.#post(this.#hello());
  }

  /** What is kept was wiped: nobody is to keep it any longer. */
  forget(): void {
    this.#line?.post(forgetMessage(this.#options.tab));
  }

  close(): void {
    this.#line?.close();
  }

  #hello(): Message['body'] {
    const { doc, unsaved } = this.#options.host;
    return { kind: 'hello', stateVector: Y.encodeStateVector(doc), changes: unsaved().map(sent) };
  }

  #post(body: Message['body'], to?: string): void {
    const { tab, host } = this.#options;
    if (host.role() === 'viewer') return;
    const { generation, seq = 0 } = host.position() ?? {};
    this.#line?.post({ version: VERSION, from: tab, to, generation, seq, body } satisfies Message);
  }

  #received({ from, to, generation, seq, body }: Message): void {
    const { tab, host, met, caughtUp, forgotten } = this.#options;
    if (body.kind === 'forget') {
      forgotten();
      return;
    }
    // Of another generation, too: what it leaves may be of this one by then.
    met(from);
    if (host.role() === 'viewer' || generation !== host.position()?.generation) return;
    if (to !== undefined && to !== tab) return;
    this.#take(body.changes);
    if (body.kind === 'state') {
      applyUpdates(host.doc, [body.update], host);
      // A state is all that its sender has: what the server had up to his `seq` is among it.
      if (generation !== undefined && seq > (host.position()?.seq ?? 0)) caughtUp({ generation, seq });
    } else if (body.kind === 'hello') {
      this.#answer(from, seq, body.stateVector);
    } else if (isWaiting(host.doc)) this.#ask();
  }

  /** Asks everybody, if that was not just now. */
  #ask(): void {
    if (this.#options.host.clock.monotonic() - this.#askedAt >= ASK_EVERY_MS) this.greet();
  }

  /** Gives a tab what it lacks, and asks it for what is lacking here. */
  #answer(to: string, seq: number, stateVector: Uint8Array): void {
    const { doc, unsaved, position } = this.#options.host;
    const changes = unsaved().map(sent);
    const own = Y.decodeStateVector(Y.encodeStateVector(doc));
    const theirs = Y.decodeStateVector(stateVector);
    const ownSeq = position()?.seq ?? 0;
    if (hasMore(own, theirs) || ownSeq > seq || changes.length > 0)
      this.#post({ kind: 'state', update: Y.encodeStateAsUpdate(doc, stateVector), changes }, to);
    if (hasMore(theirs, own) || seq > ownSeq) this.#post(this.#hello(), to);
  }

  /** Takes what others could not send, unless it is here: what is here is the server's, or is sent from here. */
  #take(changes: readonly SentChange[]): void {
    const { host, took } = this.#options;
    for (const { update, madeBy, count } of changes) {
      if (!isNews(host, update)) continue;
      // As long as the document waits for something, nobody can tell by it what is known.
      const isKnown =
        isWaiting(host.doc) && host.unsaved().some((known) => isSameBytes(known.update, update));
      if (!isKnown) took({ update, madeBy, count, shared: true });
    }
  }
}

function sent({ update, madeBy, count }: Change): SentChange {
  return { update, madeBy, count };
}

/** Whether the document has got something that builds on what it has not. */
function isWaiting({ store }: Y.Doc): boolean {
  return store.pendingStructs !== null || store.pendingDs !== null;
}

function hasMore(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): boolean {
  return [...one].some(([client, clock]) => clock > (other.get(client) ?? 0));
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === VERSION;
}
