import type { Random } from '../../../shared/time.js';
import { seededRandom } from '../../../tools/seeded-random.js';
import type { GeneratorPlan } from '../../plan.js';
import type { Typewriter } from '../typing/models.js';
import type { Pulse } from '../typing/pulse.js';
import { hashOf } from '../view/client-ids.js';
import type { LoadDocument } from '../view/load-document.js';
import { Client, type Surroundings } from './client.js';
import { Typist } from './typist.js';

/** One place in a document: whoever sits there now, after others perhaps. */
export interface Seat {
  readonly document: LoadDocument;
  readonly number: number;
  /** His place among this process' typists; `undefined` for a reader. */
  readonly turn: number | undefined;
  client: Client;
  typist: Typist | undefined;
  /** He types no more, and goes when everything is sent and acknowledged. */
  leaving: boolean;
  /** Since when there has been nothing left to wait for, in milliseconds. */
  quietSince: number | undefined;
}

export interface CrowdOptions {
  readonly plan: GeneratorPlan;
  readonly documents: readonly LoadDocument[];
  readonly typewriter: Typewriter;
  readonly pulse: Pulse;
  readonly surroundings: Surroundings;
}

/** Who leaves waits so long after his last edit was sent, where nothing is acknowledged, in milliseconds. */
const LINGER_MS = 1_000;

/** Everybody of this process. */
export class Crowd {
  readonly seats: readonly Seat[];
  /** So many typists type; the first of them in an order that goes through all documents by turns. */
  active = Number.POSITIVE_INFINITY;
  #typing = true;
  readonly #options: CrowdOptions;

  constructor(options: CrowdOptions) {
    this.#options = options;
    const places = options.documents.flatMap((document) =>
      document.plan.clients.map((number) => ({ document, number })),
    );
    // Stable: within a number in the order of the documents.
    places.sort((a, b) => a.number - b.number);
    let typists = 0;
    this.seats = places.map(({ document, number }) => ({
      document,
      number,
      turn: number < document.plan.typists ? typists++ : undefined,
      client: new Client(document, { number, life: 0 }, options.surroundings),
      typist: undefined,
      leaving: false,
      quietSince: undefined,
    }));
  }

  get clients(): Client[] {
    return this.seats.map(({ client }) => client);
  }

  /** Counts those for whom it holds. */
  count(holds: (seat: Seat) => boolean): number {
    let count = 0;
    for (const seat of this.seats) if (holds(seat)) count++;
    return count;
  }

  /** Whether somebody types at the moment. */
  types(seat: Seat): boolean {
    const { turn, client, leaving } = seat;
    const isThere = client.everIn && client.denied === undefined && !leaving;
    return this.#typing && turn !== undefined && turn < this.active && isThere;
  }

  /** Nobody types any more, and nobody leaves. */
  stopTyping(): void {
    this.#typing = false;
    for (const seat of this.seats) {
      seat.leaving = false;
      if (seat.typist !== undefined) seat.typist.stopped = true;
    }
  }

  /** Looks after everybody: connections, those who have just come, those who can go. Called every now and then. */
  look(now: number): void {
    for (const seat of this.seats) {
      const { client, typist } = seat;
      client.look(now);
      if (client.anew) this.replace(seat);
      else if (typist === undefined && client.everIn && this.#typing) this.#sitDown(seat, now);
      else if (seat.leaving && this.#mayLeave(seat, now)) this.replace(seat);
    }
  }

  /** Somebody new comes in his place, who knows nothing. */
  replace(seat: Seat): void {
    const { life } = seat.client.identity;
    if (seat.typist !== undefined) seat.typist.stopped = true;
    seat.client.leave();
    const identity = { number: seat.number, life: life + 1 };
    seat.client = new Client(seat.document, identity, this.#options.surroundings);
    seat.typist = undefined;
    seat.leaving = false;
    seat.quietSince = undefined;
    seat.client.connect();
  }

  close(): void {
    for (const { client } of this.seats) client.leave();
  }

  #sitDown(seat: Seat, now: number): void {
    const { typewriter, pulse, surroundings, plan } = this.#options;
    const { client } = seat;
    if (client.author === undefined) return;
    const random: Random = seededRandom(hashOf(`${plan.seed} types ${client.clientId}`));
    seat.typist = new Typist(
      {
        client,
        author: client.author,
        model: typewriter.model(random),
        counts: surroundings.counts,
        random,
        mayType: () => this.types(seat),
      },
      now,
    );
    pulse.add(seat.typist);
  }

  #mayLeave(seat: Seat, now: number): boolean {
    const { client } = seat;
    const done = client.outgoing === undefined || client.outgoing.done;
    if (!done || (!client.isIn && client.denied === undefined)) {
      seat.quietSince = undefined;
      return false;
    }
    seat.quietSince ??= now;
    const { acknowledges } = this.#options.surroundings.protocol;
    return acknowledges || now - seat.quietSince > LINGER_MS;
  }
}
