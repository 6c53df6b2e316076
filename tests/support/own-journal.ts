import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { CoscribeError } from '../../shared/index.js';

/** A file of lines, each of them JSON; a line that was written is on disk. */
export class Journal<Line> {
  readonly #file: number;
  #size = 0;

  /** @param known is given the lines that are there */
  constructor(path: string, known: (line: Line) => void) {
    this.#file = openSync(path, 'a+');
    const text = readFileSync(path, 'utf8');
    // Behind the last end of a line is what was never confirmed: the process ended in the middle of it.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const line of whole.split('\n').slice(0, -1)) known(JSON.parse(line, revive));
    this.#size = Buffer.byteLength(whole);
    ftruncateSync(this.#file, this.#size);
  }

  /**
   * Writes lines, all or none of them.
   *
   * @returns them as they will be read again, so that nothing of the caller's is kept
   * @throws CoscribeError `store-unavailable`
   */
  write(lines: readonly Line[]): Line[] {
    const texts = lines.map((line) => JSON.stringify(line, replace));
    const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
      fdatasyncSync(this.#file);
    } catch (error) {
      ftruncateSync(this.#file, this.#size);
      throw new CoscribeError('store-unavailable', 'the file cannot be written', { cause: error });
    }
    this.#size += bytes.length;
    return texts.map((text) => JSON.parse(text, revive) as Line);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** JSON has no bytes; a `Buffer` has made something else of itself by now. */
function replace(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const written = this[key];
  return written instanceof Uint8Array ? { base64: Buffer.from(written).toString('base64') } : value;
}

function revive(_key: string, value: unknown): unknown {
  const isBytes = typeof value === 'object' && value !== null && 'base64' in value;
  return isBytes ? new Uint8Array(Buffer.from(String(value.base64), 'base64')) : value;
}
