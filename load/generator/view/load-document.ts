import type { PlannedDocument } from '../../plan.js';
import type { Problems } from '../problems.js';
import type { WrittenText } from '../text/written-text.js';
import { type Arrival, arrivalsIn } from './arrivals.js';
import { ClientIds } from './client-ids.js';
import { KnownSets } from './deletion-set.js';
import { Places } from './places.js';
import { SeenMessages } from './seen-messages.js';
import type { Writer, Writings } from './writer.js';

/** Messages that are remembered at once, for each client of this process in the document; and in all. */
const KEPT_PER_CLIENT = 8;
const MIN_KEPT = 32;
const MAX_KEPT = 4096;

export interface DocumentOptions {
  readonly plan: PlannedDocument;
  readonly seed: number;
  readonly text: WrittenText;
  readonly problems: Problems;
}

/** What all clients of this process in one document have in common. */
export class LoadDocument implements Writings {
  readonly name: string;
  readonly plan: PlannedDocument;
  readonly text: WrittenText;
  readonly problems: Problems;
  readonly ids: ClientIds;
  readonly writers: Writer[] = [];
  readonly seen: SeenMessages<readonly Arrival[]>;
  readonly #byId = new Map<number, Writer>();

  constructor({ plan, seed, text, problems }: DocumentOptions) {
    this.plan = plan;
    this.name = plan.name;
    this.text = text;
    this.problems = problems;
    this.ids = new ClientIds(plan.name, seed, plan.clientsInAll);
    const kept = Math.min(MAX_KEPT, Math.max(MIN_KEPT, KEPT_PER_CLIENT * plan.clients.length));
    this.seen = new SeenMessages(kept);
  }

  /** Who writes under this clientID; `undefined` if nobody does who types in this document. */
  writer(clientId: number): Writer | undefined {
    const known = this.#byId.get(clientId);
    if (known !== undefined) return known;
    const identity = this.ids.identityOf(clientId);
    if (identity === undefined || identity.number >= this.plan.typists) return undefined;
    const index = this.writers.length;
    const writer = {
      index,
      clientId,
      identity,
      known: new KnownSets(),
      places: new Places(),
      author: undefined,
      sentAway: undefined,
    };
    this.writers.push(writer);
    this.#byId.set(clientId, writer);
    return writer;
  }

  /** What a message says that `where` got: the same for everybody in the document. */
  arrivals(updates: readonly Uint8Array[], where: string): Arrival[] {
    return updates.flatMap((update) => arrivalsIn(update, this, where));
  }
}
