import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CoscribeError } from '../../shared/errors.js';
import { parseDocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { ReceiptStore } from '../storage/receipts.js';
import type { ListOrder, ListPlace } from '../storage/store.js';

const MAX_CURSOR_LENGTH = 400;
/** A key seals for so long, in milliseconds, and opens for as long as the store keeps it: that is 24 h. */
const PERIOD_MS = 12 * 60 * 60 * 1000;
/** Periods whose keys may still be there, beside the present one. */
const PERIODS_BEFORE = 2;
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const PERIOD_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** More than any place takes as JSON: how long a name is must not show either. */
const PLACE_LENGTH = 192;

type Keys = Pick<ReceiptStore, 'readReceipt' | 'keepReceipt'>;

/**
 * Where lists go on. That may be behind a document of which the asker must not learn even that it is there, so that a cursor is
 * sealed: nobody reads it, and nobody makes one up to look behind any name. The key lies among the receipts, where all nodes
 * find it, after a restart too.
 */
export class ListCursors {
  /** By the number of their period. */
  private readonly keys = new Map<number, Buffer>();

  constructor(
    private readonly store: Keys,
    private readonly clock: Pick<Clock, 'wall'>,
  ) {}

  /** @throws CoscribeError `store-unavailable` */
  async seal({ at, id }: ListPlace, order: ListOrder): Promise<string> {
    const { period } = this;
    const key = (await this.find(period)) ?? (await this.make(period));
    const head = Buffer.alloc(PERIOD_BYTES);
    head.writeUInt32BE(period);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(head);
    const sealed = [cipher.update(JSON.stringify([order, at, id]).padEnd(PLACE_LENGTH)), cipher.final()];
    return Buffer.concat([head, nonce, ...sealed, cipher.getAuthTag()]).toString('base64url');
  }

  /** @throws CoscribeError `bad-request` for what `seal` has not made lately, or not for this order; `store-unavailable` */
  async open(cursor: string, wanted: ListOrder): Promise<ListPlace> {
    const [order, at, id] = await this.unseal(cursor);
    if (typeof at !== 'number') throw noCursor();
    if (order !== wanted)
      throw new CoscribeError('bad-request', `the cursor is of a list in another order than "${wanted}"`);
    return { at, id: parseDocumentId(id) };
  }

  private get period(): number {
    return Math.floor(this.clock.wall() / PERIOD_MS);
  }

  private async unseal(cursor: string): Promise<readonly unknown[]> {
    const bytes = Buffer.from(cursor.slice(0, MAX_CURSOR_LENGTH + 1), 'base64url');
    if (cursor.length > MAX_CURSOR_LENGTH || bytes.length < PERIOD_BYTES + NONCE_BYTES + TAG_BYTES)
      throw noCursor();
    const period = bytes.readUInt32BE();
    const age = this.period - period;
    // The clocks of two nodes may differ a little.
    const key = age >= -1 && age <= PERIODS_BEFORE ? await this.find(period) : undefined;
    if (key === undefined) throw noCursor();
    const head = bytes.subarray(0, PERIOD_BYTES);
    const nonce = bytes.subarray(PERIOD_BYTES, PERIOD_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(head).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const sealed = bytes.subarray(PERIOD_BYTES + NONCE_BYTES, -TAG_BYTES);
      return JSON.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString()) as unknown[];
    } catch {
      throw noCursor();
    }
  }

  private async find(period: number): Promise<Buffer | undefined> {
    const known = this.keys.get(period);
    if (known !== undefined) return known;
    const answer = (await this.store.readReceipt(nameOf(period)))?.answer;
    if (answer === undefined) return undefined;
    const key = Buffer.from(JSON.parse(answer) as string, 'base64url');
    this.keys.set(period, key);
    for (const old of this.keys.keys()) if (old < this.period - PERIODS_BEFORE) this.keys.delete(old);
    return key;
  }

  private async make(period: number): Promise<Buffer> {
    const answer = JSON.stringify(randomBytes(KEY_BYTES).toString('base64url'));
    const name = nameOf(period);
    await this.store.keepReceipt({ key: name, digest: name, answer, createdAt: this.clock.wall() });
    // Another node may have been first.
    const key = await this.find(period);
    if (key === undefined) throw new CoscribeError('store-unavailable');
    return key;
  }
}

/** No request has a receipt of this name: theirs are hashes. */
function nameOf(period: number): string {
  return `list-cursors ${period}`;
}

function noCursor(): CoscribeError {
  return new CoscribeError('bad-request', '"cursor" is none that a list has given lately');
}
