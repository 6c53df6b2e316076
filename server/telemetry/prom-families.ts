import { Counter, Gauge, type Registry } from 'prom-client';

/** A value, with the labels that tell it from others of the same name. */
export type Labelled = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Reads what is to be shown now. */
export type ReadValues = () => readonly Labelled[] | Promise<readonly Labelled[]>;

/** What is shown under a name, and with which labels. */
export interface FamilyRow {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

/** Adds a counter whose values are kept elsewhere, and looked up when somebody asks. */
export function addCounter(
  registry: Registry,
  { name, help, labelNames = [] }: FamilyRow,
  read: ReadValues,
): void {
  const counter: Counter = new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const values = await read();
      counter.reset();
      for (const [labels, value] of values) counter.inc(labels, value);
    },
  });
}

/** Adds a gauge, as `addCounter`. */
export function addGauge(
  registry: Registry,
  { name, help, labelNames = [] }: FamilyRow,
  read: ReadValues,
): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const values = await read();
      gauge.reset();
      for (const [labels, value] of values) gauge.set(labels, value);
    },
  });
}

/** A value without labels. */
export function single(value: number): readonly Labelled[] {
  return [[{}, value]];
}

/** Rows of a table by the name under which they are shown, with their keys. */
export function familiesOf<Key extends string, Row extends { readonly name: string }>(
  table: Readonly<Record<Key, Row>>,
): [Row, Key[]][] {
  const found = new Map<string, [Row, Key[]]>();
  for (const [key, row] of Object.entries(table) as [Key, Row][]) {
    const family = found.get(row.name) ?? [row, []];
    found.set(row.name, family);
    family[1].push(key);
  }
  return [...found.values()];
}
