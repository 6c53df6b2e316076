import type { ErrorCode } from '../../shared/errors.js';
import type {
  AmountName,
  AnsweredRequest,
  CounterName,
  Counters,
  MeasureName,
  RefusedThing,
} from './counters.js';
import { Histogram } from './histogram.js';
import { AMOUNTS, EVENTS, MEASURES } from './metric-table.js';
import { RequestCounts } from './request-counts.js';

/** How many of each. The object is the same for its whole life, so that adding to it is one instruction. */
type Sums<Name extends string> = Record<Name, number>;

/**
 * Plain numbers, which are added to where something happens and read when somebody asks: nothing is computed, and nothing
 * allocated, for each edit.
 */
export class NodeCounters implements Counters {
  readonly events: Sums<CounterName> = zeros(EVENTS);
  readonly amounts: Sums<AmountName> = zeros(AMOUNTS);
  readonly measures: Readonly<Record<MeasureName, Histogram>> = histograms();
  /** By what was refused, then by code. */
  readonly refusals: Readonly<Record<RefusedThing, Map<ErrorCode, number>>> = {
    connection: new Map(),
    join: new Map(),
    update: new Map(),
    awareness: new Map(),
    request: new Map(),
  };

  readonly requests = new RequestCounts();

  count(name: CounterName, by = 1): void {
    this.events[name] += by;
  }

  add(name: AmountName, by: number): void {
    this.amounts[name] += by;
  }

  observe(name: MeasureName, value: number, times = 1): void {
    this.measures[name].observe(value, times);
  }

  refuse(what: RefusedThing, code: ErrorCode): void {
    const codes = this.refusals[what];
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }

  answered(request: AnsweredRequest): void {
    this.requests.add(request);
  }
}

function zeros<Name extends string>(table: Readonly<Record<Name, unknown>>): Sums<Name> {
  return Object.fromEntries(Object.keys(table).map((name) => [name, 0])) as Sums<Name>;
}

function histograms(): Record<MeasureName, Histogram> {
  return Object.fromEntries(
    Object.entries(MEASURES).map(([name, { bounds }]) => [name, new Histogram(bounds)]),
  ) as Record<MeasureName, Histogram>;
}
