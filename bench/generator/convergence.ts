import * as Y from 'yjs';
import { ROOT_NAME, wholeRun } from './edits.js';

/** Who typed how much in a document. */
export interface Typed {
  readonly clientId: number;
  readonly count: number;
}

/** What one client got, in the order in which it came. */
export interface Stream {
  /** What the problems call it. */
  readonly name: string;
  readonly updates: readonly Uint8Array[];
  /** What it typed itself, which need not come back. */
  readonly own?: Typed;
}

/** The text that all clients must have: every typist's every character. */
export function expectedText(typed: readonly Typed[]): string {
  return textOf(
    typed.filter(({ count }) => count > 0).map(({ clientId, count }) => wholeRun(clientId, count)),
  ).text;
}

/** What is wrong with a client's copy of the document; `undefined` if it has the text. */
export function differs({ name, updates, own }: Stream, expected: string): string | undefined {
  const mine = own === undefined || own.count === 0 ? [] : [wholeRun(own.clientId, own.count)];
  const { text, pending } = textOf([...mine, ...updates]);
  if (pending) return `${name} waits for edits that never came`;
  if (text === expected) return undefined;
  if (text.length === expected.length) return `${name} has the right number of characters, but others`;
  return `${name} has ${text.length} of ${expected.length} characters`;
}

/** The text that these updates make, and whether some of them wait for others. */
export function textOf(updates: readonly Uint8Array[]): { text: string; pending: boolean } {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  const text = doc.getText(ROOT_NAME).toString();
  const pending = doc.store.pendingStructs !== null || doc.store.pendingDs !== null;
  doc.destroy();
  return { text, pending };
}
