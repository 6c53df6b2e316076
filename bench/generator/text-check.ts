import type { Protocol } from '../../load/wire/protocol.js';
import type { Address } from '../../load/wire/websocket-client.js';
import { differs, expectedText, type Stream, type Typed } from './convergence.js';
import { FIRST_CLIENT_ID } from './edits.js';
import { Fleet, type Seat } from './fleet.js';

export interface TextCheckOptions {
  /** Of each node: fresh clients are asked for at each. */
  readonly addresses: readonly Address[];
  readonly protocol: Protocol;
  readonly seats: readonly Seat[];
  /** Numbers of the seats that type. */
  readonly typists: readonly number[];
  /** Numbers of the seats whose streams are kept. */
  readonly checked: readonly number[];
}

/** How long a fresh client's text may take to be right: so many looks, so many milliseconds apart. */
const FRESH_LOOKS = 10;
const FRESH_WAIT_MS = 300;

/** Whether some clients, and a fresh one of each of their documents, have the text that was typed, in real Y.Docs. */
export class TextCheck {
  private readonly kept: ReadonlyMap<number, Uint8Array[]>;
  private readonly documentOf: ReadonlyMap<number, string>;

  constructor(private readonly options: TextCheckOptions) {
    this.kept = new Map(options.checked.map((number) => [number, []]));
    this.documentOf = new Map(options.seats.map(({ number, document }) => [number, document]));
  }

  /** A client got these updates. Kept if it is one of the checked; they must stay as they are. */
  take(number: number, updates: readonly Uint8Array[]): void {
    this.kept.get(number)?.push(...updates);
  }

  /** What is wrong, once everything has arrived: one sentence each. */
  async problems(typedBy: (typist: number) => number): Promise<string[]> {
    const { typists, checked, protocol } = this.options;
    const typed = (number: number): Typed => ({ clientId: FIRST_CLIENT_ID + number, count: typedBy(number) });
    const documents = new Map<string, Typed[]>(checked.map((number) => [this.document(number), []]));
    for (const typist of typists) documents.get(this.document(typist))?.push(typed(typist));
    const texts = new Map(Array.from(documents, ([document, all]) => [document, expectedText(all)]));
    const problems = checked.map((number) =>
      differs(
        { name: `client ${number}`, updates: this.kept.get(number) ?? [], own: typed(number) },
        texts.get(this.document(number)) ?? '',
      ),
    );
    if (protocol.relay !== true) problems.push(...(await this.freshProblems(texts)));
    return problems.filter((problem) => problem !== undefined);
  }

  private async freshProblems(texts: ReadonlyMap<string, string>): Promise<(string | undefined)[]> {
    const { addresses, protocol, seats } = this.options;
    const first = 1 + Math.max(...seats.map(({ number }) => number));
    const nodes = addresses.map((_address, node) => node);
    const fresh = nodes.flatMap((node) => Array.from(texts.keys(), (document) => ({ node, document })));
    const got = fresh.map((): Uint8Array[] => []);
    const fleet = new Fleet({
      addresses,
      protocol,
      events: {
        joined: ({ number }, content) => got[number - first]?.push(...content.map(copied)),
        updates: ({ number }, { updates }) => got[number - first]?.push(...updates),
      },
    });
    const stream = ({ node, document }: { node: number; document: string }, index: number): Stream => ({
      name: `a fresh client of ${document}${addresses.length > 1 ? ` at node ${node + 1}` : ''}`,
      updates: got[index] ?? [],
    });
    try {
      await fleet.open(fresh.map((seat, index) => ({ ...seat, number: first + index })));
      let problems: (string | undefined)[] = [];
      // Some servers let a client in first and send the document afterwards.
      for (let look = 0; look < FRESH_LOOKS; look++) {
        problems = fresh.map((seat, index) => differs(stream(seat, index), texts.get(seat.document) ?? ''));
        if (problems.every((problem) => problem === undefined)) break;
        await new Promise((resolve) => setTimeout(resolve, FRESH_WAIT_MS));
      }
      return problems;
    } catch (error) {
      return [`fresh clients: ${error instanceof Error ? error.message : String(error)}`];
    } finally {
      await fleet.close();
    }
  }

  private document(number: number): string {
    return this.documentOf.get(number) ?? '';
  }
}

/** Content of a join may lie in a buffer that is used again. */
export function copied(update: Uint8Array): Uint8Array {
  return Uint8Array.from(update);
}
