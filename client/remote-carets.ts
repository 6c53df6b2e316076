import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { checkKinds, type OptionKinds } from '../shared/option-kinds.js';
import { type PresenceCursor, parsePresence } from '../shared/presence.js';
import type { PresenceUser } from '../shared/presence-user.js';
import { smallestDifference } from '../shared/text-diff.js';
import { type Clock, systemClock, type Timer } from '../shared/time.js';
import { CaretOverlay, type ShownCaret } from './caret-overlay.js';
import { isSingleLine, requireTextField, type TextField } from './field.js';
import { watchWrites } from './field-writer.js';
import { FrameTask } from './frame-task.js';
import { resolvePosition } from './positions.js';
import { requireAwareness } from './require-awareness.js';
import { requireText } from './require-text.js';
import { ShownText } from './shown-text.js';
import { mapIndex, type TextOp } from './text-delta.js';
import { watchLayout } from './watch-layout.js';

/** How the carets of others are shown. */
export interface RemoteCaretsOptions {
  /** Milliseconds for which a name is shown when its caret moves. Default 2000. */
  readonly flagDuration?: number | undefined;
  /** Most carets that are drawn. Default 100. */
  readonly maxCarets?: number | undefined;
  readonly clock?: Clock | undefined;
}

const OPTIONS: OptionKinds<RemoteCaretsOptions> = {
  flagDuration: 'number',
  maxCarets: 'number',
  clock: 'object',
};

/** The carets of others over one field. */
export interface RemoteCarets {
  /** Takes everything out of the page again. */
  destroy(): void;
}

/**
 * Draws the carets and selections of the other clients over a bound field, with a flag that tells the name while a
 * caret moves and while the pointer is near it. The overlay hangs at the end of the page's root, or of the dialog or
 * other picture that the field is in, takes no room and no clicks, and is hidden from screen readers; show who is here
 * elsewhere too. It needs no inline styles in the page's content
 * security policy. The text is laid out once more, invisibly, in an element at the end of the page's root.
 *
 * Styles of the page reach `[data-coscribe-carets]::part(caret)`, `::part(selection)` and `::part(flag)`, and it may set
 * `--coscribe-selection-opacity` (default 0.22) there. A person's colour is `var(--person)`.
 *
 * @throws TypeError with a sentence that says what is wrong, if the element is no field that can be bound, `text` no `Y.Text` of a
 *   living `Y.Doc`, `awareness` no `Awareness`, or an option is none.
 */
export function showRemoteCarets(
  element: HTMLTextAreaElement | HTMLInputElement,
  text: Y.Text,
  awareness: Awareness,
  options: RemoteCaretsOptions = {},
): RemoteCarets {
  requireTextField(element);
  requireText(text);
  requireAwareness(awareness);
  checkKinds('showRemoteCarets()', options, OPTIONS);
  return new CaretsOfOthers(element, text, awareness, options);
}

interface Other {
  user: PresenceUser;
  cursor: PresenceCursor;
  /** Indices of the text. */
  anchor: number;
  head: number;
  /** The cursor names a character that has not arrived: awareness overtakes edits, which are saved first. */
  ahead: boolean;
  flag: Timer | undefined;
}

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

class CaretsOfOthers implements RemoteCarets {
  readonly #field: TextField;
  readonly #text: Y.Text;
  readonly #awareness: Awareness;
  readonly #options: RemoteCaretsOptions;
  readonly #clock: Clock;
  readonly #overlay: CaretOverlay;
  readonly #others = new Map<number, Other>();
  readonly #ended = new AbortController();
  readonly #drawing: FrameTask;
  #unwatch: (() => void) | undefined;
  #hovered: readonly number[] = [];

  constructor(field: TextField, text: Y.Text, awareness: Awareness, options: RemoteCaretsOptions) {
    this.#field = field;
    this.#text = text;
    this.#awareness = awareness;
    this.#options = options;
    this.#clock = options.clock ?? systemClock();
    const view = field.ownerDocument.defaultView ?? window;
    this.#drawing = new FrameTask({ view, phase: 'draw' }, () => this.#draw());
    this.#overlay = new CaretOverlay(field);
    const passive = { signal: this.#ended.signal, passive: true };
    const listener = field as HTMLElement;
    listener.addEventListener('scroll', () => this.#onScroll(), passive);
    // Its style may tell whether it has the focus.
    for (const type of ['input', 'compositionend', 'focus', 'blur']) {
      listener.addEventListener(type, () => this.#drawSoon(), passive);
    }
    listener.addEventListener('pointermove', (event) => this.#onPointer(event), passive);
    listener.addEventListener('pointerleave', () => this.#hover([]), passive);
    this.#ended.signal.addEventListener(
      'abort',
      watchWrites(field, () => this.#drawSoon()),
    );
    text.observe(this.#onText);
    awareness.on('change', this.#onAwareness);
    for (const clientId of awareness.getStates().keys()) this.#readState(clientId, false);
    this.#drawSoon();
  }

  destroy(): void {
    this.#ended.abort();
    this.#text.unobserve(this.#onText);
    this.#awareness.off('change', this.#onAwareness);
    for (const clientId of this.#others.keys()) this.#forget(clientId);
    this.#unwatch?.();
    this.#drawing.cancel();
    this.#overlay.remove();
  }

  readonly #onAwareness = ({ added, updated, removed }: AwarenessChange): void => {
    for (const clientId of [...added, ...updated]) this.#readState(clientId, true);
    for (const clientId of removed) this.#forget(clientId);
    this.#drawSoon();
  };

  readonly #onText = (event: Y.YTextEvent): void => {
    const delta = event.delta as TextOp[];
    for (const [clientId, other] of this.#others) {
      // Who types stays before the same character, so that his awareness state says nothing of it.
      if (isTyping(event, clientId, other.head)) this.#raiseFlag(clientId, other);
      if (other.ahead && this.#resolve(other)) continue;
      other.anchor = mapIndex(delta, other.anchor, other.cursor.anchor.assoc >= 0);
      other.head = mapIndex(delta, other.head, other.cursor.head.assoc >= 0);
    }
    this.#drawSoon();
  };

  #readState(clientId: number, moved: boolean): void {
    if (clientId === this.#awareness.clientID) return;
    const presence = parsePresence(this.#awareness.getStates().get(clientId), clientId);
    if (presence?.cursor === undefined) {
      this.#forget(clientId);
      return;
    }
    const { user, cursor } = presence;
    const known = this.#others.get(clientId);
    const other: Other = known ?? { user, cursor, anchor: -1, head: -1, ahead: true, flag: undefined };
    const before = [other.anchor, other.head].join();
    other.user = user;
    other.cursor = cursor;
    const resolved = this.#resolve(other);
    if (resolved || other.ahead) this.#others.set(clientId, other);
    else this.#forget(clientId);
    if (resolved && moved && before !== [other.anchor, other.head].join()) this.#raiseFlag(clientId, other);
  }

  /** Finds the places of the cursor; where it cannot, the old ones stay and `ahead` says whether to try again. */
  #resolve(other: Other): boolean {
    const anchor = resolvePosition(other.cursor.anchor, this.#text);
    const head = resolvePosition(other.cursor.head, this.#text);
    other.ahead = anchor !== 'elsewhere' && head !== 'elsewhere';
    if (typeof anchor === 'string' || typeof head === 'string') return false;
    Object.assign(other, { anchor, head, ahead: false });
    return true;
  }

  #forget(clientId: number): void {
    const flag = this.#others.get(clientId)?.flag;
    if (flag !== undefined) this.#clock.cancel(flag);
    this.#others.delete(clientId);
  }

  #raiseFlag(clientId: number, other: Other): void {
    if (other.flag !== undefined) this.#clock.cancel(other.flag);
    other.flag = this.#clock.schedule(this.#options.flagDuration ?? 2000, () => {
      other.flag = undefined;
      if (!this.#hovered.includes(clientId)) this.#overlay.hideFlag(clientId);
    });
  }

  #onScroll(): void {
    this.#overlay.scroll();
    // Of a long selection only what is near is drawn, and names stay in view.
    if (this.#others.size > 0) this.#drawSoon();
  }

  #onPointer(event: PointerEvent): void {
    if (this.#others.size > 0) this.#hover(this.#overlay.near(event.clientX, event.clientY, 6));
  }

  #hover(clientIds: readonly number[]): void {
    if (clientIds.join() === this.#hovered.join()) return;
    this.#hovered = clientIds;
    this.#drawSoon();
  }

  #drawSoon(): void {
    this.#drawing.request();
  }

  #draw(): void {
    const carets = this.#carets();
    this.#overlay.draw(carets);
    if (carets.length > 0) this.#unwatch ??= watchLayout(this.#field, () => this.#drawSoon());
    else {
      this.#unwatch?.();
      this.#unwatch = undefined;
    }
  }

  #carets(): ShownCaret[] {
    const placed = [...this.#others]
      .filter(([, { head }]) => head >= 0)
      .slice(0, this.#options.maxCarets ?? 100);
    if (placed.length === 0) return [];
    const toShown = this.#placesInField();
    return placed.map(([clientId, { user, anchor, head, flag }]) => ({
      clientId,
      ...user,
      anchor: toShown(anchor),
      head: toShown(head),
      flagged: flag !== undefined || this.#hovered.includes(clientId),
    }));
  }

  /** How places of the text become places of the field, which shows a little less while remote changes are held. */
  #placesInField(): (index: number) => number {
    const shown = ShownText.of(this.#text, isSingleLine(this.#field));
    const held = smallestDifference(shown.shown, this.#field.value);
    if (held === undefined) return (index) => shown.toShown(index);
    const delta = [{ retain: held.index }, { insert: held.insert }, { delete: held.remove }];
    return (index) => mapIndex(delta, shown.toShown(index), false);
  }
}

/** Whether somebody inserted something where his caret was, as an index before the change. */
function isTyping({ transaction, delta }: Y.YTextEvent, clientId: number, caret: number): boolean {
  const { beforeState, afterState } = transaction;
  if (beforeState.get(clientId) === afterState.get(clientId)) return false;
  let at = 0;
  for (const { retain = 0, delete: gone = 0, insert } of delta) {
    if (insert !== undefined && at === caret) return true;
    at += retain + gone;
    if (at > caret) return false;
  }
  return false;
}
