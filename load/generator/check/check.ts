import type { Checked, DocumentTruth } from '../../messages.js';
import type { Counts } from '../counts.js';
import type { Surroundings } from '../people/client.js';
import type { Crowd } from '../people/crowd.js';
import { type Written, writtenBy } from '../truth.js';
import { LAST_LIFE } from '../view/client-ids.js';
import type { LoadDocument } from '../view/load-document.js';
import { copyIn } from './copy.js';
import { checkCopy, isWhole } from './document-check.js';
import { readFresh } from './fresh-reader.js';
import { Gone } from './gone.js';
import {
  checkAcknowledged,
  checkComplete,
  checkPlaces,
  checkRefused,
  checkView,
  hasEverything,
} from './views.js';

/** How often it is looked; and how long nothing may come before what is missing is taken for lost. In milliseconds. */
const LOOK_EVERY_MS = 50;
const QUIET_MS = 5_000;
/** Documents that are read at once. */
const READ_AT_ONCE = 16;
/** Time for each reading when the time for all of it is up, in milliseconds. */
const LEAST_READ_MS = 3_000;

const NOBODY: ReadonlyMap<number, Written> = new Map();

/** Holds everything against the truth of all processes. What is wrong goes to the documents' problems. */
export class Check {
  readonly #truth: Map<string, Map<number, Written>>;
  readonly #gone: ReadonlyMap<LoadDocument, Gone>;
  #freshReads = 0;
  #characters = 0;
  /** Addresses at which something was read, and why nothing was at those where the time was not enough for anything. */
  readonly #readable = new Set<string>();
  readonly #unreadable = new Map<string, string>();

  constructor(
    private readonly crowd: Crowd,
    private readonly documents: readonly LoadDocument[],
    private readonly surroundings: Surroundings,
    truth: readonly DocumentTruth[],
  ) {
    this.#truth = writtenBy(truth);
    this.#gone = new Map(documents.map((document) => [document, new Gone(document)]));
  }

  /** @param timeoutMs how long clients may take to have everything, and documents to be read */
  async run(timeoutMs: number): Promise<Checked> {
    const { seats } = this.crowd;
    const { acknowledges } = this.surroundings.protocol;
    const endsAt = performance.now() + timeoutMs;
    const readMs = (): number => Math.max(endsAt - performance.now(), Math.min(timeoutMs, LEAST_READ_MS));
    await this.#arrivals(timeoutMs, this.surroundings.counts);
    for (const seat of seats) {
      checkRefused(seat, acknowledges);
      checkComplete(seat.document, seat);
      if (seat.client.everIn) checkView(seat, this.#of(seat.document), this.#goneOf(seat.document));
      if (acknowledges) checkAcknowledged(seat);
    }
    for (const document of this.documents) checkPlaces(document, this.#of(document));
    const own = this.documents.filter(({ plan }) => plan.clients.includes(0));
    if (this.surroundings.protocol.relay !== true) await this.#readAll(own, readMs);
    return {
      documents: this.documents.length,
      clients: seats.filter(({ client }) => client.denied === undefined).length,
      freshReads: this.#freshReads,
      ackedEdits: this.#ackedEdits(),
      characters: this.#characters,
    };
  }

  #of(document: LoadDocument): ReadonlyMap<number, Written> {
    return this.#truth.get(document.name) ?? NOBODY;
  }

  #goneOf(document: LoadDocument): Gone {
    return this.#gone.get(document) ?? new Gone(document);
  }

  #ackedEdits(): number {
    let edits = 0;
    for (const { writers } of this.documents) {
      for (const { author } of writers) edits += author?.acked.edits ?? 0;
    }
    return edits;
  }

  /** Waits until everybody has everything, or nothing comes any longer. */
  async #arrivals(timeoutMs: number, counts: Counts): Promise<void> {
    const { clock } = this.surroundings;
    const startedAt = clock.monotonic();
    let { activity } = counts;
    let activeAt = startedAt;
    let missing = this.crowd.seats.filter(({ client }) => client.everIn && client.denied === undefined);
    for (;;) {
      missing = missing.filter((seat) => !hasEverything(seat, this.#of(seat.document)));
      const now = clock.monotonic();
      if (counts.activity !== activity) activeAt = now;
      activity = counts.activity;
      if (missing.length === 0 || now - startedAt > timeoutMs || now - activeAt > QUIET_MS) return;
      await new Promise((resolve) => clock.schedule(LOOK_EVERY_MS, () => resolve(undefined)));
    }
  }

  async #readAll(documents: readonly LoadDocument[], readMs: () => number): Promise<void> {
    const queue = [...documents];
    const readers = Array.from({ length: READ_AT_ONCE }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        await this.#read(next, readMs);
      }
    });
    await Promise.all(readers);
  }

  /** Reads a document at every target; what is read must be the same everywhere. */
  async #read(document: LoadDocument, readMs: () => number): Promise<void> {
    const { protocol, targets, token } = this.surroundings;
    const truth = this.#of(document);
    const { acknowledges } = protocol;
    const { name, problems } = document;
    let first: { readonly url: string; readonly order: number } | undefined;
    for (const [number, target] of targets.entries()) {
      const { url } = target;
      const clientId = document.ids.idOf({ number, life: LAST_LIFE });
      try {
        const known = this.#unreadable.get(url);
        if (known !== undefined) throw new Error(known);
        const options = { protocol, target, document: name, clientId, token, timeoutMs: readMs() };
        const doc = await readFresh(options, (read) => isWhole(read, truth));
        this.#readable.add(url);
        this.#freshReads++;
        const copy = copyIn(doc, document.text);
        checkCopy(copy, { document, truth, url, acknowledges, gone: this.#goneOf(document) });
        if (first === undefined) {
          first = { url, order: copy.order };
          this.#characters += copy.characters;
        } else if (first.order !== copy.order) {
          problems.add('differs', name, `${name} shows something else at ${url} than at ${first.url}.`);
        }
        doc.destroy();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        // Nobody waits again for an address that is dead: there may be hundreds of documents.
        if (!this.#readable.has(url)) this.#unreadable.set(url, why);
        problems.add('unreadable', name, `${name} could not be read again at ${url}: ${why}.`);
      }
    }
  }
}
