import * as Y from 'yjs';
import type { RejectedEdits } from '../../client/rejected-edits.js';
import { DEFAULT_TEXT } from '../../shared/protocol.js';

export interface Range {
  readonly client: number;
  readonly from: number;
  readonly to: number;
}

/** Everything that anybody ever did to a document, and what of it they were told is saved. */
export class Ledger {
  /** What was typed: UTF-16 units by clientID and clock. */
  readonly #typed = new Map<number, string>();
  /** Deleted by somebody. */
  readonly #deleted = new Set<string>();
  readonly #savedClocks = new Map<number, number>();
  readonly #savedDeletes: Range[] = [];

  /** Writes down what a copy does from now on; the copy has to be empty. @returns what was deleted, as it grows */
  watch(doc: Y.Doc): Range[] {
    const deletes: Range[] = [];
    doc.on('afterTransaction', ({ local, beforeState, afterState, deleteSet }: Y.Transaction) => {
      if (!local) return;
      const from = beforeState.get(doc.clientID) ?? 0;
      const to = afterState.get(doc.clientID) ?? 0;
      if (to > from) this.#note(doc, from, to);
      for (const [client, items] of deleteSet.clients) {
        for (const { clock, len } of items) {
          deletes.push({ client, from: clock, to: clock + len });
          for (let at = clock; at < clock + len; at++) this.#deleted.add(`${client}:${at}`);
        }
      }
    });
    return deletes;
  }

  /** The author of a copy was told that all he did is saved. */
  allSaved(doc: Y.Doc, deletes: Range[]): void {
    this.#saved(doc.clientID, Y.getState(doc.store, doc.clientID));
    this.#savedDeletes.push(...deletes.splice(0));
  }

  /** An update of a copy was acknowledged. */
  acknowledged(update: Uint8Array): void {
    const { structs, ds } = Y.decodeUpdate(update);
    for (const { id, length } of structs) this.#saved(id.client, id.clock + length);
    for (const [client, items] of ds.clients) {
      for (const { clock, len } of items) this.#savedDeletes.push({ client, from: clock, to: clock + len });
    }
  }

  /**
   * A copy was refused for good.
   *
   * @param deletes what `watch` gave
   * @param edits what was handed back to its author, if anything
   * @throws Error if something is not saved and was not handed back, or is not what was typed
   */
  checkHandedBack(doc: Y.Doc, deletes: readonly Range[], edits: RejectedEdits | undefined): void {
    const { clientID } = doc;
    const { structs, ds } = edits === undefined ? NOTHING : Y.decodeUpdate(edits.update);
    const back = new Set<number>();
    for (const { id, length } of structs)
      if (id.client === clientID) for (let at = 0; at < length; at++) back.add(id.clock + at);
    const typed = this.#typed.get(clientID) ?? '';
    for (let clock = this.#savedClocks.get(clientID) ?? 0; clock < typed.length; clock++)
      if (!back.has(clock)) throw new Error(`${clientID}:${clock} is neither saved nor handed back`);
    const isDeleted = (client: number, clock: number): boolean =>
      (ds.clients.get(client) ?? []).some((range) => within(clock, range.clock, range.clock + range.len));
    for (const { client, from, to } of deletes) {
      for (let clock = from; clock < to; clock++)
        if (!isDeleted(client, clock) && !this.#isSavedDelete(client, clock))
          throw new Error(`the deletion of ${client}:${clock} is neither saved nor handed back`);
    }
    let text = '';
    for (const { id, content } of structs.filter((struct) => struct instanceof Y.Item)) {
      if (!(content instanceof Y.ContentString)) continue;
      const units = this.#typed.get(id.client)?.slice(id.clock) ?? content.str;
      for (let at = 0; at < content.str.length; at++)
        if (!isDeleted(id.client, id.clock + at)) text += units[at];
    }
    if (edits !== undefined && edits.inserted.join('') !== text)
      throw new Error('what was handed back is not what was typed');
  }

  /** @throws Error if anything that was saved is missing, or anything is there, or gone, that nobody did */
  check(doc: Y.Doc): void {
    const { store } = doc;
    if (store.pendingStructs !== null || store.pendingDs !== null)
      throw new Error('the document waits for edits that are nowhere');
    for (const [client, clock] of this.#savedClocks) {
      const has = Y.getState(store, client);
      if (has < clock)
        throw new Error(`lost: saved up to clock ${clock} of client ${client}, there is ${has}`);
    }
    const deleted = Y.createDeleteSetFromStructStore(store);
    for (const { client, from, to } of this.#savedDeletes) {
      for (let clock = from; clock < to; clock++)
        if (!Y.isDeleted(deleted, Y.createID(client, clock)))
          throw new Error(`lost: the deletion of ${client}:${clock}, which was saved`);
    }
    for (const [client, items] of deleted.clients) {
      for (const { clock, len } of items)
        for (let at = clock; at < clock + len; at++)
          if (!this.#deleted.has(`${client}:${at}`)) throw new Error(`nobody deleted ${client}:${at}`);
    }
    for (const [client, structs] of store.clients) {
      const typed = this.#typed.get(client) ?? '';
      for (const struct of structs) {
        const { clock } = struct.id;
        if (clock + struct.length > typed.length) throw new Error(`nobody typed ${client}:${clock}`);
        if (struct instanceof Y.Item && struct.content instanceof Y.ContentString)
          if (struct.content.str !== typed.slice(clock, clock + struct.length))
            throw new Error(`${client}:${clock} is not what was typed`);
      }
    }
  }

  #isSavedDelete(client: number, clock: number): boolean {
    return this.#savedDeletes.some((range) => range.client === client && within(clock, range.from, range.to));
  }

  #saved(client: number, clock: number): void {
    this.#savedClocks.set(client, Math.max(clock, this.#savedClocks.get(client) ?? 0));
  }

  #note(doc: Y.Doc, from: number, to: number): void {
    const { clientID } = doc;
    const typed = this.#typed.get(clientID) ?? '';
    if (typed.length !== from)
      throw new Error(`client ${clientID} went on at clock ${from} after ${typed.length}`);
    let text = '';
    const structs = doc.store.clients.get(clientID) ?? [];
    let at = Y.findIndexSS(structs, from);
    while (text.length < to - from) {
      const struct = structs[at++];
      if (struct === undefined) break;
      const skip = Math.max(0, from - struct.id.clock);
      const { length } = struct;
      const content = struct instanceof Y.Item ? struct.content : undefined;
      const units = content instanceof Y.ContentString ? content.str : '\0'.repeat(length);
      text += units.slice(skip);
    }
    this.#typed.set(clientID, typed + text.slice(0, to - from));
  }
}

const NOTHING: ReturnType<typeof Y.decodeUpdate> = { structs: [], ds: { clients: new Map() } };

function within(at: number, from: number, to: number): boolean {
  return at >= from && at < to;
}

/** Whether two copies hold the same: the same text, and the same insertions and deletions. */
export function sameContent(a: Y.Doc, b: Y.Doc): boolean {
  return (
    a.getText(DEFAULT_TEXT).toString() === b.getText(DEFAULT_TEXT).toString() &&
    Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))
  );
}
