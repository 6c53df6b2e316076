/** Whose protocol the clients speak. */
export type ProtocolName = 'coscribe' | 'y-websocket' | 'hocuspocus' | 'y-socket.io';

/** One server, or one of several that serve the same documents. */
export interface Target {
  /** `http://…` or `https://…`, with a path if the protocol's address has one. */
  readonly url: string;
}

/** How people type. */
export interface TypingPlan {
  /**
   * `keys`: words in bursts with pauses between them and after sentences, mistakes that are taken back, words deleted, pieces
   * pasted; `steady`: one character at even intervals; `trace`: what somebody once typed, at the pace of `charactersPerSecond`.
   */
  readonly model: 'keys' | 'steady' | 'trace';
  /** Of one typist, on average over everything including pauses. */
  readonly charactersPerSecond: number;
  /** Additional rest of each typist between two bursts, in milliseconds on average. */
  readonly thinkMs: number;
  /** Of one typist's text: whoever has more deletes as much as he writes. So documents stay in bounds however long a run is. */
  readonly maxCharacters: number;
  /** For `trace`: file with the recorded session. */
  readonly trace?: string;
}

/** What clients of one document are to be, in one generator process. */
export interface PlannedDocument {
  readonly name: string;
  /** The clients of this document in all processes together have the numbers 0 … `clientsInAll` - 1. */
  readonly clientsInAll: number;
  /** Numbers of those that this process plays. */
  readonly clients: readonly number[];
  /** Clients with numbers below it type, the others read. */
  readonly typists: number;
}

/** What one generator process does: everything that it has to know. Plain data. */
export interface GeneratorPlan {
  readonly protocol: ProtocolName;
  /** Clients are spread over them by turns; one whose connection is lost comes back at the next one. */
  readonly targets: readonly Target[];
  /** Sent as the protocol sends tokens. */
  readonly token?: string;
  readonly seed: number;
  readonly documents: readonly PlannedDocument[];
  readonly typing: TypingPlan;
  /** Clients of this process that come, per second, while everybody arrives. */
  readonly arrivalsPerSecond: number;
  /** Clients of this process that leave each second, each replaced by one that knows nothing. */
  readonly churnPerSecond: number;
  /** How often a client loses its network, on average per minute, and for how long; typists type on meanwhile. */
  readonly offline: { readonly perMinute: number; readonly forMs: number };
  /** Times a second that a client's caret moves, while it is there. */
  readonly presencePerSecond: number;
}
