import type { OpenRequest, Protocol } from '../../../load/wire/protocol.js';
import { cpuBetween, readCpu } from '../../os/usage.js';
import type { ServerProcess } from '../../server-process.js';
import { median } from '../waiting.js';
import type { Completion } from './completion.js';
import { untilComplete, Watcher } from './watcher.js';

const TIMEOUT_MS = 30_000;

export interface ReturningOptions {
  readonly protocol: Protocol;
  readonly process: ServerProcess;
  readonly document: string;
  readonly known: NonNullable<OpenRequest['known']>;
  /** Tells when such a copy has the text. */
  readonly completion: Completion;
  /** clientIDs from here on are used, one for each return. */
  readonly firstClientId: number;
  readonly times: number;
}

/** Medians of several returns. */
export interface Returns {
  /** From the beginning of the connection to the whole text, in milliseconds. */
  readonly ms: number;
  readonly longestMs: number;
  /** From the network, and in how many updates. */
  readonly bytes: number;
  readonly updates: number;
  /** Of the server, all its threads, for one return, in milliseconds; and the most. */
  readonly cpuMs: number;
  readonly mostCpuMs: number;
}

/** The same client comes back, one return after the other, always with the same old copy. @throws Error if it gets less than the text */
export async function measureReturns(options: ReturningOptions): Promise<Returns> {
  const { protocol, process: server, document, known, completion, firstClientId, times } = options;
  const ms: number[] = [];
  const cpuMs: number[] = [];
  let last = { bytes: 0, updates: 0 };
  for (let time = 0; time < times; time++) {
    const before = readCpu(server.pid);
    const request = { document, clientId: firstClientId + time, known };
    const watcher = new Watcher(protocol, server.address, request);
    try {
      const [opened] = (await untilComplete([watcher], completion, TIMEOUT_MS)).opened;
      if (opened === undefined) throw new Error('nobody came back');
      cpuMs.push(cpuBetween(before, readCpu(server.pid)) / 1e6);
      ms.push(opened.ms);
      last = opened;
    } finally {
      watcher.client.close();
    }
  }
  return {
    ms: median(ms) ?? 0,
    longestMs: Math.max(...ms),
    bytes: last.bytes,
    updates: last.updates,
    cpuMs: median(cpuMs) ?? 0,
    mostCpuMs: Math.max(...cpuMs),
  };
}
