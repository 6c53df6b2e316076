import * as Y from 'yjs';
import type { ProblemKind } from '../../messages.js';
import type { Written } from '../truth.js';
import type { LoadDocument } from '../view/load-document.js';
import { characters } from './characters.js';
import type { Copy, CopyOf } from './copy.js';
import type { Gone } from './gone.js';

export interface CopyCheckOptions {
  readonly document: LoadDocument;
  readonly truth: ReadonlyMap<number, Written>;
  /** Where it was read, for the sentences. */
  readonly url: string;
  readonly acknowledges: boolean;
  readonly gone: Gone;
}

/** Whether a document holds at least all that was written, and has at least as much of it deleted. */
export function isWhole(doc: Y.Doc, truth: ReadonlyMap<number, Written>): boolean {
  for (const { clientId, least } of truth.values()) {
    if (Y.getState(doc.store, clientId) < least.written) return false;
    let gone = 0;
    for (const struct of doc.store.clients.get(clientId) ?? []) if (struct.deleted) gone += struct.length;
    if (gone < least.deleted.count) return false;
  }
  return true;
}

/** Says what is wrong with a document as somebody reads it who had nothing. */
export function checkCopy(copy: Copy, options: CopyCheckOptions): void {
  const { document, truth, url } = options;
  const tell = (kind: ProblemKind, what: string): void =>
    document.problems.add(kind, document.name, `${document.name}, read again at ${url}: ${what}.`);
  if (copy.pending) tell('differs', 'it has edits which wait for others that are not there');
  for (const name of copy.otherRoots)
    tell('not-typed', `there is something in the root type ${JSON.stringify(name)}`);
  for (const [clientId, one] of copy.by) {
    if (truth.has(clientId)) continue;
    tell(
      'not-typed',
      `clientID ${clientId} has ${characters(one.clock)} there, and nobody has typed under it`,
    );
  }
  for (const told of truth.values()) {
    checkAuthor(copy.by.get(told.clientId) ?? NOTHING_THERE, told, options, tell);
  }
}

const NOTHING_THERE: Pick<CopyOf, 'clock' | 'live' | 'strangeAt'> = {
  clock: 0,
  live: [],
  strangeAt: undefined,
};

function checkAuthor(
  one: Partial<CopyOf> & typeof NOTHING_THERE,
  told: Written,
  { document, url, acknowledges, gone: unlike }: CopyCheckOptions,
  tell: (kind: ProblemKind, what: string) => void,
): void {
  const writer = document.writer(told.clientId);
  const number = writer?.identity.number ?? '?';
  const sentAway = writer?.sentAway === undefined ? '' : `, whom the server ${writer.sentAway}`;
  const who = `client ${number} (clientID ${told.clientId}${sentAway})`;
  const { clock, live, strangeAt } = one;
  if (clock > told.written)
    tell('not-typed', `${who} has written ${characters(told.written)}, and it has ${clock}`);
  if (clock < told.acked) {
    tell(
      'acked-lost',
      `of ${told.acked} acknowledged ${told.acked === 1 ? 'character' : 'characters'} of ${who} it has ${clock}`,
    );
  } else if (clock < told.least.written) {
    const kind = acknowledges ? 'unfinished' : 'differs';
    tell(kind, `of the ${characters(told.written)} that ${who} has written it has ${clock}`);
  }
  if (strangeAt !== undefined) tell('not-typed', `${who} has written something else at clock ${strangeAt}`);
  const there = one.deleted;
  if (there === undefined) return;
  const undone = told.ackedDeleted.without(there);
  // What is not there at all is not back.
  if (undone > 0 && clock >= told.acked)
    tell('acked-lost', `it has ${characters(undone)} back that ${who} has deleted, which was acknowledged`);
  const kept = told.least.deleted.without(there) - undone;
  if (kept > 0 && clock >= told.written) {
    const kind = acknowledges ? 'unfinished' : 'differs';
    tell(kind, `it still has ${characters(kept)} that ${who} has deleted`);
  }
  const gone = there.without(told.deleted);
  if (gone > 0) tell('gone', `it has ${characters(gone)} of ${who} deleted, which nobody has deleted`);
  if (clock >= told.least.written) unlike.see(`who reads it at ${url}`, told.clientId, there, told.deleted);
  if (undone + kept + gone > 0 || clock !== told.written) return;
  const { places } = one;
  if (places !== undefined && places.hash !== told.places)
    tell('not-typed', `characters of ${who} stand in another place than he put them`);
  const { author } = writer ?? {};
  if (author === undefined) return;
  const order = author.text.clocks();
  if (!live.every((unit, index) => order[index] === unit))
    tell('not-typed', `the characters of ${who} stand in another order than he wrote them`);
}
