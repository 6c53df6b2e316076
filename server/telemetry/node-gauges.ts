import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Registry } from 'prom-client';
import type { NodeSources, Observed } from './node-sources.js';
import { addGauge, type FamilyRow, type ReadValues, single } from './prom-families.js';

const MS_PER_SECOND = 1_000;

/** What a gauge is called, and how it is read. */
interface GaugeRow extends FamilyRow {
  read(observed: Observed, sources: NodeSources): ReturnType<ReadValues>;
}

const GAUGES: readonly GaugeRow[] = [
  {
    name: 'coscribe_documents_open',
    help: 'Documents in memory.',
    read: ({ census }) => single(census.documents),
  },
  {
    name: 'coscribe_sessions',
    help: 'Clients that are in documents, by the protocol that they speak; those of `events` only follow.',
    labelNames: ['protocol'],
    read: ({ census }) => Object.entries(census.sessions).map(([protocol, count]) => [{ protocol }, count]),
  },
  {
    name: 'coscribe_sessions_behind',
    help: 'Sessions that miss updates at the moment because too much waits for them.',
    read: ({ census }) => single(census.behind),
  },
  {
    name: 'coscribe_edits_waiting',
    help: 'Updates that wait to be saved.',
    read: ({ census }) => single(census.waitingEdits),
  },
  {
    name: 'coscribe_edits_waiting_bytes',
    help: 'Size of the updates that wait to be saved.',
    read: ({ census }) => single(census.waitingBytes),
  },
  {
    name: 'coscribe_connections',
    help: 'Connections of clients. One of Socket.IO may be in many documents.',
    labelNames: ['protocol', 'transport'],
    read: ({ connections }) =>
      connections.map(({ protocol, transport, count }) => [{ protocol, transport }, count]),
  },
  {
    name: 'coscribe_outgoing_queue_bytes',
    help: 'What waits to be taken by the network, of all connections.',
    read: ({ connections }) => single(connections.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0)),
  },
  {
    name: 'coscribe_store_saving',
    help: '1 while the store can save, else 0.',
    read: (_observed, { saving }) => single(Number(saving())),
  },
  {
    name: 'coscribe_draining',
    help: '1 while the node sends its clients away, as it has been told to stop or to drain; else 0.',
    read: (_observed, { draining }) => single(Number(draining())),
  },
  {
    name: 'coscribe_event_loop_lag_seconds',
    help: 'By how much the event loop is late, of late: what COSCRIBE_MAX_LAG_MS limits.',
    read: (_observed, { lagMs }) => single(lagMs() / MS_PER_SECOND),
  },
  {
    name: 'coscribe_worker_jobs_waiting',
    help: 'Jobs that wait for a thread.',
    labelNames: ['worker'],
    read: (_observed, { jobsWaiting }) =>
      Object.entries(jobsWaiting()).map(([worker, count]) => [{ worker }, count]),
  },
  {
    name: 'coscribe_heap_limit_bytes',
    help: 'What the JavaScript heap may grow to; beyond it the process ends. Compare nodejs_heap_size_used_bytes.',
    read: () => single(getHeapStatistics().heap_size_limit),
  },
  {
    name: 'coscribe_memory_limit_bytes',
    help: 'What the process may take: the limit of its container, or what the machine has. Compare process_resident_memory_bytes.',
    read: () => single(memoryLimit()),
  },
];

/** Which node this is. */
export interface NodeNames {
  readonly version: string;
  /** Its name among the others, new at every start. */
  readonly node: string;
}

/** Adds what is looked up when somebody asks. @param observe is called once for each gauge */
export function addNodeGauges(
  registry: Registry,
  { version, node }: NodeNames,
  sources: NodeSources,
  observe: () => Observed,
): void {
  addGauge(
    registry,
    {
      name: 'coscribe_build_info',
      help: 'Always 1; the labels say which node this is, and of which version. Without COSCRIBE_NODE_NAME its name is a new one at every start.',
      labelNames: ['version', 'node'],
    },
    () => [[{ version, node }, 1]],
  );
  for (const row of GAUGES) addGauge(registry, row, () => row.read(observe(), sources));
  const { busConnected, storeFolder, webhooksWaiting } = sources;
  if (busConnected() !== undefined)
    addGauge(
      registry,
      { name: 'coscribe_bus_connected', help: '1 while other nodes can be reached over Redis, else 0.' },
      () => single(Number(busConnected())),
    );
  if (storeFolder !== undefined)
    addGauge(
      registry,
      {
        name: 'coscribe_store_free_bytes',
        help: 'What is left on the disk of the embedded store.',
      },
      async () => {
        try {
          const { bavail, bsize } = await statfs(storeFolder);
          return single(bavail * bsize);
        } catch {
          // A folder that is gone shows in the store's own figures; it must not take all others with it.
          return [];
        }
      },
    );
  if (webhooksWaiting !== undefined)
    addGauge(
      registry,
      {
        name: 'coscribe_webhook_documents_waiting',
        help: 'Documents of which webhooks have yet to be told something, as far as this node knows.',
      },
      () => single(webhooksWaiting()),
    );
}

function memoryLimit(): number {
  const machine = totalmem();
  const container = process.constrainedMemory() ?? 0;
  return container > 0 ? Math.min(container, machine) : machine;
}
