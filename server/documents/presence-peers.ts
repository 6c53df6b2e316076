/** How long a message may be under way, in milliseconds. After that it is not overtaken: its sender counts anew. */
const LATE_MS = 10_000;
/** So many nodes are remembered, those that are gone among them. */
const MAX_NODES = 64;

interface Peer {
  /** Highest number heard. */
  readonly newest: number;
  /** Up to here everything is known, or no longer of interest, until `until`. */
  readonly floor: number;
  readonly until: number;
  /** Nothing has been heard since the nodes were asked. */
  readonly silent: boolean;
}

/** What has been heard of the other nodes about one document's awareness. */
export class PresencePeers {
  private readonly peers = new Map<string, Peer>();

  /** @param now monotonic, in milliseconds */
  constructor(private readonly now: () => number) {}

  /**
   * Notes a message.
   *
   * @param whole it says all there is to say
   * @returns `false` if it has been overtaken by one that said all
   */
  hear(node: string, number: number, whole: boolean): boolean {
    const known = this.peers.get(node) ?? { newest: 0, floor: 0, until: 0, silent: false };
    if (number > 0 && number <= known.floor && this.now() < known.until) return false;
    const newest = Math.max(known.newest, number);
    if (whole) this.set(node, { newest, floor: number, until: this.now() + LATE_MS, silent: false });
    else this.set(node, { ...known, newest, silent: false });
    return true;
  }

  /** The node is gone: nothing that is heard for the second time counts. */
  gone(node: string): void {
    const known = this.peers.get(node);
    if (known !== undefined) {
      this.set(node, { ...known, floor: known.newest, until: this.now() + LATE_MS, silent: true });
    }
  }

  /** All nodes have been asked to say something. */
  asked(): void {
    for (const [node, peer] of this.peers) this.peers.set(node, { ...peer, silent: true });
  }

  isSilent(node: string): boolean {
    return this.peers.get(node)?.silent ?? true;
  }

  private set(node: string, peer: Peer): void {
    this.peers.set(node, peer);
    if (this.peers.size <= MAX_NODES) return;
    const [oldest] = this.peers.keys();
    if (oldest !== undefined) this.peers.delete(oldest);
  }
}
