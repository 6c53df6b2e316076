import type { Postgres } from '../tools/services/postgres.js';
import type { RedisProcess } from '../tools/services/redis.js';

/** The way between clients and a node, if it can be broken. */
export interface NodeLine {
  /** Nothing passes any more, and nobody is told; new connections seem to be made. */
  hold(): void;
  /** Resets every connection, and those that are made from now on. */
  refuse(): void;
  /** What was held back passes, and everything after it. */
  release(): void;
}

/** A node that the tool has started: one process after another, all of them at one address. */
export interface OwnNode {
  /** `node 1` */
  readonly name: string;
  readonly url: string;
  /** `undefined` while it does not run. */
  readonly pid: number | undefined;
  readonly running: boolean;
  /** Starts it, or another one in its place; fulfils when it listens. @throws Error with what it wrote if it does not */
  start(): Promise<void>;
  /** Asks it to end in order (SIGTERM); fulfils when it is gone. */
  stop(): Promise<unknown>;
  /** Ends it as kill -9 does; fulfils when it is gone. */
  kill(): Promise<unknown>;
  /** Halts it where it is (SIGSTOP): its connections stay, and nothing answers. */
  pause(): void;
  /** Lets it go on after `pause`. */
  resume(): void;
  /** The way that `url` leads over, if it can be broken: `openLines`. */
  readonly line?: NodeLine;
}

/** What the tool has started for a run, and may break. */
export interface OwnServers {
  readonly nodes: readonly OwnNode[];
  /** `undefined`: there is none, or it is somebody else's. */
  readonly redis: RedisProcess | undefined;
  readonly postgres: Postgres | undefined;
}

/** A node whose metrics and process are looked at. */
export interface WatchedNode {
  /** `node 1`, or the host of a server that was there already. */
  readonly name: string;
  readonly url: string;
  /** Its process, if the tool has started it and it runs now. */
  pid(): number | undefined;
}
