import { type DocumentId, parseDocumentId } from '../../shared/ids.js';

/** `*`, `acme/*` or `acme/team-*`: what comes before the star is the beginning of a document's name. */
const BEGINNING = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,62})?)?\*$/;

/** Which documents a name or a pattern stands for, or `undefined` if it is none. */
export function readPattern(pattern: string): ((id: DocumentId) => boolean) | undefined {
  if (BEGINNING.test(pattern)) {
    const start = pattern.slice(0, -1);
    return (id) => id.startsWith(start);
  }
  try {
    const document = parseDocumentId(pattern);
    return (id) => id === document;
  } catch {
    return undefined;
  }
}
