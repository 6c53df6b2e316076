import type { Channel, ChannelEvents } from '../../client/channel.js';
import { CoscribeError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { readWireError } from '../../shared/protocol.js';
import type { ClientLine } from './client-line.js';
import type { Accepted } from './door.js';
import type { Ledger } from './ledger.js';
import { delivered } from './messages.js';
import { ServerSocket } from './server-socket.js';
import type { Wire } from './wire.js';

/** An attempt of a channel; what belongs to an earlier one is ignored. */
interface Attempt {
  readonly wire: Wire;
  /** The server's end, once the server has accepted. */
  socket: ServerSocket | undefined;
  /** Whether the client knows that. */
  open: boolean;
  /** The client has left before the server has accepted. */
  left: boolean;
}

/** How many who are let in take a while until they join, and how long that is, in milliseconds. */
const DAWDLES = 0.2;
const DAWDLES_FOR = [500, 10_000] as const;

/** One document's line, over whichever wire its client has at the moment. */
export class SimulatedChannel implements Channel {
  #attempt: Attempt | undefined;

  constructor(
    private readonly line: ClientLine,
    private readonly document: DocumentId,
    private readonly events: ChannelEvents,
  ) {}

  get #ledger(): Ledger {
    return this.line.world.ledger(this.document);
  }

  uses(wire: Wire): boolean {
    return this.#attempt?.wire === wire;
  }

  reachable(): void {
    this.events.reachable();
  }

  open(token?: string): void {
    if (this.#attempt !== undefined) return;
    const { line } = this;
    const fresh = line.wire === undefined;
    const wire = line.openWire();
    const attempt: Attempt = { wire, socket: undefined, open: false, left: false };
    this.#attempt = attempt;
    wire.onClientNotices.push(() => this.#closed(attempt));
    wire.carry('up', () => {
      const end = {
        event: (name: string, args: unknown[]) => this.#received(attempt, name, args),
        disconnected: () => this.#closed(attempt),
      };
      const answer = (accepted: Accepted): void => this.#answered(attempt, accepted, fresh);
      if (wire.node === undefined) answer('unreachable');
      else wire.node.accept({ id: this.document, wire, token, isWanted: () => !attempt.left }, end, answer);
    });
  }

  /** What becomes of an attempt, at the server. */
  #answered(attempt: Attempt, accepted: Accepted, fresh: boolean): void {
    const { wire } = attempt;
    if (accepted === 'unreachable') {
      const clientNoticesAfter = this.line.world.profile.latency;
      wire.cut({ clientNoticesAfter, serverNoticesAfter: 0, upArrives: false, downArrives: false });
      return;
    }
    if (accepted instanceof ServerSocket) attempt.socket = accepted;
    this.#dawdle(wire);
    wire.carry('down', () => {
      if (this.#attempt !== attempt || this.line.dead) return;
      if (accepted instanceof CoscribeError) this.#refused(attempt, accepted);
      else this.#opened(attempt, fresh);
    });
  }

  /** Much may change between the door and the join. */
  #dawdle(wire: Wire): void {
    const { world } = this.line;
    if (world.directory !== undefined && world.loses('stall', DAWDLES))
      wire.stall(world.dice.spread(...DAWDLES_FOR));
  }

  close(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    attempt.wire.carry('up', () => {
      attempt.left = true;
      attempt.socket?.left();
    });
    this.line.closeIfUnused(attempt.wire);
  }

  destroy(): void {
    this.close();
    this.line.destroyed(this);
  }

  join(...[request, answer]: Parameters<Channel['join']>): void {
    this.#send('join', [request], answer);
  }

  update(...[update, kind, answer]: Parameters<Channel['update']>): void {
    this.#send('update', [update, kind], answer);
  }

  awareness(update: Uint8Array): void {
    this.#send('awareness', [update]);
  }

  token(...[token, answer]: Parameters<Channel['token']>): void {
    this.#send('token', [token], answer);
  }

  diverged(seq: number, hash: string): void {
    this.line.world.fail(new Error(`a client shows something else than ${this.document} at ${seq}: ${hash}`));
  }

  #opened(attempt: Attempt, fresh: boolean): void {
    attempt.open = true;
    if (fresh) this.line.announce(this);
    this.events.opened();
  }

  #refused({ wire }: Attempt, error: CoscribeError): void {
    this.#attempt = undefined;
    if (error.code === 'shutting-down') this.line.leave(wire);
    else this.line.closeIfUnused(wire);
    this.events.refused(readWireError(delivered(error.toWire())));
  }

  #closed(attempt: Attempt): void {
    if (this.#attempt !== attempt || this.line.dead) return;
    this.#attempt = undefined;
    this.line.world.trace.note(`${this.document}: a client notices that it is disconnected`);
    this.events.closed();
  }

  #received(attempt: Attempt, name: string, args: unknown[]): void {
    if (this.#attempt !== attempt || this.line.dead) return;
    switch (name) {
      case 'updates':
        this.#receivedUpdates(args[0]);
        break;
      case 'awareness':
        this.events.awareness(args[0]);
        break;
      case 'resync':
        this.events.resync(readWireError(args[0]));
        break;
      case 'access':
        this.events.access(args[0]);
        break;
      case 'renew':
        this.events.renew();
        break;
      case 'saving':
        this.events.saving(args[0] !== false);
        break;
      case 'refused':
        this.line.world.fail(new Error(`an honest message was refused: ${JSON.stringify(args[0])}`));
        break;
      case 'check':
        this.events.check(args[0], args[1]);
        break;
      case 'move':
        this.line.leave(attempt.wire);
        this.events.move(Number(args[0]));
        break;
      case 'bye':
        this.line.leave(attempt.wire);
        this.events.bye(readWireError(args[0]), Number(args[1]));
        break;
      default:
        throw new Error(`the server sent ${name}`);
    }
  }

  /** Of frames some are lost and some come twice, so that the provider has to notice. */
  #receivedUpdates(frame: unknown): void {
    const { world } = this.line;
    if (world.loses('lost-frame', 0.05)) return;
    this.events.updates(frame);
    if (world.loses('lost-frame', 0.02)) this.events.updates(delivered(frame));
  }

  #send(name: string, args: unknown[], answer?: (reply: unknown) => void): void {
    const attempt = this.#attempt;
    if (attempt === undefined || !attempt.open) return;
    const message = args.map(delivered);
    const reply =
      answer &&
      ((value: unknown) => {
        if (this.#attempt !== attempt || this.line.dead) return;
        if (name === 'update' && isOk(value)) this.#ledger.acknowledged(message[0] as Uint8Array);
        answer(value);
      });
    attempt.wire.carry('up', () => attempt.socket?.receive(name, message, reply));
  }
}

function isOk(reply: unknown): boolean {
  return (reply as { readonly ok?: unknown }).ok === true;
}
