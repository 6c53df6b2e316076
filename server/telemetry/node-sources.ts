/** Over which protocol a session or a connection comes. A connection of Socket.IO may carry two of them. */
export type ConnectionProtocol = 'socket.io' | 'y-websocket' | 'hocuspocus' | 'events';
export type ConnectionTransport = 'websocket' | 'polling' | 'http';

/** Connections of one kind. */
export interface ConnectionGroup {
  readonly protocol: ConnectionProtocol;
  readonly transport: ConnectionTransport;
  readonly count: number;
  /** What waits to be taken by the network, in bytes. */
  readonly queuedBytes: number;
}

/** What there is in the documents of a node at this moment. */
export interface Census {
  readonly documents: number;
  /** By protocol; those with which the application edits are not counted. */
  readonly sessions: Readonly<
    Record<'coscribe' | 'y-socket.io' | 'y-websocket' | 'hocuspocus' | 'events', number>
  >;
  /** Those that miss updates, as too much waits for them. */
  readonly behind: number;
  /** Updates that wait for a commit, and their bytes. */
  readonly waitingEdits: number;
  readonly waitingBytes: number;
}

/** What is not counted but looked up when somebody asks. */
export interface NodeSources {
  census(): Census;
  /** Whether the store can save. */
  saving(): boolean;
  /** Whether it has been told to stop. */
  draining(): boolean;
  /** Whether other nodes can be reached; `undefined` if there are none. */
  busConnected(): boolean | undefined;
  /** By how much the event loop is late, in milliseconds. */
  lagMs(): number;
  /** Jobs that wait for a thread, by its name. */
  jobsWaiting(): Readonly<Record<string, number>>;
  /** Folder of the embedded store. Not given if there is none. */
  readonly storeFolder?: string;
  /** Documents that wait to be told to webhooks. Not given if there are none. */
  webhooksWaiting?(): number;
}

/** What is looked at once for everything that is told of it. */
export interface Observed {
  readonly census: Census;
  readonly connections: readonly ConnectionGroup[];
}

/** A way into the node, with the connections that came by it. */
export type WayIn = () => Iterable<ConnectionGroup>;

/** Where ways in are made known. `prom-metrics.ts` is the implementation that runs. */
export interface WaysIn {
  /** From now on connections that came by this way are counted, too. */
  watchWay(way: WayIn): void;
}

/** Bytes that have gone over the network since the start. */
export interface NetworkTraffic {
  readonly received: number;
  readonly sent: number;
}
