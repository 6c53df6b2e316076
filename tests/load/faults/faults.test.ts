import { expect, test } from '@jest/globals';
import { startFaults, unavailable } from '../../../load/faults/faults.js';
import type { FaultKind, FaultRate, FaultRecord } from '../../../load/result.js';
import type { OwnNode, OwnServers } from '../../../load/servers.js';
import { ManualClock, settle } from '../../support/manual-clock.js';

/** A node that does what it is told at once, and notes it. */
class PaperNode implements OwnNode {
  readonly url = 'http://127.0.0.1:1';
  readonly pid = undefined;
  running = true;
  /** How often it still refuses to start. */
  stubborn = 0;

  constructor(
    readonly name: string,
    private readonly deeds: string[],
  ) {}

  async start(): Promise<void> {
    if (this.stubborn-- > 0) throw new Error('its port is taken');
    this.deeds.push(`${this.name} starts`);
    this.running = true;
  }
  async stop(): Promise<void> {
    this.end('stops');
  }
  async kill(): Promise<void> {
    this.end('is killed');
  }
  pause(): void {
    this.deeds.push(`${this.name} halts`);
  }
  resume(): void {
    this.deeds.push(`${this.name} goes on`);
  }

  private end(how: string): void {
    this.deeds.push(`${this.name} ${how}`);
    this.running = false;
  }
}

function scene(...rates: FaultRate[]) {
  const clock = new ManualClock();
  const deeds: string[] = [];
  const nodes = [new PaperNode('node 1', deeds), new PaperNode('node 2', deeds)];
  const told: (readonly FaultRecord[])[] = [];
  const servers: OwnServers = { nodes, redis: undefined, postgres: undefined };
  const begin = () =>
    startFaults({
      rates,
      servers,
      seed: 3,
      clock,
      at: () => clock.monotonic() / 1000,
      onFault: (records) => told.push(records),
    });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      clock.advance(100);
      await settle();
    }
  };
  return { clock, deeds, nodes, told, servers, begin, pass };
}

const KILL: FaultRate = { kind: 'kill', perMinute: 6 };

test('[LOADREP21] faults come one at a time, are told when they begin and end, and leave everything running', async () => {
  const { deeds, told, nodes, begin, pass } = scene(
    { kind: 'stop', perMinute: 60 },
    { kind: 'kill', perMinute: 60 },
  );
  const faults = begin();
  await pass(30_000);
  await faults.stop();
  expect(faults.records.length).toBeGreaterThan(5);
  expect(new Set(faults.records.map(({ kind }) => kind))).toEqual(new Set(['stop', 'kill']));
  expect(new Set(faults.records.map(({ what }) => what))).toEqual(new Set(['node 1', 'node 2']));
  let free = 0;
  for (const { at, until = 0 } of faults.records) {
    expect(at).toBeGreaterThanOrEqual(free);
    expect(until).toBeGreaterThan(at);
    free = until + 1;
  }
  expect(told).toHaveLength(2 * faults.records.length);
  expect(told[0]).toEqual([{ ...faults.records[0], until: undefined }]);
  expect(nodes.every(({ running }) => running)).toBe(true);
  // Whatever ends starts again before the next one ends.
  expect(deeds.every((deed, index) => deed.endsWith('starts') === (index % 2 === 1))).toBe(true);
});

test('[LOADREP21] nodes are hit where people are: never the same one twice running, if there is another one', async () => {
  const { begin, pass } = scene(KILL, { kind: 'stop', perMinute: 6 });
  const faults = begin();
  await pass(60_000);
  await faults.stop();
  const hit = faults.records.map(({ what }) => what);
  expect(hit.length).toBeGreaterThan(5);
  expect(hit.filter((what, index) => what === hit[index - 1])).toEqual([]);
});

test('[LOADREP21] stopping ends a fault that is under way, and nothing happens afterwards', async () => {
  const { deeds, nodes, begin, pass, clock } = scene(KILL);
  const faults = begin();
  while (nodes.every(({ running }) => running)) await pass(100);
  await faults.stop();
  expect(nodes.every(({ running }) => running)).toBe(true);
  expect(faults.records).toHaveLength(1);
  expect(faults.records[0]?.until).toBeDefined();
  const before = [...deeds];
  await pass(60_000);
  expect(deeds).toEqual(before);
  expect(clock.pending).toBe(0);
});

test('[LOADREP21] what does not come back is tried again; what never does is said, and hit no more', async () => {
  const { nodes, begin, pass } = scene(KILL);
  for (const node of nodes) node.stubborn = 2;
  const patient = begin();
  await pass(30_000);
  await patient.stop();
  expect(patient.records.every(({ until }) => until !== undefined)).toBe(true);

  const broken = scene(KILL);
  for (const node of broken.nodes) node.stubborn = 1_000;
  const faults = broken.begin();
  await broken.pass(120_000);
  await expect(faults.stop()).rejects.toThrow(/^node [12] did not come back: its port is taken$/);
  expect(faults.records).toHaveLength(2);
  expect(faults.records.every(({ until }) => until === undefined)).toBe(true);
});

test('[LOADREP21] who does not end when asked to is killed', async () => {
  const { nodes, begin, pass, deeds } = scene({ kind: 'stop', perMinute: 6 });
  for (const node of nodes) {
    node.stop = () =>
      new Promise((resolve) => {
        const { kill } = PaperNode.prototype;
        node.kill = () => kill.call(node).then(resolve);
      });
  }
  const faults = begin();
  await pass(60_000);
  expect(deeds.slice(0, 2)).toEqual([
    expect.stringContaining('is killed'),
    expect.stringContaining('starts'),
  ]);
  const stopping = faults.stop();
  await pass(31_000);
  await stopping;
  expect(nodes.every(({ running }) => running)).toBe(true);
});

test('[LOADREP24] a node that has no line of its own to cut halts for a while', async () => {
  const { nodes, deeds, begin, pass } = scene({ kind: 'cut', perMinute: 6 });
  const faults = begin();
  await pass(30_000);
  await faults.stop();
  expect(deeds.length).toBeGreaterThan(1);
  expect(deeds.map((deed) => deed.slice('node 1 '.length))).toEqual(
    deeds.map((_, index) => (index % 2 === 0 ? 'halts' : 'goes on')),
  );
  expect(nodes.every(({ running }) => running)).toBe(true);
});

const NOWHERE: OwnServers = { nodes: [], redis: undefined, postgres: undefined };
const ALONE: OwnServers = { ...NOWHERE, nodes: [new PaperNode('node 1', [])] };

test.each<[FaultKind, OwnServers | undefined, RegExp | undefined]>([
  ['kill', undefined, /only what this command has started.*--nodes/],
  ['cut', NOWHERE, /only what this command has started/],
  ['redis', ALONE, /needs a Redis.*--nodes 2/],
  ['store', ALONE, /needs a PostgreSQL.*--nodes 2/],
  ['stop', ALONE, undefined],
])(
  "[LOADREP23] what can't be broken is said in a sentence with what to do: %s",
  (kind, servers, sentence) => {
    const said = unavailable(kind, servers);
    if (sentence === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(sentence);
  },
);
