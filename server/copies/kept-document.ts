import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import { ageOf } from '../documents/admitted.js';
import type { Documents } from '../documents/documents.js';
import type { Meter } from '../documents/meter.js';
import { demand } from '../documents/permissions.js';
import type { Followed, View } from '../workers/copy-work.js';
import { type AskedChange, type Call, ChangeLine, type WaitingChange } from './change-line.js';
import { changeTogether, type WaitingEdit } from './change-round.js';
import type { Changed, Follower, Following, Viewed } from './copies.js';
import type { CopyAuthors } from './copy-authors.js';
import { CopySlot } from './copy-slot.js';
import { CopyWriters } from './copy-writers.js';
import type { DocumentCopy } from './document-copy.js';
import { Turns } from './turns.js';
import { type WaitingUpdate, writeTogether } from './update-round.js';
import { ViewLine } from './view-line.js';

/** The node, as far as a document knows it. */
export interface KeptDocumentHome {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly authors: CopyAuthors;
  openCopy(id: DocumentId, create: boolean): Promise<DocumentCopy>;
}

/**
 * What is kept of one document. One copy is looked at and changed, in turns: what is made in it is shown to nobody until it is
 * durable. Another one is followed; it has nothing but what is in the log, so that it can be looked at at any time.
 */
export class KeptDocument {
  private readonly plain = new CopySlot();
  private readonly followed = new CopySlot();
  private readonly turns = new Turns();
  private readonly line = new ViewLine();
  private readonly writers: CopyWriters;
  /** Whether the document was loaded anyway when the copy that is looked at was made. */
  private wasLoaded = false;
  private readonly changes: ChangeLine;

  constructor(
    readonly id: DocumentId,
    private readonly home: KeptDocumentHome,
  ) {
    this.writers = new CopyWriters(id, home);
    this.changes = new ChangeLine(this.turns, (waiting) => this.carryOut(waiting));
  }

  /** Nothing is kept. */
  get empty(): boolean {
    return this.plain.copy === undefined && this.followed.copy === undefined && this.turns.idle;
  }

  /** @throws CoscribeError as `DocumentCopies.view` */
  async view(view: View, call: Call): Promise<Viewed> {
    const { copy } = this.followed;
    if (copy !== undefined) return this.viewIn(copy, view, call);
    return this.turns.take('together', async () => this.viewIn(await this.openPlain(false), view, call));
  }

  /** @throws CoscribeError as `DocumentCopies.follow` */
  async follow(what: Followed, follower: Follower, call: Call): Promise<Following> {
    const copy = await this.followed.get(() => this.home.openCopy(this.id, false));
    return copy.use(() => copy.follow(what, follower, () => !call.over));
  }

  /** @throws CoscribeError as `DocumentCopies.change`; with `isUnderWay` unset nothing has happened */
  change(asked: AskedChange): Promise<Changed> {
    return this.changes.take(asked);
  }

  /** Lets go of whoever wrote. */
  end(): void {
    this.writers.end();
  }

  /** Ends the copy that is looked at, and has the document put away that was loaded for it. */
  letGo(): void {
    const { copy } = this.plain;
    if (copy === undefined || copy.inUse) return;
    copy.end(new CoscribeError('document-reloading'));
    if (this.wasLoaded) return;
    this.writers.end();
    this.home.documents.putAway(this.id);
  }

  /** Answers the first of them, and others that may be carried out with it. @returns the others */
  private async carryOut(waiting: readonly WaitingChange[]): Promise<readonly WaitingChange[]> {
    const asked = waiting.filter((one) => this.isFit(one));
    const updates = leading(asked, isUpdate);
    if (updates.length > 0)
      return [...(await writeTogether(updates, this.writers)), ...asked.slice(updates.length)];
    const edits = leading(asked, isEdit);
    if (edits.length === 0) return [];
    const others = asked.slice(edits.length);
    try {
      const copy = await this.openPlain(true);
      const left = await copy.use(() => changeTogether(copy, edits, { ...this.home, writers: this.writers }));
      return [...left, ...others];
    } catch (error) {
      for (const { reject } of edits) reject(error);
      return others;
    }
  }

  /** Whether it may be carried out; if not that is answered. */
  private isFit({ by, call, reject }: WaitingChange): boolean {
    try {
      if (call.over) throw new CoscribeError('server-busy');
      demand(by.grant.role, 'edit');
      if (ageOf(by, this.home.clock.wall()) === 'over') throw new CoscribeError('token-expired');
      return true;
    } catch (error) {
      reject(error);
      return false;
    }
  }

  private viewIn(copy: DocumentCopy, view: View, call: Call): Promise<Viewed> {
    return copy.use(async () => {
      await copy.upToDate();
      return this.line.take(copy, view, () => !call.over);
    });
  }

  private openPlain(create: boolean): Promise<DocumentCopy> {
    return this.plain.get(() => {
      this.wasLoaded = this.home.documents.isLoaded(this.id);
      return this.home.openCopy(this.id, create);
    });
  }
}

/** Those at the beginning that are of one kind. */
function leading<T extends WaitingChange>(
  asked: readonly WaitingChange[],
  isSuch: (one: WaitingChange) => one is T,
): readonly T[] {
  const such: T[] = [];
  for (const one of asked) {
    if (!isSuch(one)) break;
    such.push(one);
  }
  return such;
}

function isUpdate(one: WaitingChange): one is WaitingUpdate {
  return one.change.as === 'update';
}

function isEdit(one: WaitingChange): one is WaitingEdit {
  return one.change.as !== 'update';
}
