import type { Hono } from 'hono';
import { CoscribeError } from '../../../shared/errors.js';
import type { DocumentId } from '../../../shared/ids.js';
import type { AccessMode } from '../../auth/access.js';
import type { MadeDocument, Making } from '../../documents/making.js';
import type { DocumentFacts } from '../../documents/management.js';
import type { NewReceipt } from '../../storage/receipts.js';
import type { ApiDeps } from '../api-deps.js';
import { CREATE_FIELDS, PLACE_FIELDS, parseCreation, parsePlace } from '../api-requests.js';
import {
  asker,
  type Call,
  DOCUMENT,
  DOCUMENTS,
  documentOf,
  type HttpEnv,
  locationOf,
  NO_STORE,
} from '../call.js';
import { checkOf, conditionOf, isOnlyIfAbsent, refuseIfMatch } from '../conditions.js';
import { LIST_PARAMETERS, listedDocument, parseListQuery } from '../document-list.js';
import { type IfMatch, isKnown, matches, parseIfMatch, tagOf } from '../etags.js';
import { hasKey, type KeptAnswer, type Repeats, receiptOf, refuseKey } from '../idempotency.js';
import { type Fields, readFields } from '../json-body.js';
import { ListCursors } from '../list-cursors.js';
import { queryOf } from '../query.js';
import { newLink } from '../shown-link.js';

const DONE = { status: 204, headers: {} } as const;

/** Adds what can be done with documents as a whole. */
export function addDocuments(app: Hono<HttpEnv>, deps: ApiDeps, repeats: Repeats): void {
  const { management, making, receipts, clock } = deps;
  const cursors = new ListCursors(receipts, clock);
  app.get(DOCUMENTS, async (c) => {
    const { cursor, ...parameters } = queryOf(c, LIST_PARAMETERS);
    const query = parseListQuery(parameters);
    const { order } = query;
    const after = cursor === undefined ? {} : { after: await cursors.open(cursor, order) };
    const { documents, next } = await management.list(asker(c), { ...query, ...after });
    const more = next === undefined ? {} : { next: await cursors.seal(next, order) };
    return c.json({ documents: documents.map(listedDocument), ...more }, 200, NO_STORE);
  });
  app.get(DOCUMENT, (c) => described(c, deps));
  app.delete(DOCUMENT, async (c) => {
    queryOf(c);
    const fits = checkOf(conditionOf(c));
    const id = documentOf(c);
    return repeats.once(c, await receiptFor(c, making, {}), async () => {
      await management.remove(asker(c), id, fits);
      return { ...DONE, document: id };
    });
  });
  app.post(`${DOCUMENT}/restore`, async (c) => {
    queryOf(c);
    conditionOf(c);
    refuseIfMatch(c, 'a document is restored as it was, and nobody has changed it meanwhile');
    const id = documentOf(c);
    return repeats.once(c, await receiptFor(c, making, {}), async () => {
      await management.restore(asker(c), id);
      return { ...DONE, document: id };
    });
  });
  addMaking(app, deps, repeats);
}

/** What gives a document a name: carried out once, however often it comes with the same key. */
function addMaking(app: Hono<HttpEnv>, deps: ApiDeps, repeats: Repeats): void {
  const { management, making, copies, limits } = deps;
  // Where nobody is known but by links, the answer has one, and is not kept.
  const refuse = (c: Call): void => {
    if (management.mode === 'links') refuseKey(c);
  };
  app.post(DOCUMENTS, async (c) => {
    queryOf(c);
    refuse(c);
    refuseIfMatch(c, 'what is made has no version yet');
    const onlyIfAbsent = isOnlyIfAbsent(c);
    const fields = await readFields(c.env.incoming, limits.maxUpdateBytes, CREATE_FIELDS);
    const wanted = parseCreation(fields);
    const receipt = await receiptFor(c, making, fields);
    const create = () => making.create(asker(c), wanted).catch((thrown) => explain(thrown, onlyIfAbsent));
    return repeats.once(c, receipt, async () => made(c, await create()));
  });
  app.post(`${DOCUMENT}/copy`, async (c) => {
    queryOf(c);
    refuse(c);
    const from = documentOf(c);
    const condition = conditionOf(c);
    const fields = await readFields(c.env.incoming, limits.maxBodyBytes, PLACE_FIELDS);
    const stateOf = (id: DocumentId) => stateAt(id, condition);
    const wanted = { from, to: parsePlace(fields), stateOf };
    const receipt = await receiptFor(c, making, fields);
    return repeats.once(c, receipt, async () => made(c, await making.copy(asker(c), wanted)));
  });
  app.post(`${DOCUMENT}/move`, async (c) => {
    queryOf(c);
    const from = documentOf(c);
    const fits = checkOf(conditionOf(c));
    const fields = await readFields(c.env.incoming, limits.maxBodyBytes, PLACE_FIELDS);
    const to = parsePlace(fields);
    const receipt = await receiptFor(c, making, fields);
    return repeats.once(c, receipt, async () => {
      const moved = await management.move(asker(c), from, to, fits);
      return { status: 200, headers: locationOf(c, to), json: shown(moved, management.mode), document: to };
    });
  });

  /** Everything in a document, if it is the one that the copy is to be of. @throws CoscribeError `precondition-failed` */
  async function stateAt(id: DocumentId, condition: IfMatch): Promise<Uint8Array> {
    const viewed = await copies.view(id, { as: 'state' });
    if (!matches(condition, viewed)) throw new CoscribeError('precondition-failed');
    return viewed.body;
  }
}

/** Where a document stands, and what its asker may do there. */
async function described(c: Call, { management, documents }: ApiDeps): Promise<Response> {
  queryOf(c);
  const id = documentOf(c);
  const ifMatch = parseIfMatch(c.req.header('If-Match'));
  // Asked first: whoever goes by the tag has been told of everything that was there then.
  const before = await documents.position(id);
  const found = await management.describe(asker(c), id);
  const position = before ?? (await documents.position(id));
  if (position === undefined) throw new CoscribeError('no-access');
  if (!matches(ifMatch, position)) throw new CoscribeError('precondition-failed');
  const headers = { ...NO_STORE, ETag: tagOf(position, found.role) };
  if (isKnown(c.req.header('If-None-Match'), position, found.role)) return c.body(null, 304, headers);
  return c.json(shown(found, management.mode), 200, headers);
}

/** Whoever has said that nothing may be there yet is told that there is, in these words. */
function explain(thrown: unknown, onlyIfAbsent: boolean): never {
  const isTaken = thrown instanceof CoscribeError && thrown.code === 'document-exists';
  throw isTaken && onlyIfAbsent ? new CoscribeError('precondition-failed') : thrown;
}

/** What names a request, as `receiptOf`. */
async function receiptFor(c: Call, making: Making, fields: Fields): Promise<NewReceipt | undefined> {
  if (!hasKey(c)) return undefined;
  return receiptOf(c, await making.sender(asker(c)), JSON.stringify(fields));
}

function made(c: Call, { id, link }: MadeDocument): KeptAnswer {
  const json = { id, ...(link !== undefined && { link: newLink(link) }) };
  return { status: 201, headers: locationOf(c, id), json, document: id };
}

function shown({ role, ...summary }: DocumentFacts, mode: AccessMode): object {
  return { ...listedDocument(summary), role, mode };
}
