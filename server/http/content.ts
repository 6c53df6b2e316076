import { CoscribeError, toCoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Change, Changed, Position, View } from '../copies/copies.js';
import type { Admission } from '../documents/admitted.js';
import { demand } from '../documents/permissions.js';
import type { WriteGuard } from '../documents/write-guard.js';
import type { NewReceipt, Receipt } from '../storage/receipts.js';
import type { ApiDeps } from './api-deps.js';
import { type BodyForm, readBytes } from './body.js';
import { BodyRoom } from './body-room.js';
import { asker, type Call, documentOf, NO_STORE } from './call.js';
import { conditionOf } from './conditions.js';
import { type IfMatch, isKnown, matches, parseIfMatch, tagOf } from './etags.js';
import { REPLAYED, Repeats, receiptOf, senderOf } from './idempotency.js';

/**
 * May be kept, and is asked about each time: it is quickly answered that nothing has changed. Nobody gets what was kept for
 * another.
 */
const ASKED_EACH_TIME = { 'Cache-Control': 'private, no-cache', Vary: 'Authorization, Cookie' };
/** What a document holds is data: no browser runs anything of it, whatever it looks like. */
export const DATA_ONLY = { 'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox" };

/** What is answered to somebody who asks for content, beside the content. */
export interface Shown {
  readonly view: View;
  readonly headers: Readonly<Record<'Content-Type', string>> & Readonly<Record<string, string>>;
}

/** How a document is changed by what a request has sent. */
interface WrittenBody {
  readonly form: BodyForm;
  /** @throws CoscribeError `bad-request` */
  changeBy(body: Buffer): Change;
}

/** What the bodies of all changes under way may take together, and those of one sender, in largest documents. */
const ROOM_FOR_ALL = 6;
const ROOM_FOR_EACH = 2;

/** What is in documents, over HTTP: read where it stands, and changed if it stands where the sender thinks. */
export class Content {
  readonly repeats: Repeats;
  private readonly room: BodyRoom;

  constructor(private readonly deps: ApiDeps) {
    const { maxDocumentBytes, maxUpdateBytes } = deps.limits;
    const largest = Math.max(maxDocumentBytes, maxUpdateBytes);
    this.room = new BodyRoom({ all: ROOM_FOR_ALL * largest, each: ROOM_FOR_EACH * largest });
    this.repeats = new Repeats(deps.receipts, deps.clock);
  }

  /**
   * Answers with what a document shows. That nothing has changed, and `HEAD`, is answered without looking into it.
   *
   * @throws CoscribeError as `Documents.admit` and `DocumentCopies.view`; `precondition-failed`, `bad-request`
   */
  async read(c: Call, { view, headers }: Shown): Promise<Response> {
    const id = documentOf(c);
    const { copies, documents } = this.deps;
    const ifMatch = parseIfMatch(c.req.header('If-Match'));
    const known = c.req.header('If-None-Match');
    const { grant } = await documents.admit(id, asker(c));
    demand(grant.role, 'read');
    const isHead = c.req.method === 'HEAD';
    if (isHead || known !== undefined || ifMatch.kind !== 'always') {
      const position = await this.positionOf(c, id);
      if (!matches(ifMatch, position)) throw new CoscribeError('precondition-failed');
      const about = { ...ASKED_EACH_TIME, ETag: tagOf(position) };
      if (isKnown(known, position)) return c.body(null, 304, about);
      if (isHead) return c.body(null, 200, { ...DATA_ONLY, ...about, ...headers });
    }
    const viewed = await copies.view(id, view).catch((thrown) => this.explain(c, id, thrown));
    const about = { ...ASKED_EACH_TIME, ETag: tagOf(viewed) };
    // The bytes are of one buffer of their own.
    return c.body(viewed.body as Uint8Array<ArrayBuffer>, 200, { ...DATA_ONLY, ...about, ...headers });
  }

  /**
   * Changes a document and answers once that is durable. The body is read only of who may do that.
   *
   * @throws CoscribeError as `Documents.admit`, `readBytes` and `DocumentCopies.change`; `idempotency-key-reused`, `bad-request`
   */
  async write(c: Call, { form, changeBy }: WrittenBody): Promise<Response> {
    const id = documentOf(c);
    const ifMatch = conditionOf(c);
    const by = await this.admitWriter(c, id);
    const sender = senderOf(by.grant, asker(c).address);
    // Anybody may have any number of links.
    const { user } = by.grant.identity;
    const hold = this.room.hold(user === undefined ? `address:${asker(c).address}` : sender);
    try {
      const body = await readBytes(c.env.incoming, { ...form, hold });
      const receipt = receiptOf(c, sender, body);
      return await this.once(c, receipt, async () => {
        const after = await this.expected(id, ifMatch);
        return this.deps.copies.change(id, by, changeBy(body), guardOf(after, receipt));
      });
    } finally {
      hold.release();
    }
  }

  /** Changes, unless the same request has done so. */
  private async once(
    c: Call,
    receipt: NewReceipt | undefined,
    change: () => Promise<Changed>,
  ): Promise<Response> {
    if (receipt === undefined) return answered(c, await change());
    const before = await this.repeats.find(receipt);
    if (before !== undefined) return replayed(c, before);
    try {
      const { seq, generation, changed } = await change();
      const made = { seq, generation, changed };
      // What was written has its receipt with it.
      if (!changed)
        await this.repeats.keep(receipt, { status: 200, headers: {}, json: made, document: documentOf(c) });
      return answered(c, made);
    } catch (error) {
      // The same request, sent twice at once, may have won against itself.
      const meanwhile = await this.repeats.find(receipt);
      if (meanwhile === undefined) throw error;
      return replayed(c, meanwhile);
    }
  }

  /** Who may write in a document that is not there creates it by that. @throws CoscribeError as `Documents.admit` */
  private async admitWriter(c: Call, id: DocumentId): Promise<Admission> {
    const { documents } = this.deps;
    const admission = await documents.admit(id, asker(c));
    const { role } = admission.grant;
    if (role === 'viewer' && !(await documents.exists(id))) await this.whyNotThere(c, id);
    demand(role, 'edit');
    return admission;
  }

  /** Where the document has to be for a change to be made. @throws CoscribeError `precondition-failed` */
  private async expected(id: DocumentId, ifMatch: IfMatch): Promise<Position | undefined> {
    if (ifMatch.kind === 'always') return undefined;
    const [only, ...others] = ifMatch.kind === 'at' ? ifMatch.positions : [];
    // It is looked at where the change is made.
    if (only !== undefined && others.length === 0) return only;
    const position = await this.deps.documents.position(id);
    if (position === undefined) throw new CoscribeError('precondition-failed', 'there is no such document');
    if (!matches(ifMatch, position)) throw new CoscribeError('precondition-failed');
    return ifMatch.kind === 'at' ? position : undefined;
  }

  private async positionOf(c: Call, id: DocumentId): Promise<Position> {
    return (await this.deps.documents.position(id)) ?? this.whyNotThere(c, id);
  }

  private async explain(c: Call, id: DocumentId, thrown: unknown): Promise<never> {
    if (toCoscribeError(thrown).code === 'no-access') await this.whyNotThere(c, id);
    throw thrown;
  }

  /** The same as is said to whoever asks for the document itself. */
  private async whyNotThere(c: Call, id: DocumentId): Promise<never> {
    await this.deps.management.describe(asker(c), id);
    throw new CoscribeError('no-access');
  }
}

/** `undefined` if the change may share its commit with any others. */
function guardOf(after: Position | undefined, receipt: NewReceipt | undefined): WriteGuard | undefined {
  if (after === undefined && receipt === undefined) return undefined;
  return { ...(after !== undefined && { after }), ...(receipt !== undefined && { receipt }) };
}

function answered(
  c: Call,
  { seq, generation, changed }: Changed,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = { ...NO_STORE, ...more, ETag: tagOf({ seq, generation }) };
  return c.json({ seq, generation, changed }, 200, headers);
}

function replayed(c: Call, { seq = 0, generation = '', answer }: Receipt): Response {
  const kept = answer === undefined ? undefined : (JSON.parse(answer) as { readonly json: Changed });
  return answered(c, kept?.json ?? { seq, generation, changed: true }, REPLAYED);
}
