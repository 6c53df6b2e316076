import * as Y from 'yjs';
import { hashContent } from '../../shared/content-hash.js';
import { CoscribeError } from '../../shared/errors.js';
import { decodeUpdateList } from '../../shared/frames.js';
import { takeUpdates } from '../../shared/take-updates.js';
import { failureOf } from './copy-failure.js';
import type { Follow } from './copy-follow.js';
import { JsonFollow } from './copy-follow-json.js';
import { TextFollow } from './copy-follow-text.js';
import type { CopyNews } from './copy-messages.js';
import { applyPatch } from './copy-patch.js';
import { CopyRoots } from './copy-roots.js';
import { appendText, applyDelta } from './copy-text-change.js';
import { replaceUnits } from './copy-text-replace.js';
import { viewOf } from './copy-views.js';
import type { ContentChange, CopyAnswer, CopyFeed, CopyTask, Followed, FollowedChange } from './copy-work.js';

/** Changes that are known of what is followed, at its beginning. */
const MOST_BEFORE = 1_000;
const MOST_BEFORE_CHARACTERS = 256 * 1024;
/** So much has to come before it is looked again how large the copy is, in bytes. */
const MEASURED_EVERY_BYTES = 256 * 1024;

const FROM_LOG = { from: 'log' };
const MADE_HERE = { from: 'a change' };
const NOTHING = new Uint8Array();

const utf8 = new TextEncoder();

/** A document as a `Y.Doc`, kept up to date with the log's rows. When anything is wrong with it another one is made. */
export class CopiedDocument {
  private readonly doc = new Y.Doc();
  private readonly roots = new CopyRoots(this.doc);
  private readonly follows = new Map<number, Follow>();
  private seq = 0;
  private news: CopyNews[] = [];
  private takenBytes = 0;
  private measureAt = MEASURED_EVERY_BYTES;
  private isBroken = false;

  /** Nothing of it may be used any more. */
  get broken(): boolean {
    return this.isBroken;
  }

  /** What it takes, in bytes of updates: in memory it is many times that. */
  get bytes(): number {
    return this.takenBytes;
  }

  /** What has happened since the last question to what is followed. */
  takeNews(): readonly CopyNews[] {
    const { news } = this;
    this.news = [];
    return news;
  }

  /** @throws CoscribeError if the task is refused; whatever else it throws, the copy is broken */
  perform(feed: CopyFeed | undefined, task: CopyTask): CopyAnswer {
    if (feed !== undefined && this.takenBytes === 0 && task.kind === 'follow')
      return this.openFollowed(feed, task.number, task.what);
    if (feed !== undefined) this.take(decodeUpdateList(feed.list), feed.seq);
    switch (task.kind) {
      case 'take':
        return this.answer(NOTHING);
      case 'view':
        return this.answer(viewOf(this.roots, task.view));
      case 'change':
        return this.answer(this.change(task.change, task.clientId, task.maxBytes));
      case 'follow':
        this.follow(task.number, task.what);
        return this.answer(this.shown(task.number));
      case 'measure':
        this.measureNow();
        return this.answer(NOTHING);
      case 'look':
        return this.answer(this.shown(task.number));
      case 'unfollow':
        this.unfollow(task.number);
        return this.answer(NOTHING);
      case 'check':
        this.check(task.seq, task.hash);
        return this.answer(NOTHING);
    }
  }

  destroy(): void {
    for (const number of [...this.follows.keys()]) this.unfollow(number);
    this.doc.destroy();
  }

  /** Loads the log row by row, so that whoever was away hears what he has missed. */
  private openFollowed({ list, seq }: CopyFeed, number: number, what: Followed): CopyAnswer {
    const entries = decodeUpdateList(list);
    // The first one is the state up to its `seq`, unless that is the first row.
    const isWhole = seq === entries.length;
    const first = Math.max(isWhole ? 0 : 1, entries.length - MOST_BEFORE);
    this.take(entries.slice(0, first), seq - (entries.length - first));
    this.follow(number, what);
    const before: FollowedChange[] = [];
    let since = this.seq;
    let characters = 0;
    for (const row of entries.slice(first)) {
      this.take([row], this.seq + 1);
      for (const piece of this.takeNews()) {
        if ('failure' in piece) throw new CoscribeError(piece.failure.code, piece.failure.detail);
        before.push(piece.change);
        characters += piece.change.json.length;
      }
      while (characters > MOST_BEFORE_CHARACTERS) {
        const oldest = before.shift();
        if (oldest === undefined) break;
        characters -= oldest.json.length;
        since = oldest.seq;
      }
    }
    return { ...this.answer(this.shown(number)), before, since };
  }

  private answer(body: Uint8Array): CopyAnswer {
    return { seq: this.seq, body, before: [], since: this.seq };
  }

  private take(updates: readonly Uint8Array[], seq: number): void {
    const { doc } = this;
    this.isBroken = true;
    for (const { length } of updates) this.takenBytes += length;
    takeUpdates(doc, updates, FROM_LOG);
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null)
      throw new RangeError('the log builds on edits that it does not hold');
    const from = this.seq;
    this.seq = seq;
    for (const [number, followed] of this.follows) this.hear(number, followed, from);
    this.measure();
    this.isBroken = false;
  }

  private hear(number: number, followed: Follow, from: number): void {
    const { seq } = this;
    try {
      const json = followed.news();
      if (json !== undefined) this.news.push({ number, change: { from, seq, json } });
    } catch (error) {
      if (!(error instanceof CoscribeError)) throw error;
      this.unfollow(number);
      this.news.push({ number, failure: failureOf(error) });
    }
  }

  /** @returns the update; nothing if nothing has changed */
  private change(change: ContentChange, clientId: number, maxBytes: number): Uint8Array {
    if (this.follows.size > 0) throw new RangeError('a copy that is followed is not changed');
    const { doc } = this;
    const made: Uint8Array[] = [];
    const keep = (update: Uint8Array, origin: unknown): void => {
      if (origin === MADE_HERE) made.push(update);
    };
    doc.on('update', keep);
    const idleId = doc.clientID;
    // Only now: a `Y.Doc` that finds edits of its own clientID among others' takes another one.
    doc.clientID = clientId;
    let isDone = false;
    try {
      doc.transact(() => this.carryOut(change, maxBytes), MADE_HERE);
      isDone = true;
    } finally {
      doc.off('update', keep);
      doc.clientID = idleId;
      if (!isDone && made.length > 0) this.isBroken = true;
    }
    for (const { length } of made) this.takenBytes += length;
    return made.length > 1 ? Y.mergeUpdates(made) : (made[0] ?? NOTHING);
  }

  private carryOut(change: ContentChange, maxBytes: number): void {
    if (change.as === 'json-patch') {
      applyPatch(this.roots, change.operations, maxBytes);
      return;
    }
    const text = this.roots.text(change.root) ?? this.doc.getText(change.root);
    if (change.as === 'replace-text') replaceUnits(text, change.text);
    else if (change.as === 'append-text') appendText(text, change.text);
    else applyDelta(text, change.operations);
  }

  private shown(number: number): Uint8Array {
    const followed = this.follows.get(number);
    if (followed === undefined) throw new CoscribeError('document-reloading', 'it is not followed any more');
    return utf8.encode(followed.shown());
  }

  /** @throws CoscribeError `wrong-type` */
  private follow(number: number, what: Followed): void {
    const { roots } = this;
    const followed = what.as === 'text' ? new TextFollow(roots, what.root) : new JsonFollow(roots, what.root);
    this.follows.set(number, followed);
  }

  private unfollow(number: number): void {
    this.follows.get(number)?.stop();
    this.follows.delete(number);
  }

  private check(seq: number, hash: string): void {
    if (seq !== this.seq || hashContent(this.doc) === hash) return;
    throw new RangeError('the copy shows something else than the document');
  }

  /** What is replaced or deleted takes little: after a while it is seen how much of all that is left. */
  private measure(): void {
    if (this.takenBytes < this.measureAt) return;
    if (this.measureAt > MEASURED_EVERY_BYTES) this.measureNow();
    this.measureAt = 2 * this.takenBytes + MEASURED_EVERY_BYTES;
  }

  private measureNow(): void {
    this.takenBytes = Y.encodeStateAsUpdate(this.doc).length;
  }
}
