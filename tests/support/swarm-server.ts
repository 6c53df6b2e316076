import * as Y from 'yjs';
import { type CheckedUpdate, DocumentIndex } from '../../shared/document-index.js';
import type { UpdateKind } from '../../shared/protocol.js';
import type { Random } from '../../shared/time.js';
import { checkUpdate } from '../../shared/update-gate.js';
import { splitUpdate } from '../../shared/update-split.js';
import { RandomEditor } from './edit-swarm.js';
import { between } from './seeds.js';

export const LIMITS = { maxUpdateBytes: 256 * 1024, maxDeleteRanges: 10_000 };

/** Told of every update before it is checked, while the server is as it will be checked against. */
export type Witness = (update: Uint8Array, kind: UpdateKind, clientId: number, server: SwarmServer) => void;

/** What a node does to updates, without network and disk: check, admit, pass on. */
export class SwarmServer {
  readonly doc = new Y.Doc();
  readonly index = new DocumentIndex();
  readonly log: Uint8Array[] = [];
  readonly #witness: Witness;

  constructor(witness: Witness = () => {}) {
    this.#witness = witness;
  }

  submit(update: Uint8Array, kind: UpdateKind, clientId: number): CheckedUpdate {
    this.#witness(update, kind, clientId, this);
    const checked = checkUpdate(update, { index: this.index, kind, clientId, limits: LIMITS });
    this.index.admit(checked);
    Y.applyUpdate(this.doc, checked.update);
    this.log.push(checked.update);
    return checked;
  }
}

interface Member {
  readonly editor: RandomEditor;
  online: boolean;
  /** How much of the log it has. */
  seen: number;
}

/**
 * Several people at one document: they edit, send one by one, merged or twice, get each other's updates late, go
 * offline, pass updates on among themselves there, and come back with a diff or with everything, whole or split.
 */
export class Swarm {
  readonly server: SwarmServer;
  readonly #random: Random;
  readonly #members: Member[];

  constructor(random: Random, people: number, witness?: Witness) {
    this.#random = random;
    this.server = new SwarmServer(witness);
    this.#members = Array.from({ length: people }, () => ({
      editor: new RandomEditor(random),
      online: true,
      seen: 0,
    }));
  }

  step(): void {
    const member = this.#pick();
    const choice = this.#random();
    if (choice < 0.7) member.editor.edit();
    else if (choice < 0.78 && member.online) member.online = false;
    else if (choice < 0.86 && !member.online) this.#comeBack(member);
    else if (choice < 0.92) this.#meet(member, this.#pick());
    else if (member.online) this.#receive(member);
    if (member.online && this.#random() < 0.6) this.#send(member);
  }

  /** Everybody comes back and gets everything; returns all copies. */
  settle(): Y.Doc[] {
    // Copies answer what they receive: Yjs removes formats that have become superfluous.
    for (let before = -1; before < this.server.log.length; ) {
      before = this.server.log.length;
      for (const member of this.#members) {
        if (!member.online) this.#comeBack(member);
        this.#receive(member);
        this.#send(member);
      }
    }
    return this.#members.map(({ editor }) => editor.doc);
  }

  #send({ editor }: Member): void {
    const updates = editor.takeUpdates();
    const clientId = editor.doc.clientID;
    const choice = this.#random();
    if (choice < 0.3 && updates.length > 1) {
      // Sent, no answer, and sent again with what came after.
      for (const update of updates.slice(0, between(this.#random, 0, updates.length))) {
        this.server.submit(update, 'live', clientId);
      }
      this.server.submit(Y.mergeUpdates(updates), 'live', clientId);
      return;
    }
    for (const update of updates) {
      this.server.submit(update, 'live', clientId);
      if (choice < 0.4) this.server.submit(update, 'live', clientId);
    }
  }

  #receive(member: Member): void {
    const { log } = this.server;
    while (member.seen < log.length) member.editor.receive(log[member.seen++] ?? new Uint8Array([0, 0]));
  }

  /** Two people who are offline exchange what they have. */
  #meet(one: Member, other: Member): void {
    if (one.online || other.online || one === other) return;
    other.editor.receive(Y.encodeStateAsUpdate(one.editor.doc));
  }

  #comeBack(member: Member): void {
    const { editor } = member;
    // Some are sent what they lack first, and some answer to an older state of the server.
    if (this.#random() < 0.5) this.#receive(member);
    const known = this.#random() < 0.7 ? this.server.index.stateVector() : undefined;
    if (this.#random() < 0.5) this.#receive(member);
    const update = Y.encodeStateAsUpdate(editor.doc, known);
    editor.takeUpdates();
    const bounds = this.#random() < 0.5 ? LIMITS.maxUpdateBytes : between(this.#random, 120, 500);
    for (const part of splitUpdate(update, {
      maxBytes: bounds,
      maxDeleteRanges: between(this.#random, 1, 50),
    })) {
      this.server.submit(part, 'catch-up', editor.doc.clientID);
    }
    member.online = true;
  }

  #pick(): Member {
    return this.#members[between(this.#random, 0, this.#members.length - 1)] as Member;
  }
}
