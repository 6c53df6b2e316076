import type { Clock, Timer } from '../../shared/time.js';
import type { NodesBus } from '../cluster/bus.js';
import type { Answers, NodeMessage, Question } from './node-messages.js';
import { readNodeMessage } from './node-messages.js';

/** A node that does not answer for so long is not waited for, in milliseconds. */
const ANSWER_WITHIN_MS = 2_000;

export interface NodesLineOptions {
  readonly bus: NodesBus;
  readonly clock: Clock;
  /** What this node answers; `undefined` to what it does not know. Must not throw. */
  answer(question: Question): unknown;
  /** Another node wants reports, or gives one. Must not throw. */
  heard(message: Extract<NodeMessage, { type: 'watch' | 'report' }>, from: string): void;
}

/** What all that were asked have answered, by name, and who has not. */
export interface Told<T> {
  readonly answers: ReadonlyMap<string, T>;
  readonly silent: readonly string[];
}

/** Questions and answers between nodes, over the bus, which may lose any of them. */
export class NodesLine {
  private readonly waiting = new Map<
    number,
    { readonly from: string; readonly settle: (answer: unknown) => void }
  >();
  private number = 0;

  constructor(private readonly options: NodesLineOptions) {
    options.bus.listen((text, from) => this.receive(text, from));
  }

  tell(message: NodeMessage, to?: string): void {
    this.options.bus.tell(JSON.stringify(message), to);
  }

  /** @returns `undefined` if that node has not answered in time */
  ask<Q extends Question>(node: string, question: Q): Promise<Answers[Q['about']] | undefined> {
    const { clock } = this.options;
    const number = ++this.number;
    return new Promise((resolve) => {
      const settle = (answer: unknown): void => {
        clock.cancel(timer);
        this.waiting.delete(number);
        resolve(answer as Answers[Q['about']] | undefined);
      };
      const timer: Timer = clock.schedule(ANSWER_WITHIN_MS, () => settle(undefined));
      this.waiting.set(number, { from: node, settle });
      this.tell({ type: 'ask', number, question }, node);
    });
  }

  /** Asks every other node that is known. */
  async askAll<Q extends Question>(question: Q): Promise<Told<Answers[Q['about']]>> {
    const { others } = this.options.bus;
    const all = await Promise.all(
      others.map(async (node) => [node, await this.ask(node, question)] as const),
    );
    const answers = new Map<string, Answers[Q['about']]>();
    for (const [node, answer] of all) if (answer !== undefined) answers.set(node, answer);
    return { answers, silent: others.filter((node) => !answers.has(node)) };
  }

  private receive(text: string, from: string): void {
    const message = readNodeMessage(text, from);
    if (message === undefined) return;
    switch (message.type) {
      case 'ask': {
        const answer = this.options.answer(message.question);
        if (answer !== undefined) this.tell({ type: 'answer', number: message.number, answer }, from);
        break;
      }
      case 'answer': {
        const asked = this.waiting.get(message.number);
        if (asked?.from === from) asked.settle(message.answer);
        break;
      }
      default:
        this.options.heard(message, from);
    }
  }
}
