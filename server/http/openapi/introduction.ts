import type { AccessMode } from '../../auth/access.js';
import type { ApiFacts } from './plan.js';

const LET_IN: Readonly<Record<AccessMode, string>> = {
  open: 'This server is open: whoever reaches it is an owner of every document, and no token is needed.',
  links:
    'On this server a document belongs to whoever made it, and to those to whom he gave a link. The token of a link (`link_…`) is sent as `Authorization: Bearer …`; it opens one document.',
  tokens:
    'On this server an application says who may do what. Its token is sent as `Authorization: Bearer …`; it may take its own cookies as well. The token of a link (`link_…`) opens one document, too.',
};

/** What all operations have in common: paragraphs of CommonMark, of which only code between backticks is used. */
export function introduction(
  mode: AccessMode,
  { maxBodyBytes, maxUpdateBytes, maxDocumentBytes }: ApiFacts,
): string {
  return [
    `Documents are named \`{workspace}/{name}\`. People write in them over WebSockets; whatever is done here meets them in the same documents, with the same rights and limits.`,
    LET_IN[mode],
    'A change is answered when it is on disk: what was answered with 200 or 201 survives the loss of power. What can be refused for a passing reason says `retryable`, and nothing of it has happened; with an `Idempotency-Key` a request may be sent again whenever the answer got lost.',
    'Content has an `ETag`, which names a place in the log of its document. With `If-None-Match` a read costs nothing when nothing has changed; with `If-Match` a change is made only to the document that you have seen.',
    'A document that is not there and one in which you may do nothing have the same answer, `no-access`. An editor who writes into a document that is not there makes it by that.',
    `Parameters and fields that are not named here are refused. A text is at most ${inBytes(maxDocumentBytes)}, what else is written into a document ${inBytes(maxUpdateBytes)}, and any other body ${inBytes(maxBodyBytes)}, unless its operation says otherwise. Every address that takes \`GET\` takes \`HEAD\`, and \`OPTIONS\` tells what it takes; another method is \`method-not-allowed\` (405), and what is unknown is \`not-found\` (404).`,
    'Errors are `application/problem+json` (RFC 9457) with a `code` that never changes its meaning; decide by it.',
  ].join('\n\n');
}

function inBytes(bytes: number): string {
  const units = [
    [2 ** 20, 'MiB'],
    [1024, 'KiB'],
  ] as const;
  const found = units.find(([size]) => bytes >= size && bytes % size === 0);
  return found === undefined ? `${bytes} bytes` : `${bytes / found[0]} ${found[1]}`;
}
