const SPACE = 2 ** 32;
/** Nobody comes back as somebody new more often than that. */
const MAX_LIVES = 100_000;
/** Of somebody who only reads, at the end. */
export const LAST_LIFE = MAX_LIVES - 1;

/** Who somebody is: his number in the document, and how often he has come as somebody new. */
export interface Identity {
  readonly number: number;
  readonly life: number;
}

/**
 * Yjs clientIDs of one document's clients. Every process computes the same ones, and sees of a clientID whether it can be one
 * of this document: each document begins at another place among the 2^32.
 */
export class ClientIds {
  readonly #first: number;
  readonly #clients: number;

  constructor(document: string, seed: number, clientsInAll: number) {
    this.#first = hashOf(`${seed} ${document}`);
    this.#clients = clientsInAll;
  }

  idOf({ number, life }: Identity): number {
    return (this.#first + number + life * this.#clients) % SPACE;
  }

  /** Whose clientID that is; `undefined` if it is nobody's here. */
  identityOf(clientId: number): Identity | undefined {
    const place = (clientId - this.#first + SPACE) % SPACE;
    const life = Math.floor(place / this.#clients);
    return life < MAX_LIVES ? { number: place % this.#clients, life } : undefined;
  }
}

/** FNV-1a, then mixed: names that differ in a digit begin far apart. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
