import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as Y from 'yjs';
import { packageFile } from '../services/package-root.js';

interface Answer {
  readonly updates?: readonly string[];
  readonly error?: string;
}

/** Reads documents out of the store, past all nodes, in a process of its own. */
export class StoreReader {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: Interface;
  private turn: Promise<unknown> = Promise.resolve();
  private ended = false;

  constructor(store: string) {
    this.child = spawn(process.execPath, [packageFile('tools/soak/read-store.mjs'), store], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdin.on('error', () => {});
    this.lines = createInterface({ input: this.child.stdout });
    this.lines.once('close', () => {
      this.ended = true;
    });
  }

  /** The text of a document, made of its snapshot and its log. @throws Error if it cannot be read */
  text(document: string): Promise<string> {
    const reading = this.turn.then(() => this.read(document));
    this.turn = reading.catch(() => {});
    return reading;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private async read(document: string): Promise<string> {
    const line = new Promise<string>((resolve, reject) => {
      const closed = () => reject(new Error('The process that reads the store has ended.'));
      // Nothing would ever say so again.
      if (this.ended) return closed();
      this.lines.once('close', closed);
      this.lines.once('line', (text) => {
        this.lines.off('close', closed);
        resolve(text);
      });
    });
    this.child.stdin.write(`${document}\n`);
    const { updates, error } = JSON.parse(await line) as Answer;
    if (updates === undefined) throw new Error(error ?? 'The store gave no answer.');
    const doc = new Y.Doc();
    for (const update of updates) Y.applyUpdate(doc, Buffer.from(update, 'base64'));
    return doc.getText('text').toString();
  }
}
