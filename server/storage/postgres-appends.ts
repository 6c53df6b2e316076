import { CoscribeError } from '../../shared/errors.js';
import { type KnownFacts, PackedAppend } from './postgres-append.js';
import type { Query } from './postgres-log.js';
import { APPEND } from './postgres-statements.js';
import { readNumbers } from './postgres-values.js';
import type { AppendBatch, AppendResult } from './store.js';

interface Connections {
  /** Has a connection of its own. */
  readonly write: Query;
  readonly query: Query;
}

/** Batches of one transaction, and their places in the call. */
interface Step {
  readonly places: readonly number[];
  readonly packed: PackedAppend;
}

/** What the database gave no answer for. */
const LOST: AppendResult = { ok: false, code: 'document-unreadable' };

/** In as many steps as the longest chain has links: `append` knows nothing of chains. */
function stepsOf(batches: readonly AppendBatch[]): readonly (readonly number[])[] {
  const steps: number[][] = [];
  let link = 0;
  for (const [place, { guard }] of batches.entries()) {
    link = guard?.chained ? link + 1 : 0;
    const step = steps[link];
    if (step === undefined) steps[link] = [place];
    else step.push(place);
  }
  return steps;
}

/** Appends to logs in PostgreSQL. */
export class PostgresAppends {
  constructor(
    private readonly connections: Connections,
    private readonly known: KnownFacts,
  ) {}

  /** Copies what it is given before it returns. */
  pack(batches: readonly AppendBatch[]): readonly Step[] {
    const steps: Step[] = [];
    for (const places of stepsOf(batches)) {
      const own = places.flatMap((place) => batches[place] ?? []);
      steps.push({ places, packed: this.packStep(own) });
    }
    return steps;
  }

  /** Each step when the one before it is durable. @throws CoscribeError */
  async write(steps: readonly Step[]): Promise<readonly AppendResult[]> {
    const results: AppendResult[] = [];
    for (const [n, { places, packed }] of steps.entries()) {
      const isDue = (place: number): boolean => n === 0 || results[place - 1]?.ok === true;
      const due = places.every(isDue)
        ? packed
        : this.packStep(packed.copies().filter((_, at) => isDue(places[at] ?? 0)));
      const answers = await this.writeStep(due);
      let next = 0;
      for (const place of places)
        results[place] = isDue(place)
          ? (answers[next++] ?? LOST)
          : { ok: false, code: 'precondition-failed' };
    }
    return results;
  }

  private packStep(batches: readonly AppendBatch[]): PackedAppend {
    return new PackedAppend(batches, this.known);
  }

  /** @throws CoscribeError */
  private async writeStep(packed: PackedAppend): Promise<readonly AppendResult[]> {
    if (packed.empty) return packed.results([], this.known);
    try {
      return await this.resealed(packed, await this.ask(packed));
    } catch (error) {
      this.known.clients.forget();
      if (!(error instanceof CoscribeError) || error.code !== 'document-unreadable') throw error;
    }
    return await this.writeEach(packed);
  }

  private async ask(packed: PackedAppend): Promise<number[]> {
    const { rows } = await this.connections.write(APPEND, packed.values);
    return readNumbers(String(rows[0]?.[0]));
  }

  /** Once more for documents that have another name than they had first, if that was not known. */
  private async resealed(packed: PackedAppend, firsts: readonly number[]): Promise<AppendResult[]> {
    const results = packed.results(firsts, this.known);
    const refused = packed.sealedOtherwise(firsts);
    if (refused.length === 0) return results;
    const { query } = this.connections;
    const there = await this.known.seals.learn(
      query,
      refused.map(({ batch }) => batch.id),
    );
    // Those that are not there have got another name since.
    for (const { place } of refused) results[place] = { ok: false, code: 'generation-changed' };
    const known = refused.filter(({ batch }) => there.has(batch.generation));
    const again = this.packStep(known.map(({ batch }) => batch));
    const answers = again.empty ? [] : again.results(await this.ask(again), this.known);
    for (const [n, answer] of answers.entries()) results[known[n]?.place ?? 0] = answer;
    return results;
  }

  /** After a damaged document has undone the whole transaction: everybody's batches without that one's. */
  private async writeEach(packed: PackedAppend): Promise<readonly AppendResult[]> {
    const parts = packed.copies();
    if (parts.length === 1) return [{ ok: false, code: 'document-unreadable' }];
    const results: AppendResult[] = [];
    for (const part of parts) results.push(...(await this.writeStep(this.packStep([part]))));
    return results;
  }
}
