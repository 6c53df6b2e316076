import type { Address } from '../load/wire/websocket-client.js';
import type { MemoryReading } from './os/usage.js';

/** Numbers of the processes whose CPU is told together, by name. */
export type Parts = Readonly<Record<string, readonly number[]>>;

/** What the load is put on: one process, or several nodes with what they share. */
export interface UnderLoad {
  /** Of each node. */
  readonly addresses: readonly Address[];
  /** Whether all nodes run. */
  readonly running: boolean;
  /** CPU time that the nodes have used so far, in milliseconds. @throws Error if one does not run */
  cpuMs(): number;
  /** Of the nodes together. @throws Error if one does not run */
  memory(): MemoryReading;
  /** Everything that works for the clients. @throws Error if a node does not run */
  parts(): Parts;
  /** How it ended, or that it runs, with the end of what it wrote. */
  lastWords(): string;
}
