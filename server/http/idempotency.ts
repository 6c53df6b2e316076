import { createHash } from 'node:crypto';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Clock } from '../../shared/time.js';
import type { Grant } from '../auth/access.js';
import type { NewReceipt, Receipt, ReceiptStore } from '../storage/receipts.js';
import type { Call } from './call.js';

const HEADER = 'Idempotency-Key';
/** Visible ASCII. */
const KEY = /^[!-~]{1,64}$/;

/** Says that an answer is the one that an earlier request was given. */
export const REPLAYED = { 'Idempotency-Replayed': 'true' };

/** An answer that is kept for whoever repeats its request. */
export interface KeptAnswer {
  readonly status: 200 | 201 | 204;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent from an answer without a body. */
  readonly json?: unknown;
  /** What it is about: what is kept goes when that is erased. */
  readonly document?: DocumentId;
}

/** Whether a request is to be carried out once. */
export function hasKey(c: Call): boolean {
  return c.req.header(HEADER) !== undefined;
}

/** For requests whose answer holds a secret, which is not kept. @throws CoscribeError `bad-request` if there is a key */
export function refuseKey(c: Call): void {
  if (hasKey(c))
    throw new CoscribeError(
      'bad-request',
      `the answer to this request holds the token of a link, which is not kept: send it without "${HEADER}"`,
    );
}

/** Who sends a request, so that nobody gets what was answered to another. @param address of the one of whom nothing is known */
export function senderOf({ identity: { user }, link }: Grant, address: string): string {
  if (user !== undefined) return `user:${user}`;
  return link === undefined ? `address:${address}` : `link:${link}`;
}

/**
 * What names a request with an `Idempotency-Key`, and what it is; `undefined` for one without.
 *
 * @param sender `senderOf`
 * @throws CoscribeError `bad-request` for a key that is none
 */
export function receiptOf(c: Call, sender: string, body: Uint8Array | string): NewReceipt | undefined {
  const key = c.req.header(HEADER);
  if (key === undefined) return undefined;
  if (!KEY.test(key))
    throw new CoscribeError('bad-request', `"${HEADER}" must be 1 to 64 visible ASCII characters`);
  const { pathname, search } = new URL(c.req.url);
  const conditions = [c.req.header('If-Match') ?? null, c.req.header('Content-Type') ?? null];
  const request = JSON.stringify([c.req.method, pathname, search, ...conditions]);
  return { key: hashOf(sender, key), digest: hashOf(request, body) };
}

/** Carries out requests once, however often they come with the same key. */
export class Repeats {
  /** What is being carried out on this node, by the receipt's key. */
  private readonly underWay = new Map<string, Promise<KeptAnswer>>();

  constructor(
    private readonly store: Pick<ReceiptStore, 'readReceipt' | 'keepReceipt'>,
    private readonly clock: Pick<Clock, 'wall'>,
  ) {}

  /**
   * What says that a request was carried out already.
   *
   * @throws CoscribeError `idempotency-key-reused` if that was another one; `store-unavailable`
   */
  async find(receipt: NewReceipt): Promise<Receipt | undefined> {
    const found = await this.store.readReceipt(receipt.key);
    if (found !== undefined && found.digest !== receipt.digest)
      throw new CoscribeError('idempotency-key-reused');
    return found;
  }

  /** Keeps an answer for those who repeat its request. @throws CoscribeError `store-unavailable` */
  async keep(receipt: NewReceipt, answer: KeptAnswer): Promise<void> {
    const { document } = answer;
    await this.store.keepReceipt({
      ...receipt,
      ...(document !== undefined && { document }),
      answer: JSON.stringify(answer),
      createdAt: this.clock.wall(),
    });
  }

  /**
   * Answers a request that changes something else than the content of a document: what was answered is kept after it was
   * done. Whoever repeats it meanwhile on the same node waits.
   *
   * @param receipt `undefined` for a request without a key, which is carried out in any case
   * @throws whatever `act` throws; CoscribeError as `find`
   */
  async once(c: Call, receipt: NewReceipt | undefined, act: () => Promise<KeptAnswer>): Promise<Response> {
    if (receipt === undefined) return answered(c, await act());
    const { key } = receipt;
    for (let other = this.underWay.get(key); other !== undefined; other = this.underWay.get(key))
      await other.catch(() => {});
    const acting = this.actUnlessDone(receipt, act);
    this.underWay.set(key, acting);
    try {
      return answered(c, await acting);
    } finally {
      this.underWay.delete(key);
    }
  }

  private async actUnlessDone(receipt: NewReceipt, act: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
    const before = await this.answerTo(receipt);
    if (before !== undefined) return before;
    try {
      const answer = await act();
      await this.keep(receipt, answer);
      return answer;
    } catch (error) {
      // What stands in the way may be what the same request has done on another node meanwhile.
      const meanwhile = await this.answerTo(receipt);
      if (meanwhile !== undefined) return meanwhile;
      throw error;
    }
  }

  private async answerTo(receipt: NewReceipt): Promise<KeptAnswer | undefined> {
    const found = await this.find(receipt);
    if (found?.answer === undefined) return undefined;
    const kept = JSON.parse(found.answer) as KeptAnswer;
    return { ...kept, headers: { ...kept.headers, ...REPLAYED } };
  }
}

function answered(c: Call, { status, headers, json }: KeptAnswer): Response {
  const all = { ...headers, 'Cache-Control': 'no-store' };
  return status === 204 ? c.body(null, status, all) : c.json(json as object, status, all);
}

function hashOf(first: string, second: Uint8Array | string): string {
  return createHash('sha256').update(first).update('\n').update(second).digest('base64url');
}
