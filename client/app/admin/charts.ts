import { make } from '../dom.js';
import { Chart, type Line } from './chart.js';
import { millis, percent, rate, size, whole } from './format.js';
import type { History, Sample } from './history.js';

/** As many nodes have a line of their own; more could not be told apart. */
const MAX_NODES = 12;

type Pick = (sample: Sample) => number | null;

/** The charts of the last minutes. */
export class Charts {
  private readonly edits: Chart;
  private readonly acks: Chart;
  private readonly bytes: Chart;
  private readonly lag: Chart;
  private readonly cpu: Chart;
  private readonly clients: Chart;
  private readonly colors = new Map<string, number>();

  constructor(parent: HTMLElement) {
    const add = (title: string, format: ConstructorParameters<typeof Chart>[2]): Chart => {
      const card = make('section', 'card chart');
      parent.append(card);
      return new Chart(card, title, format);
    };
    this.edits = add('Edits per second', rate);
    this.acks = add('Until an edit is acknowledged', millis);
    this.bytes = add('Bytes per second', size);
    this.lag = add('Event-loop lag', millis);
    this.cpu = add('CPU, of one core', percent);
    this.clients = add('Clients', whole);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
    new MutationObserver(() => this.redraw()).observe(document.documentElement, {
      attributeFilter: ['data-theme'],
    });
  }

  /** @param rangeMs how much of the history */
  show(history: History, rangeMs: number): void {
    const to = history.samples.at(-1)?.at ?? Date.now();
    const from = to - rangeMs;
    const samples = history.samples.filter(({ at }) => at >= from);
    const frame = { times: samples.map(({ at }) => at), from, to };
    const line = (label: string, color: number, pick: Pick): Line => ({
      label,
      color,
      values: samples.map(pick),
    });
    const nodes = history.nodes().slice(0, MAX_NODES);
    this.color(nodes);
    const ofNodes = (key: 'lagMs' | 'cpu' | 'sessions'): Line[] =>
      nodes.map((node) =>
        line(node, this.colors.get(node) ?? 0, ({ nodes }) => nodes.get(node)?.[key] ?? null),
      );
    this.edits.show({
      ...frame,
      lines: [line('Edits', 0, ({ edits }) => edits), line('Commits', 1, ({ commits }) => commits)],
    });
    this.acks.show({
      ...frame,
      lines: [line('Half within', 0, ({ ack50 }) => ack50), line('99 % within', 1, ({ ack99 }) => ack99)],
    });
    this.bytes.show({
      ...frame,
      lines: [line('In', 0, ({ bytesIn }) => bytesIn), line('Out', 1, ({ bytesOut }) => bytesOut)],
    });
    this.lag.show({ ...frame, lines: ofNodes('lagMs') });
    this.cpu.show({ ...frame, lines: ofNodes('cpu') });
    this.clients.show({ ...frame, lines: ofNodes('sessions') });
  }

  /** A node keeps its colour while it is shown, whoever else comes and goes. */
  private color(nodes: readonly string[]): void {
    for (const node of this.colors.keys()) if (!nodes.includes(node)) this.colors.delete(node);
    for (const node of nodes) {
      if (this.colors.has(node)) continue;
      const taken = new Set(this.colors.values());
      let color = 0;
      while (taken.has(color)) color++;
      this.colors.set(node, color);
    }
  }

  private redraw(): void {
    for (const chart of [this.edits, this.acks, this.bytes, this.lag, this.cpu, this.clients]) chart.redraw();
  }
}
